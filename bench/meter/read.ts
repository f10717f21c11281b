import type { Server } from '../servers/server.ts'
import { metersBetween, type Meters } from './meters.ts'

/** Of a server of the kind `metered`. Reading touches no hub. */
export async function readMeters({ origin }: Server): Promise<Meters> {
  const response = await fetch(`${origin}/api/__meters`)
  return (await response.json()) as Meters
}

/** What a piece of work put on the bill. */
export async function metersOf(server: Server, work: () => Promise<unknown>): Promise<Meters> {
  const before = await readMeters(server)
  await work()
  return metersBetween(before, await readMeters(server))
}
