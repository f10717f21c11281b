import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { askAgainMs, backoffMs, SLOW_RANGE } from './backoff.ts'

const range = { min: 500, max: 30_000 }
const ALMOST_ONE = 1 - Number.EPSILON

describe('the ladder', () => {
  test.each([
    ['the first retry is spread already: a deploy drops everybody at once', 0, 500, 2_000],
    ['the second', 1, 500, 4_000],
    ['the fourth', 3, 500, 16_000],
    ['the cap', 5, 500, 30_000],
    ['far beyond the cap', 1_000_000, 500, 30_000],
  ])('%s', (_title, attempt, lowest, highest) => {
    expect(backoffMs(attempt, range, 0)).toBe(lowest)
    expect(backoffMs(attempt, range, ALMOST_ONE)).toBe(highest - 1)
  })

  test('the jitter lies inside the cap, not on top of it: late attempts are spread as well', () => {
    const rolls = [0, 0.25, 0.5, 0.75]
    expect(rolls.map((roll) => backoffMs(20, range, roll))).toEqual([500, 7_875, 15_250, 22_625])
  })

  test('a hub that asks for no spread gets none', () => {
    expect(backoffMs(3, { min: 100, max: 100 }, 0.7)).toBe(100)
    expect(backoffMs(3, { min: 100, max: 50 }, 0.7)).toBe(100)
  })

  test('who was refused waits longer from the first', () => {
    expect(backoffMs(0, SLOW_RANGE, 0)).toBe(5_000)
    expect(backoffMs(99, SLOW_RANGE, ALMOST_ONE)).toBeLessThan(300_000)
  })

  test('stays in its bounds for every attempt, range and roll', () => {
    const cases = fc.record({
      attempt: fc.nat(),
      min: fc.integer({ min: 1, max: 60_000 }),
      more: fc.nat({ max: 600_000 }),
      roll: fc.double({ min: 0, max: ALMOST_ONE, noNaN: true }),
    })
    fc.assert(
      fc.property(cases, ({ attempt, min, more, roll }) => {
        const ms = backoffMs(attempt, { min, max: min + more }, roll)
        expect(Number.isSafeInteger(ms)).toBe(true)
        expect(ms).toBeGreaterThanOrEqual(min)
        expect(ms).toBeLessThanOrEqual(min + more)
      }),
    )
  })

  test('the ceiling never falls from one attempt to the next', () => {
    fc.assert(
      fc.property(fc.nat({ max: 50 }), fc.integer({ min: 1, max: 5_000 }), (attempt, min) => {
        const at = (n: number) => backoffMs(n, { min, max: 30_000 }, ALMOST_ONE)
        expect(at(attempt + 1)).toBeGreaterThanOrEqual(at(attempt))
      }),
    )
  })
})

test('[AR5] a snapshot that is not whole is asked for again after 1 s, doubling to 30 s', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 99].map(askAgainMs)).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
  ])
})
