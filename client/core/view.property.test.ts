import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BROKEN_FOLDS } from '../../tests/client/broken-folds.ts'
import { FoldPlay, type Corrupt } from '../../tests/client/fold-play.ts'

/** What can happen, and how often compared with the rest. */
const WEIGHTS = {
  send: 6,
  announce: 1,
  markElsewhere: 3,
  archive: 4,
  pull: 3,
  move: 1,
  pass: 2,
  connect: 3,
  drop: 1,
  block: 2,
  hear: 7,
  serve: 5,
  answer: 5,
  fail: 1,
  markHere: 3,
  loadMore: 1,
  refresh: 1,
  calm: 2,
} as const satisfies Partial<Record<keyof FoldPlay, number>>

type Act = keyof typeof WEIGHTS

const acts = fc.oneof(
  ...Object.entries(WEIGHTS).map(([act, weight]) => ({
    weight,
    arbitrary: fc.tuple(fc.constant(act as Act), fc.nat({ max: 0xffff })),
  })),
)
const schedules = fc.array(acts, { minLength: 5, maxLength: 120, size: 'max' })

/** For a soak: FOLD_RUNS=50000. */
const RUNS = Number(process.env['FOLD_RUNS'] ?? 500)

/** Checks after each act, and at the end that all settles; answers how often there was something to compare. */
function play(schedule: readonly (readonly [Act, number])[], corrupt?: Corrupt): number {
  const theatre = new FoldPlay(corrupt)
  let compared = 0
  const check = () => {
    const both = theatre.compare()
    if (both) expect(both.shown).toEqual(both.true)
    compared += both ? 1 : 0
    const ids = theatre.view.shown.entries.map(({ id }) => id)
    expect(new Set(ids).size, 'an id once').toBe(ids.length)
  }
  theatre.connect(1)
  for (const [act, bits] of schedule) {
    theatre[act](bits)
    check()
  }
  theatre.settle()
  expect(theatre.compare(), 'settles').not.toBeNull()
  check()
  return compared
}

test('[WS14] where no socket opens, a minute of polling shows all there is, and marks settle', () => {
  fc.assert(
    fc.property(schedules, (schedule) => {
      const theatre = new FoldPlay()
      for (const [act, bits] of schedule) theatre[act](bits)
      const both = theatre.settleBlocked()
      expect(both.shown).toEqual(both.true)
      expect(theatre.view.marks).toEqual([])
    }),
    { numRuns: RUNS },
  )
})

test('[AR5] a view that says it is ready shows what a naive server would, whatever comes when', () => {
  let compared = 0
  fc.assert(
    fc.property(schedules, (schedule) => {
      compared += play(schedule)
    }),
    { numRuns: RUNS },
  )
  // Most of the time something is on its way; a checker that hardly ever looks proves nothing.
  expect(compared / RUNS).toBeGreaterThan(3)
})

describe('the checker objects to a fold where', () => {
  test.each(BROKEN_FOLDS)('%s', (_title, corrupt) => {
    const property = fc.property(schedules, (schedule) => void play(schedule, corrupt))
    const details = fc.check(property, { numRuns: 1_500, endOnFailure: true })
    expect(details.failed).toBe(true)
  })
})
