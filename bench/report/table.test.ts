import { expect, test } from 'vitest'
import { allAtMost, atLeast, atMost, type Figures, type Row } from '../row.ts'
import { judge, shown, summariesOf, textOf } from './table.ts'

const row: Row = {
  id: 'a-row',
  title: 'a row',
  against: 'another',
  aims: [atMost('p50 ratio', 1.1), atLeast('rate ratio', 3)],
  open: () => Promise.reject(new Error('not to be opened')),
}
const rounds: Figures[] = [
  { 'p50 ratio': 1, 'rate ratio': 2 },
  { 'p50 ratio': 9, 'rate ratio': 2.9 },
  { 'p50 ratio': 1.1, 'rate ratio': 4 },
]

test('what counts is the median of rounds; the extremes stand beside it', () => {
  expect(summariesOf(rounds)).toEqual([
    { name: 'p50 ratio', median: 1.1, min: 1, max: 9 },
    { name: 'rate ratio', median: 2.9, min: 2, max: 4 },
  ])
})

test('an aim is met at its limit and missed beyond', () => {
  expect(judge({ row, rounds }).map(({ holds }) => holds)).toEqual([true, false])
})

test('a figure that is missing meets no aim', () => {
  const aims = [atMost('p99', 1), atLeast('p99', 1), allAtMost(['p50 ratio', 'p99'], 9)]
  expect(judge({ row: { ...row, aims }, rounds }).map(({ holds }) => holds)).toEqual([
    false,
    false,
    false,
  ])
})

test('a row is printed with its figures and what holds', () => {
  expect(textOf({ row, rounds }).split('\n')).toEqual([
    'a-row: a row',
    '  against another; 3 rounds',
    '    p50 ratio        1.10   [1.00 to 9.00]',
    '    rate ratio       2.90   [2.00 to 4.00]',
    '  ✓ p50 ratio ≤ 1.1',
    '  ✗ rate ratio ≥ 3',
  ])
})

test.each([
  [0.0712, '0.071'],
  [1.234, '1.23'],
  [12.34, '12.3'],
  [123.4, '123'],
  [12_345.6, '12,346'],
  [NaN, 'NaN'],
])('%d is shown as %s', (value, text) => {
  expect(shown(value)).toBe(text)
})
