// A thousand sockets break in one moment, and come back in one moment with twenty entries missed. Beside it the same
// thousand, told where they are, with nothing missed.
import type { Opened } from '../load/swarm.ts'
import { metersOf } from '../meter/read.ts'
import { type Aim, allAtMost, assertCount, type Row } from '../row.ts'
import { assertAccepted, ourSide, type Side } from '../sides.ts'

const MISSED = 20
const PATIENCE_MS = 60_000

const readsNothing: Aim = {
  text: 'no D1 reads on the way, and the same with D1 down',
  holds: (medians) => medians['D1 reads'] === 0,
}

export const resumeStorm: Row = {
  id: 'resume-storm',
  title: 'resume storm: 1,000 sockets dropped at once, each 20 entries behind: time to catch up',
  against: 'the same 1,000 connecting with nothing missed',
  aims: [allAtMost(['p50 ratio', 'p99 ratio', 'last ratio'], 1.5), readsNothing],
  async open(bench) {
    const sockets = bench.pick({ full: 1_000, quick: 200, smoke: 6 })
    const ours = await ourSide(bench, 'resume-storm', sockets)
    const metered = await ourSide(bench, 'resume-storm', sockets, 'metered')
    return {
      async run(round) {
        await fallBehind(ours, `nothing-${round}`, true)
        const nothing = await comeBack(ours, 0)
        await fallBehind(ours, `behind-${round}`)
        const behind = await comeBack(ours, MISSED)
        await fallBehind(metered, `metered-${round}`)
        const meters = await metersOf(metered.server, () => comeBack(metered, MISSED))
        await fallBehind(metered, `down-${round}`)
        await metered.shop.setD1({ down: true })
        // What needs D1 cannot come back now.
        await comeBack(metered, MISSED)
        await metered.shop.setD1({})
        return {
          ...timesOf('nothing missed', nothing),
          ...timesOf('20 missed', behind),
          'p50 ratio': behind.caughtUp.p50 / nothing.caughtUp.p50,
          'p99 ratio': behind.caughtUp.p99 / nothing.caughtUp.p99,
          'last ratio': behind.caughtUp.max / nothing.caughtUp.max,
          'D1 reads': meters.d1_reads,
        }
      },
    }
  },
}

const timesOf = (what: string, { caughtUp }: Opened) => ({
  [`p50 ms, ${what}`]: caughtUp.p50,
  [`p99 ms, ${what}`]: caughtUp.p99,
  [`last ms, ${what}`]: caughtUp.max,
})

/** Every socket breaks, and misses so many; `told` has them take it that they had seen them all. */
async function fallBehind(side: Side, keys: string, told = false): Promise<void> {
  await side.listeners.do('drop')
  const asks = [await side.ask()]
  const asked = await side.sender.do('ask', { asks, count: MISSED, inFlight: 1, keys })
  assertAccepted(asked, MISSED)
  const { seq } = JSON.parse(asked.lastBody) as { seq: number }
  if (told) await side.listeners.do('setSeen', { seq })
}

async function comeBack(side: Side, each: number): Promise<Opened> {
  const opened = await side.listeners.do('resume', { each, timeoutMs: PATIENCE_MS })
  assertCount('sockets that did not come back whole', opened.delivered.wrong, 0)
  return opened
}
