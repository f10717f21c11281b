import { expect, test } from 'vitest'
import { nextAlarm } from './deadlines.ts'

const NOW = 1_000

test.each<[string, (number | null)[], number | null]>([
  ['[ST6] a hub with nothing to do sets no alarm', [], null],
  ['[ST6] nothing of what might wait waits', [null, null], null],
  ['[ST6] the earliest deadline rings', [5_000, null, 3_000, 4_000], 3_000],
  ['[ST6] what is due now rings in a millisecond', [NOW], NOW + 1],
  ['[ST6] what is past due rings in a millisecond', [5_000, 20], NOW + 1],
])('%s', (_rule, deadlines, expected) => {
  expect(nextAlarm(deadlines, NOW)).toBe(expected)
})
