// When the trouble is over: fair weather for all, then the judge is asked until there is nothing left to say, or no patience.
import { check } from './check.ts'
import type { Ending, HistoryEvent, Holding, Violation } from './history.ts'
import type { UnderWay } from './perform.ts'
import { wait } from './recorder.ts'
import { PEOPLE } from './schedule.ts'
import type { FaultServer } from './server.ts'
import { heldIn, takeSnapshot } from './snapshot.ts'
import type { World } from './world.ts'

/** When nothing else moves, time does and people look at their phones: hubs try again what failed (AR8). */
const NUDGE_AFTER_MS = [5_000, 20_000, 45_000]
const NUDGE_MS = 61_000

export interface Judgement {
  violations: Violation[]
  /** What did not come to an end. */
  stuck: string[]
}

export interface Settling {
  server: FaultServer
  world: World
  events: readonly HistoryEvent[]
  underWay: UnderWay
}

export async function settle(settling: Settling, patienceMs: number): Promise<Judgement> {
  const { server, world } = settling
  // What is half open stays so, until a ping finds it.
  for (const proxy of world.proxies) proxy.setWeather()
  for (const app of world.apps) app.lookAt()
  const healedAt = Date.now()
  const nudges = [...NUDGE_AFTER_MS]
  for (;;) {
    const elapsedMs = Date.now() - healedAt
    const isLast = elapsedMs > patienceMs
    const stuck = stuckIn(settling)
    // To ask for everything while something is on its way would only slow it down.
    const state = stuck.length > 0 && !isLast ? { violations: [], stuck } : await judge(settling)
    if (isLast || state.stuck.length + state.violations.length === 0) return state
    if (elapsedMs > (nudges[0] ?? Infinity)) {
      nudges.shift()
      // Requests over half-open connections are given up by timeouts that only cost time here.
      for (const proxy of world.proxies) proxy.reset()
      await server.moveClock(NUDGE_MS)
      for (const app of world.apps) if (!app.isSettled) app.lookAt()
    }
    await wait(400)
  }
}

function stuckIn({ world, underWay }: Settling): string[] {
  const stuck = [...underWay.names(), ...underWay.failures]
  // Who is no member of a shop has no socket there, and nothing to hold.
  const own = world.devices.filter(({ stream }) => stream.startsWith('user:'))
  const unsettled = [...own, ...world.apps].filter(({ isSettled }) => !isSettled)
  stuck.push(...unsettled.map(({ name }) => `${name} is not settled`))
  return stuck
}

async function judge(settling: Settling): Promise<Judgement> {
  const { world, events } = settling
  const stuck = stuckIn(settling)
  const ending = await endingOf(world)
  if (ending === null) return { violations: [], stuck: [...stuck, 'D1 has no list'] }
  return { violations: check(events, ending), stuck }
}

async function endingOf(world: World): Promise<Ending | null> {
  try {
    const apps = await Promise.all(world.apps.map((app) => app.ending()))
    const archives = await Promise.all(
      PEOPLE.map(async (person): Promise<Holding> => {
        const snapshot = await takeSnapshot(world.direct, world.tokenOf(person))
        const { unread } = snapshot
        return { user: world.idOf(person), entries: heldIn(snapshot), unread }
      }),
    )
    return { devices: [...world.devices.map((device) => device.ending()), ...apps], archives }
  } catch {
    return null
  }
}
