import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { median, percentile, spreadOf } from './statistics.ts'

test.each([
  [0.5, 3],
  [0.99, 5],
  [0.2, 1],
  [0.21, 2],
  [0, 1],
  [1, 5],
])('the share %d of five values is the nearest rank', (share, expected) => {
  expect(percentile([1, 2, 3, 4, 5], share)).toBe(expected)
})

test('a median lies in the middle', () => {
  expect(median([5, 1, 3])).toBe(3)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(median([])).toBeNaN()
})

test('a spread is in order, whatever the order of the values', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1 }), (values) => {
      const { count, p50, p95, p99, max } = spreadOf(values)
      expect(count).toBe(values.length)
      expect(p50 <= p95 && p95 <= p99 && p99 <= max).toBe(true)
      expect(max).toBe(values.reduce((a, b) => Math.max(a, b)))
    }),
  )
})
