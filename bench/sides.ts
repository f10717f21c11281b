// A hub with sockets and what is sent to it: ours or the floor's. Rows about fan-out compare two of these.
import { floorSend, floorSockets } from './floor-shop.ts'
import type { Load } from './load/load.ts'
import type { Ask, Asked } from './load/requests.ts'
import type { Delivered, SocketPlan } from './load/swarm.ts'
import { assertCount, type Bench } from './row.ts'
import type { Server } from './servers/server.ts'
import { namesOf, Shop } from './shop.ts'

/** A person may have so many sockets on a hub (WS7), so these are the fewest people for so many sockets. */
const SOCKETS_EACH = 5
const CONNECTS_AT_ONCE = 50
const PATIENCE_MS = 60_000

export interface Side {
  server: Server
  /** Sockets are in one process and sends come from another. */
  listeners: Load
  sender: Load
  sockets: number
  plans: SocketPlan[]
  ask(): Promise<Ask>
  /** Idempotency keys begin with it; the floor has none. */
  keys: string | null
}

export async function floorSide(bench: Bench, name: string, sockets: number): Promise<Side> {
  const server = await bench.server('floor')
  const plans = floorSockets(server, name, sockets)
  const ask = async () => floorSend(server, 'bare', name)
  const loads = { listeners: bench.load(), sender: bench.load() }
  return opened({ server, ...loads, sockets, plans, ask, keys: null })
}

/** A location of our own, with its people. */
export async function ourSide(
  bench: Bench,
  name: string,
  sockets: number,
  kind: 'ours' | 'uncoalesced' | 'metered' = 'ours',
): Promise<Side & { shop: Shop }> {
  const server = await bench.server(kind)
  const shop = new Shop(server)
  const people = namesOf(name, Math.ceil(sockets / SOCKETS_EACH))
  await shop.open(name, people)
  const plans = (await shop.sockets(people, SOCKETS_EACH, name)).slice(0, sockets)
  const ask = () => shop.send({ location_id: name })
  const loads = { listeners: bench.load(), sender: bench.load() }
  const side = await opened({ server, ...loads, sockets, plans, ask, keys: name })
  return { ...side, shop }
}

async function opened(side: Side): Promise<Side> {
  await side.listeners.do('open', { plans: side.plans, atOnce: CONNECTS_AT_ONCE })
  return side
}

let sent = 0

/** Sends so many, and waits until every socket has heard each of them once; `goOn` adds to what was timed before. */
export async function sendAll(
  side: Side,
  { goOn = false, ...how }: { count: number; inFlight: number; everyMs?: number; goOn?: boolean },
): Promise<{ asked: Asked; delivered: Delivered }> {
  await side.listeners.do('reset', { each: how.count, goOn })
  const whole = side.listeners.do('whole', { timeoutMs: PATIENCE_MS })
  const asks = [await side.ask()]
  const keys = side.keys === null ? {} : { keys: `${side.keys}-${++sent}` }
  const asked = await side.sender.do('ask', { ...how, asks, ...keys })
  const delivered = await whole
  const { kind } = side.server
  assertAccepted(asked, how.count)
  assertCount(`sockets of ${kind} that missed an entry or heard one twice`, delivered.wrong, 0)
  return { asked, delivered }
}

/** As clients do once a second, here between what is timed (WS12). The floor asks for nothing of the kind. */
export async function acknowledge(side: Side): Promise<void> {
  if (side.keys !== null) await side.listeners.do('acknowledge')
}

/** Each send is heard by everybody, and answered, before the next one. */
export async function sendOneByOne(side: Side, count: number): Promise<Delivered> {
  let delivered: Delivered | null = null
  for (let n = 0; n < count; n += 1) {
    delivered = (await sendAll(side, { count: 1, inFlight: 1, goOn: n > 0 })).delivered
  }
  await acknowledge(side)
  if (delivered === null) throw new Error('nothing was sent')
  assertCount(`entries heard from ${side.server.kind}`, delivered.entries, count * side.sockets)
  return delivered
}

/** So many in flight at a time; deliveries per second are from the first send to the last entry heard. */
export async function sendTogether(
  side: Side,
  how: { count: number; inFlight: number },
): Promise<{ perSecond: number; delivered: Delivered }> {
  const { asked, delivered } = await sendAll(side, how)
  await acknowledge(side)
  assertCount(`entries heard from ${side.server.kind}`, delivered.entries, how.count * side.sockets)
  const perSecond = (delivered.entries * 1_000_000) / (delivered.lastAt - asked.from)
  return { perSecond, delivered }
}

export function assertAccepted({ statuses }: Asked, count: number): void {
  const accepted = (statuses['201'] ?? 0) + (statuses['202'] ?? 0) + (statuses['207'] ?? 0)
  assertCount(`sends accepted of ${JSON.stringify(statuses)}`, accepted, count)
}
