// The floor's side of a comparison.
import type { Ask } from './load/requests.ts'
import type { SocketPlan } from './load/swarm.ts'
import type { Server } from './servers/server.ts'
import { NOTICE } from './shop.ts'

export const floorSend = ({ origin }: Server, kind: 'bare' | 'archived', name: string): Ask => ({
  method: 'POST',
  url: `${origin}/api/${kind}/${name}`,
  body: JSON.stringify(NOTICE),
})

export function floorSockets({ origin }: Server, name: string, count: number): SocketPlan[] {
  const url = `${origin.replace('http', 'ws')}/api/bare/${name}`
  return Array.from({ length: count }, () => ({ url, welcomes: false }))
}
