// Does each thing of the day to a shop whose hubs sleep, and reads the meters.
import { setTimeout as wait } from 'node:timers/promises'
import { startLoad } from '../load/load.ts'
import { metersOf } from '../meter/read.ts'
import { namesOf, Shop } from '../shop.ts'
import { startServer, type Server } from '../servers/server.ts'
import { unitsOf, type Line } from './bill.ts'
import { acks, ENTRIES, HAPPENINGS, HEARTBEATS, PEOPLE, type Scene } from './day.ts'
import { MESSAGES_A_REQUEST } from './prices.ts'

/** Every call of D1 takes so long: a database on the same continent. Local ones answer in one. */
export const D1_MS = 30

/** What an entry takes on the disk, as `npm run bench -- --only growth` measures it. */
const HUB_BYTES_AN_ENTRY = 850
const D1_BYTES_AN_ENTRY = 1_100
const ARCHIVE_DAYS = 90
/** A hub keeps at least so many (ST4). */
const HUB_KEEPS = 1_000
const GB = 1_000_000_000

export interface Played {
  /** How many people there are to do it to: thirty, or fewer where only the machinery is looked at. */
  people: number
  /** Hubs sleep after ten seconds. */
  asleepMs: number
  /** What follows an event by itself: alarms, nudges. */
  settleMs: number
}

export async function measureDay(
  { people, asleepMs, settleMs }: Played,
  tell: (line: string) => void,
): Promise<Line[]> {
  // Reports of counters go once a minute, and would hide between events that come so fast. In a day few follow each other within
  // a minute: so each carries its own here, and never more than one.
  const server = await startServer('metered', false, { STATS_INTERVAL_S: '1' })
  const load = startLoad()
  try {
    const scene = await sceneOf(server, load, people)
    const lines: Line[] = []
    for (const { what, aDay, prepare, play } of HAPPENINGS) {
      tell(what)
      scene.turn += 1
      await prepare?.(scene)
      // A phone acknowledges what it was sent; so whatever goes to D1 next takes a report along, as it does in life.
      await load.do('say', { frames: acks(people) })
      await scene.shop.setD1({ delay_ms: D1_MS })
      await scene.shop.headers()
      await wait(asleepMs)
      let several = 0
      scene.turn += 1
      const meters = await metersOf(server, async () => {
        several = await play(scene)
        await wait(settleMs)
      })
      await scene.shop.setD1({})
      lines.push({ what, aDay, how: 'measured', units: unitsOf(meters, several) })
    }
    return [...lines, ...modelled()]
  } finally {
    await load.stop()
    await server.stop()
  }
}

/** Everybody's phone is on their own stream; whoever opens the app for the first time has something in it. */
async function sceneOf(server: Server, load: Scene['load'], count: number): Promise<Scene> {
  const shop = new Shop(server)
  const location = 'cost'
  const people = namesOf(location, count)
  await shop.open(location, people)
  const asks = await Promise.all(people.map((user_id) => shop.send({ user_id })))
  await load.do('ask', { asks, count: asks.length, inFlight: 4 })
  await load.do('open', { plans: await shop.sockets(people, 1), atOnce: 4 })
  return { shop, load, location, people, turn: 0 }
}

/** What no meter sees. */
function modelled(): Line[] {
  const keptByHubs = (PEOPLE + 1) * HUB_KEEPS * HUB_BYTES_AN_ENTRY
  const keptByD1 = ENTRIES * ARCHIVE_DAYS * D1_BYTES_AN_ENTRY
  return [
    {
      what: 'a heartbeat (whether one that the runtime answers is billed is not published; here it is)',
      aDay: HEARTBEATS,
      how: 'modelled',
      units: { 'hub requests': 1 / MESSAGES_A_REQUEST },
    },
    {
      what: 'what is kept, when the shop is old',
      aDay: 1,
      how: 'modelled',
      units: { 'hub GB-months': keptByHubs / GB / 30, 'D1 GB-months': keptByD1 / GB / 30 },
    },
  ]
}
