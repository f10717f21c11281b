import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { placeOf } from '../../db/place.ts'
import { compareHeads, isAfter } from './places.ts'

describe('a position in a stream', () => {
  test.each<[string, [string, number], [string, number], boolean]>([
    ['[ST1] a higher seq is after', ['e1', 3], ['e1', 2], true],
    ['[ST1] the same place is not after itself', ['e1', 3], ['e1', 3], false],
    ['[ST1] a younger epoch is after, however low its seq', ['e2', 1], ['e1', 900], true],
    ['[ST1] an older epoch is before, however high its seq', ['e1', 900], ['e2', 1], false],
  ])('%s', (_rule, [epoch, seq], [otherEpoch, otherSeq], expected) => {
    expect(isAfter({ epoch, seq }, { epoch: otherEpoch, seq: otherSeq })).toBe(expected)
  })

  const head = fc.record({ epoch: fc.constantFrom('0193a', '0193b', '0194a'), seq: fc.nat(2_000) })

  test('[ST1] hub and archive order positions alike', () => {
    fc.assert(
      fc.property(head, head, (a, b) => {
        const [left, right] = [placeOf(a.epoch, a.seq), placeOf(b.epoch, b.seq)]
        expect(Math.sign(compareHeads(a, b))).toBe(left < right ? -1 : left > right ? 1 : 0)
      }),
    )
  })
})
