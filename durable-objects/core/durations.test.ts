import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bucketOf, DURATION_BOUNDS_S, quantile } from './durations.ts'

const histogram = (durations: readonly number[]) => {
  const counts = Array<number>(DURATION_BOUNDS_S.length + 1).fill(0)
  for (const duration of durations) counts[bucketOf(duration)]! += 1
  return counts
}

describe('[OP1] durations of connections', () => {
  test.each([
    [0, 0],
    [1, 0],
    [1.001, 1],
    [60, 2],
    [3_600, 5],
    [86_400, 8],
    [86_401, 9],
    [1e9, 9],
  ])('%d seconds fall into bucket %d', (seconds, bucket) => {
    expect(bucketOf(seconds)).toBe(bucket)
  })

  test('without a connection that ended there is no figure', () => {
    expect(quantile(histogram([]), 0.5)).toBeNull()
  })

  test('half and 95 in a hundred', () => {
    const counts = histogram([...Array<number>(90).fill(30), ...Array<number>(10).fill(7_200)])
    expect(quantile(counts, 0.5)).toBeCloseTo(10 + (50 * 50) / 90)
    expect(quantile(counts, 0.95)).toBeCloseTo(3_600 + 10_800 / 2)
  })

  test('what lasted longer than the last bound counts as it', () => {
    expect(quantile(histogram([1e6, 1e6]), 0.5)).toBe(86_400)
  })

  test('a quantile lies in the bucket that really holds it', () => {
    const duration = fc.double({ min: 0, max: 200_000, noNaN: true })
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1 }), fc.constantFrom(0.5, 0.95), (all, q) => {
        const exact = all.toSorted((a, b) => a - b)[Math.ceil(q * all.length) - 1] ?? 0
        const guessed = quantile(histogram(all), q) ?? -1
        expect(bucketOf(guessed)).toBe(Math.min(bucketOf(exact), DURATION_BOUNDS_S.length - 1))
      }),
    )
  })
})
