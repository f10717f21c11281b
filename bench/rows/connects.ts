// What a connection costs: how many open in a second, and what one that is idle holds in memory.
import { setTimeout as wait } from 'node:timers/promises'
import { floorSockets } from '../floor-shop.ts'
import type { SocketPlan } from '../load/swarm.ts'
import { openInspector } from '../profile/inspector.ts'
import { atLeast, atMost, type Bench, type Row } from '../row.ts'
import { namesOf, Shop } from '../shop.ts'
import type { ServerKind } from '../servers/kinds.ts'
import type { Server } from '../servers/server.ts'

const SOCKETS_EACH = 5
const AT_ONCE = 50
/** A hub sleeps ten seconds after its last event. */
const ASLEEP_MS = 13_000
const NAME = 'connects'

export const connects: Row = {
  id: 'connects',
  title: 'connects a second, memory per idle socket',
  against: 'the bare hub',
  aims: [atLeast('connects ratio', 0.7), atMost('memory ratio', 1.3)],
  async open(bench) {
    const sockets = bench.pick({ full: 1_000, quick: 200, smoke: 5 })
    return {
      async run() {
        const floor = await measure(bench, 'floor', sockets)
        const ours = await measure(bench, 'ours', sockets)
        return {
          'floor connects/s': floor.perSecond,
          'ours connects/s': ours.perSecond,
          'connects ratio': ours.perSecond / floor.perSecond,
          'floor KiB a socket': floor.bytes / 1_024,
          'ours KiB a socket': ours.bytes / 1_024,
          'memory ratio': ours.bytes / floor.bytes,
        }
      },
    }
  },
}

/** The first sockets of all pay for what is there once, so these come and go before. */
const FIRST = 20

/** On a server of its own: memory that was let go of would be used again, and not be seen. */
async function measure(bench: Bench, kind: ServerKind, sockets: number) {
  const server = await bench.server(kind, { fresh: true, inspect: true })
  const plans =
    kind === 'floor' ? floorSockets(server, NAME, sockets) : await ourSockets(server, sockets)
  const load = bench.load()
  await load.do('open', { plans: plans.slice(0, FIRST), atOnce: AT_ONCE })
  await load.do('close')
  await settle(bench)
  const before = await memoryOf(server)
  const { ms } = await load.do('open', { plans, atOnce: AT_ONCE })
  await settle(bench)
  const after = await memoryOf(server)
  await load.do('close')
  return { perSecond: (sockets * 1_000) / ms, bytes: (after - before) / sockets }
}

const settle = (bench: Bench) => wait(bench.pick({ full: ASLEEP_MS, quick: ASLEEP_MS, smoke: 50 }))

async function ourSockets(server: Server, sockets: number): Promise<SocketPlan[]> {
  const shop = new Shop(server)
  const people = namesOf(NAME, Math.ceil(sockets / SOCKETS_EACH))
  await shop.open(NAME, people)
  return (await shop.sockets(people, SOCKETS_EACH, NAME)).slice(0, sockets)
}

/** After a garbage collection in the worker, so that what is counted is held and not forgotten. */
async function memoryOf(server: Server): Promise<number> {
  const inspector = await openInspector(server)
  await inspector.call('HeapProfiler.collectGarbage')
  inspector.close()
  return server.use().privateBytes
}
