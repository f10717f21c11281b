import { expect, test } from 'vitest'
import { planResume, type StreamExtent } from './resume.ts'

const stream = (change: Partial<StreamExtent> = {}): StreamExtent => ({
  epoch: 'e2',
  head: 1_000,
  trimmed: 0,
  floor: 0,
  ...change,
})

type Reason = 'new' | 'other_epoch' | 'ahead' | 'too_far' | 'trimmed' | 'floor'

test.each<[string, Partial<StreamExtent>, string | null, number | null, number | Reason]>([
  ['[WS4] at the head, nothing was missed', {}, 'e2', 1_000, 1_000],
  ['[WS4] one behind', {}, 'e2', 999, 999],
  ['[WS4] 500 behind is near enough', {}, 'e2', 500, 500],
  ['[WS4] 501 behind is too far', {}, 'e2', 499, 'too_far'],
  ['[WS4] the start of an empty stream', { head: 0 }, 'e2', 0, 0],
  ['[WS4] the start of a short stream', { head: 3 }, 'e2', 0, 0],
  ['[WS4] no since', {}, 'e2', null, 'new'],
  ['[WS4] since without epoch', {}, null, 1_000, 'new'],
  ['[WS4] neither', {}, null, null, 'new'],
  ['[ST1] an epoch of an earlier life', {}, 'e1', 1_000, 'other_epoch'],
  ['[ST1] an epoch that never was', {}, 'e3', 1_000, 'other_epoch'],
  ['[WS4] above the head', {}, 'e2', 1_001, 'ahead'],
  ['[ST4] just before the oldest kept entry', { trimmed: 600 }, 'e2', 600, 600],
  ['[ST4] an entry above it is no longer kept', { trimmed: 600 }, 'e2', 599, 'trimmed'],
  ['[ST7] at the floor', { floor: 700 }, 'e2', 700, 700],
  ['[ST7] below the floor', { floor: 700 }, 'e2', 699, 'floor'],
  ['[ST7] the floor is the head', { floor: 1_000 }, 'e2', 999, 'floor'],
  ['[ST7] the floor of a stream that had nothing else', { head: 1, floor: 1 }, 'e2', 0, 'floor'],
])('%s', (_rule, extent, epoch, since, expected) => {
  const resume = planResume(stream(extent), { epoch, since })
  expect(resume).toEqual(
    typeof expected === 'number'
      ? { recovered: true, after: expected }
      : { recovered: false, reason: expected },
  )
})
