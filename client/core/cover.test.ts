import { describe, expect, test } from 'vitest'
import { isCovered, isNoOlder, reachesHeads, type Reach } from './cover.ts'

const E1 = '01935a00-0000-7000-8000-000000000001'
const E2 = '01935b00-0000-7000-8000-000000000001'

const reach = (seq: number, epoch: string | null = E1): Reach => ({
  asOf: { s: seq },
  epochs: { s: epoch },
})
const NOTHING = reach(0, null)

describe('[AR5][ST1] is a place at or below a snapshot?', () => {
  test.each<[string, number, string | null, Reach, boolean]>([
    ['at as_of', 5, E1, reach(5), true],
    ['below it', 4, E1, reach(5), true],
    ['above it', 6, E1, reach(5), false],
    ['of an older epoch, however high', 900, E1, reach(5, E2), true],
    ['of a newer epoch, however low', 1, E2, reach(5, E1), false],
    ['of an epoch that nobody named: as its own', 5, null, reach(5), true],
    ['of an epoch that nobody named, above', 6, null, reach(5), false],
    ['the archive has nothing of it', 1, E1, NOTHING, false],
    ['the archive has nothing of it, nor is its epoch known', 1, null, NOTHING, false],
    ['an empty stream is covered by nothing', 0, E1, NOTHING, true],
    ['a stream that the snapshot does not name', 1, null, { asOf: {}, epochs: {} }, false],
  ])('%s', (_title, seq, epoch, snapshot, covered) => {
    expect(isCovered({ stream: 's', seq, epoch }, snapshot)).toBe(covered)
  })
})

describe('[AR5] does a snapshot reach the heads of a welcome?', () => {
  test.each<[string, Record<string, { epoch: string; seq: number }>, Reach, boolean]>([
    ['none are named', {}, reach(5), true],
    ['exactly', { s: { epoch: E1, seq: 5 } }, reach(5), true],
    ['not yet', { s: { epoch: E1, seq: 6 } }, reach(5), false],
    ['not in this epoch', { s: { epoch: E2, seq: 1 } }, reach(5), false],
    ['an empty stream', { s: { epoch: E1, seq: 0 } }, NOTHING, true],
    ['of a shop that was left since', { t: { epoch: E1, seq: 9 } }, reach(5), true],
  ])('%s', (_title, heads, snapshot, reaches) => {
    expect(reachesHeads(snapshot, heads)).toBe(reaches)
  })
})

describe('answers may overtake each other', () => {
  const two = (a: number, b: number): Reach => ({ asOf: { a, b }, epochs: { a: E1, b: E1 } })
  test.each<[string, Reach, Reach, boolean]>([
    ['the same', two(1, 1), two(1, 1), true],
    ['newer in one', two(1, 2), two(1, 1), true],
    ['older in one', two(0, 2), two(1, 1), false],
    ['a newer epoch is newer, whatever its numbers', reach(1, E2), reach(9, E1), true],
    ['an older epoch is older', reach(9, E1), reach(1, E2), false],
    ['a shop that was left does not count', reach(5), { asOf: { s: 5, t: 9 }, epochs: {} }, true],
    [
      'a shop that was joined does not either',
      two(1, 1),
      { asOf: { a: 1 }, epochs: { a: E1 } },
      true,
    ],
    ['the first thing archived', reach(1), NOTHING, true],
  ])('%s', (_title, next, last, isNewer) => {
    expect(isNoOlder(next, last)).toBe(isNewer)
  })
})
