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
        const nothing = await storm(ours, `nothing-${round}`, 0)
        const behind = await storm(ours, `behind-${round}`, MISSED)
        const meters = await metersOf(metered.server, () =>
          storm(metered, `metered-${round}`, MISSED),
        )
        // What needs D1 cannot come back now.
        await storm(metered, `down-${round}`, MISSED, metered.shop)
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

/** Both kinds miss the same entries; who is told that it has seen them all catches up with nothing. */
async function storm(
  side: Side,
  keys: string,
  each: number,
  outage?: { setD1(d1: object): Promise<void> },
): Promise<Opened> {
  await side.listeners.do('drop')
  const asked = await side.sender.do('ask', {
    asks: [await side.ask()],
    count: MISSED,
    inFlight: 1,
    keys,
  })
  assertAccepted(asked, MISSED)
  const { seq } = JSON.parse(asked.lastBody) as { seq: number }
  if (each === 0) await side.listeners.do('setSeen', { seq })
  await outage?.setD1({ down: true })
  const opened = await side.listeners.do('resume', { each, timeoutMs: PATIENCE_MS })
  await outage?.setD1({})
  assertCount('sockets that did not come back whole', opened.delivered.wrong, 0)
  return opened
}
