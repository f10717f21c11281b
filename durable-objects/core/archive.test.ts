import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  onArchived,
  onContentRefused,
  onCursorRead,
  onHeard,
  onUnavailable,
  startArchive,
  type ArchiveState,
} from './archive.ts'

const NOW = 1_000_000
const start = startArchive(0, 0, 0)

describe('after D1 took a batch', () => {
  test('[AR1] the cursor moves on, and back-off is forgotten', () => {
    const failing = onUnavailable(start, 'unavailable', NOW, 0.5)
    expect(onArchived(failing, 40)).toEqual(startArchive(40, 40, 0))
  })

  test('[AR2] the cursor never goes back because an older batch landed late', () => {
    expect(onArchived(startArchive(40, 40, 0), 30).archived).toBe(40)
  })

  test('[AR2] after the search for a refused entry batches grow again, up to 100', () => {
    let state: ArchiveState = { ...start, batchLimit: 1 }
    const limits = Array.from({ length: 9 }, (_, index) => {
      state = onArchived(state, index)
      return state.batchLimit
    })
    expect(limits).toEqual([2, 4, 8, 16, 32, 64, 100, 100, 100])
  })
})

test('[AR2] after the fence refused, the cursor is where D1 is, forwards or back', () => {
  expect(onCursorRead(startArchive(40, 40, 2), 60)).toEqual(startArchive(60, 60, 2))
  expect(onCursorRead(startArchive(40, 40, 0), 10).archived).toBe(10)
})

describe('a hub that wakes', () => {
  test('[AR1] begins above its newest entry, and is sure of what was written down', () => {
    expect(startArchive(40, 52, 0)).toMatchObject({ archived: 52, sure: 40 })
    expect(startArchive(40, 0, 0)).toMatchObject({ archived: 40, sure: 40 })
    expect(onArchived(startArchive(40, 52, 0), 53)).toMatchObject({ archived: 53, sure: 53 })
  })

  test('[AR2] after failures begins where D1 was', () => {
    expect(startArchive(40, 52, 1)).toMatchObject({ archived: 40, sure: 40 })
  })

  test('[AR2] is sure once D1 said where it is', () => {
    const failed = onUnavailable(startArchive(40, 52, 0), 'unavailable', NOW, 0.5)
    expect(onHeard(failed, 51)).toEqual(startArchive(51, 51, 0))
  })
})

describe('a batch that D1 refuses for its content', () => {
  test('[AR2] is halved, and a single entry is parked', () => {
    const halved = onContentRefused(start, 7)
    expect(halved).toEqual({ kind: 'halve', state: { ...start, batchLimit: 4 } })
    expect(onContentRefused(start, 1)).toEqual({ kind: 'park' })
  })

  test('[AR2] halving parks exactly the refused entries, and soon', () => {
    const refused = fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { maxLength: 6 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), refused, (head, poisoned) => {
        let state = start
        let refusals = 0
        const parked: number[] = []
        while (state.archived < head) {
          const to = Math.min(head, state.archived + state.batchLimit)
          const isRefused = poisoned.some(
            (seq) => seq > state.archived && seq <= to && !parked.includes(seq),
          )
          if (!isRefused) {
            state = onArchived(state, to)
            continue
          }
          refusals += 1
          const next = onContentRefused(state, to - state.archived)
          if (next.kind === 'halve') state = next.state
          else parked.push(to)
        }
        const inLog = poisoned.filter((seq) => seq <= head)
        expect(parked.toSorted((a, b) => a - b)).toEqual(inLog.toSorted((a, b) => a - b))
        // Each good half doubles the next batch, which may meet the same entry again.
        expect(refusals).toBeLessThanOrEqual(30 * inLog.length)
      }),
    )
  })
})

describe('while D1 is away', () => {
  const delays = (cause: 'overloaded' | 'unavailable', random: number, tries: number) => {
    let state = start
    return Array.from({ length: tries }, () => {
      state = onUnavailable(state, cause, NOW, random)
      return (state.retryAt ?? NOW) - NOW
    })
  }

  test.each<[string, 'overloaded' | 'unavailable', number, number[]]>([
    [
      '[AR2] tries back off from a second to a minute',
      'unavailable',
      0.999_999,
      [999, 1_999, 3_999, 7_999, 15_999, 31_999, 59_999, 59_999],
    ],
    [
      '[AR2] an overloaded one from five seconds',
      'overloaded',
      0.999_999,
      [4_999, 9_999, 19_999, 39_999, 59_999, 59_999],
    ],
    ['[AR2] jitter never hammers', 'unavailable', 0, [500, 500, 500]],
    ['[AR2] nor an overloaded one', 'overloaded', 0, [2_500, 2_500]],
  ])('%s', (_rule, cause, random, expected) => {
    expect(delays(cause, random, expected.length)).toEqual(expected)
  })

  test('[AR2] a day of failures overflows nothing', () => {
    const last = delays('unavailable', 0.5, 2_000).at(-1)
    expect(last).toBe(30_000)
  })

  test('[AR3] the number of failures counts, also across a hub’s lives', () => {
    const failed = onUnavailable(startArchive(7, 7, 3), 'unavailable', NOW, 0.999_999)
    expect(failed).toMatchObject({ archived: 7, failures: 4, retryAt: NOW + 7_999 })
  })
})
