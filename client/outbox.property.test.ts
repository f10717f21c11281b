import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { commandOf, OutboxPlay, repeatsOf } from '../tests/client/outbox-play.ts'
import { flush } from '../tests/fakes/fake-clock.ts'

/** What can happen, and how often compared with the rest. */
const WEIGHTS = {
  send: 3,
  archive: 2,
  pull: 2,
  markElsewhere: 2,
  pass: 4,
  goOffline: 1,
  goOnline: 2,
  connect: 3,
  hear: 6,
  serve: 6,
  answer: 6,
  lose: 1,
  refuse: 1,
  open: 3,
  close: 1,
  closeSoon: 1,
  tap: 7,
} as const satisfies Partial<Record<keyof OutboxPlay, number>>

type Act = keyof typeof WEIGHTS

const acts = fc.oneof(
  ...Object.entries(WEIGHTS).map(([act, weight]) => ({
    weight,
    arbitrary: fc.tuple(fc.constant(act as Act), fc.nat({ max: 0xffff })),
  })),
)
const schedules = fc.array(acts, { minLength: 10, maxLength: 100, size: 'max' })

/** For a soak: OUTBOX_RUNS=20000. */
const RUNS = Number(process.env['OUTBOX_RUNS'] ?? 150)

async function play(schedule: readonly (readonly [Act, number])[]): Promise<OutboxPlay> {
  const theatre = new OutboxPlay()
  for (const bits of [0, 1, 2, 3]) theatre.send(bits)
  await theatre.settle()
  for (const [act, bits] of schedule) {
    await theatre[act](bits)
    await flush()
    expect(await theatre.showsWhatWaits()).toBeNull()
  }
  await theatre.settle()
  return theatre
}

test('[TR6][IN2] whatever happens, all that was kept is on the server in its order, once, and every tab shows it', async () => {
  let taps = 0
  let lost = 0
  await fc.assert(
    fc.asyncProperty(schedules, async (schedule) => {
      const theatre = await play(schedule)
      const wanted = theatre.disk.written.map(commandOf)
      taps += wanted.length
      lost += theatre.lost
      expect(theatre.isSettled, 'settles').toBe(true)
      expect(await theatre.disk.rows.all('ben'), 'nothing waits').toEqual([])
      const repeats = repeatsOf(theatre.heard, wanted)
      expect(repeats, 'in order, and nothing else').not.toBeNull()
      // Only an answer that nobody kept is a reason to ask again.
      expect(repeats).toBeLessThanOrEqual(theatre.lost + theatre.deaths)
      for (const at of [0, 1]) {
        const entries = theatre.compare(at)
        expect(entries.shown).toEqual(entries.true)
        const counts = theatre.countsOf(at)
        expect(counts.shown).toEqual(counts.true)
      }
    }),
    { numRuns: RUNS },
  )
  // A play in which nobody taps, or no answer is ever lost, proves nothing.
  expect(taps / RUNS).toBeGreaterThan(2)
  expect(lost / RUNS).toBeGreaterThan(0.1)
})
