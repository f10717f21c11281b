import { describe, expect, test } from 'vitest'
import { outcomeOf } from './outcome.ts'

const NOW = Date.UTC(2026, 10, 23, 9)
const of = (status: number, retryAfter: string | null = null) => outcomeOf(status, retryAfter, NOW)

describe('outcomeOf', () => {
  test.each([200, 201, 202, 204])('[RE3] %i: sent', (status) => {
    expect(of(status)).toEqual({ kind: 'sent' })
  })

  test.each([404, 410])('[RE3] %i: the subscription has ended', (status) => {
    expect(of(status)).toEqual({ kind: 'gone' })
  })

  test.each([301, 302, 307, 308, 400, 401, 403, 405])(
    '[RE3] %i: sending it again helps nobody',
    (status) => {
      const error = `the push service answered ${status}`
      expect(of(status)).toEqual({ kind: 'refused', error })
    },
  )

  test('[RE3] 413: too large', () => {
    expect(of(413)).toEqual({ kind: 'too_large' })
  })

  test.each([
    [429, '120', 120_000],
    [429, 'Mon, 23 Nov 2026 09:01:00 GMT', 60_000],
    [429, 'Mon, 23 Nov 2026 08:00:00 GMT', 0],
    [429, null, null],
    [429, 'soon', null],
    [429, '999999999', 24 * 3_600_000],
    [500, null, null],
    [503, '7', 7_000],
    [408, null, null],
  ])('[RE3] %i with Retry-After %s: later, in %s ms at the earliest', (status, header, afterMs) => {
    const error = `the push service answered ${status}`
    expect(of(status, header)).toEqual({ kind: 'later', error, afterMs })
  })
})
