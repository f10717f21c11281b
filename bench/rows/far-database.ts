// D1 on another continent, and D1 that does not answer: what is sent reaches the sockets as if nothing was.
import type { Load } from '../load/load.ts'
import type { Delivered } from '../load/swarm.ts'
import { type Aim, allAtMost, type Row } from '../row.ts'
import { acknowledge, ourSide, sendAll, type Side } from '../sides.ts'
import type { Shop } from '../shop.ts'

const FAR = { delay_ms: 200 }
const DOWN = { down: true }
/** Slow enough that a send meets a quiet hub whatever D1 does to the one before it. */
const EVERY_MS = 40
const MORE_MS = 5

const p99Holds = (state: string): Aim => ({
  text: `p99 ${state} ≤ 1.25 times, or ${MORE_MS} ms more`,
  holds: (medians) =>
    (medians[`p99 ${state} ratio`] ?? NaN) <= 1.25 ||
    (medians[`p99 ms ${state}`] ?? NaN) <= (medians['p99 ms near'] ?? NaN) + MORE_MS,
})

export const farDatabase: Row = {
  id: 'far-database',
  title: 'far database: every D1 call 200 ms slower, and D1 down: p50, p99 to the socket',
  against: 'our own run with D1 near',
  aims: [allAtMost(['p50 far ratio', 'p50 down ratio'], 1.1), p99Holds('far'), p99Holds('down')],
  async open(bench) {
    const sockets = bench.pick({ full: 200, quick: 100, smoke: 6 })
    const count = bench.pick({ full: 200, quick: 50, smoke: 4 })
    const side = await ourSide(bench, 'far-database', sockets)
    const measure = async (d1: { delay_ms?: number; down?: boolean }) => {
      await side.shop.setD1(d1)
      try {
        const { delivered } = await sendAll(side, { count, inFlight: 1, everyMs: EVERY_MS })
        return delivered
      } finally {
        await side.shop.setD1({})
        await untilArchived(side)
      }
    }
    return {
      async run() {
        const near = await measure({})
        const far = await measure(FAR)
        const down = await measure(DOWN)
        return {
          ...timesOf('near', near),
          ...timesOf('far', far),
          ...timesOf('down', down),
          ...ratiosOf('far', far, near),
          ...ratiosOf('down', down, near),
        }
      },
    }
  },
}

const timesOf = (state: string, { latency }: Delivered) => ({
  [`p50 ms ${state}`]: latency.p50,
  [`p99 ms ${state}`]: latency.p99,
})

const ratiosOf = (state: string, one: Delivered, near: Delivered) => ({
  [`p50 ${state} ratio`]: one.latency.p50 / near.latency.p50,
  [`p99 ${state} ratio`]: one.latency.p99 / near.latency.p99,
})

/** What waited for D1 is drained when the next send is answered as archived. */
async function untilArchived(side: Side & { shop: Shop; sender: Load }): Promise<void> {
  for (;;) {
    const { asked } = await sendAll(side, { count: 1, inFlight: 1 })
    await acknowledge(side)
    if (asked.statuses['201'] === 1) return
  }
}
