import { expect, test } from 'vitest'
import { wrongTime } from './send-times.ts'

const NOW = Date.parse('2026-11-23T12:00:00.000Z')
const at = (ms: number) => new Date(NOW + ms).toISOString()

test.each([
  ['[NO5] no times are fine', {}, null],
  ['[NO5] a minute ago still counts as now', { deliver_at: at(-60_000) }, null],
  ['[NO5] further back is refused', { deliver_at: at(-60_001) }, '/deliver_at'],
  ['[NO5] an expiry now is too late', { expires_at: at(0) }, '/expires_at'],
  ['[NO5] an expiry after now is fine', { expires_at: at(1) }, null],
])('%s', (_rule, times, pointer) => {
  expect(wrongTime(times, NOW)?.pointer ?? null).toBe(pointer)
})
