import { expect, test } from 'vitest'
import { selfTimes } from './self-times.ts'

const frame = (functionName: string, lineNumber: number) => ({
  functionName,
  url: 'index.js',
  lineNumber,
  columnNumber: 0,
})

test('time belongs to the function that was seen, however it was called; long gaps to nobody', () => {
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('send', 4) },
      { id: 2, callFrame: frame('parse', 9) },
      { id: 3, callFrame: frame('send', 4) },
    ],
    samples: [1, 2, 3, 2],
    timeDeltas: [200, 200, 600, 9_000],
  }
  const times = selfTimes(profile, 1).map(({ name, line, ms }) => [name, line, ms])
  expect(times).toEqual([
    ['(elsewhere)', 0, 9],
    ['send', 5, 0.8],
    ['parse', 10, 0.2],
  ])
})

test('a profile without samples says nothing', () => {
  expect(selfTimes({ nodes: [] }, 1)).toEqual([])
})
