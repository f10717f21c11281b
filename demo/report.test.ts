import { describe, expect, test } from 'vitest'
import type { Planned } from './plan.ts'
import type { Outcome } from './report.ts'
import { lineOf, missingOf, paceOf, summaryOf } from './report.ts'

const planned = (at: number, what = 'booked'): Planned => ({
  what,
  at,
  location: 'downtown',
  userId: 'ben',
  key: String(at),
  time: '2026-11-23T14:00:00.000Z',
  words: 'Zoë, Skin fade',
  body: {
    to: { user_id: 'ben' },
    type: 'appointment.booked',
    data: {
      appointment_id: 'a',
      client_name: 'Zoë',
      service: 'Skin fade',
      time: '2026-11-23T14:00:00.000Z',
    },
    collapse_key: 'booking:a',
    entity: { type: 'appointment', id: 'a' },
  },
})

const outcome = (changes: Partial<Outcome> = {}): Outcome => ({
  planned: planned(0),
  id: 'id',
  acceptedMs: 10,
  appearedMs: 20,
  isAwaited: true,
  isReplay: false,
  failure: null,
  ...changes,
})

describe('the pace', () => {
  const HOUR = 3_600_000

  test('a factor is how many times faster the calendar is played', () => {
    expect(paceOf([planned(0), planned(HOUR), planned(3 * HOUR)], 3_600)).toEqual([0, 1_000, 3_000])
  })

  test('"max" waits for nothing', () => {
    expect(paceOf([planned(0), planned(HOUR)], Infinity)).toEqual([0, 0])
  })

  test('by itself all is played within a minute, and nothing slower than it was', () => {
    const year = Array.from({ length: 100 }, (_, day) => planned(day * 24 * HOUR))
    expect(paceOf(year, null).at(-1)).toBeLessThanOrEqual(60_000)
    expect(paceOf([planned(0), planned(2_000)], null)).toEqual([0, 2_000])
    expect(paceOf([], null)).toEqual([])
  })
})

describe('the report', () => {
  test('a line says what, to whom, and how long it took', () => {
    const line = lineOf(outcome(), 'America/New_York')
    expect(line).toMatch(
      /booked +ben +Mon 23 Nov 09:00 +Zoë, Skin fade +accepted +10 ms +on a socket +20 ms/,
    )
    const word = outcome({ planned: { ...planned(0, 'word'), time: null, words: 'Late opening' } })
    expect(lineOf(word, 'UTC')).toMatch(/word +ben +Late opening +accepted/)
    expect(lineOf(outcome({ appearedMs: null }), 'UTC')).not.toContain('socket')
    expect(lineOf(outcome({ isReplay: true }), 'UTC')).toContain('already known')
    expect(lineOf(outcome({ failure: '403 Not yours' }), 'UTC')).toContain('failed: 403 Not yours')
  })

  test('the summary counts, and names what never appeared', () => {
    const all = [
      outcome(),
      outcome({ acceptedMs: 30, appearedMs: 40, planned: planned(1, 'moved') }),
      outcome({ appearedMs: null }),
      outcome({
        appearedMs: null,
        isReplay: true,
        isAwaited: false,
        planned: planned(1, 'cancelled'),
      }),
      outcome({ appearedMs: null, acceptedMs: null, isAwaited: false, failure: '500' }),
    ]
    expect(missingOf(all)).toEqual([all[2]])
    const text = summaryOf(all, true).join('\n')
    expect(text).toContain('4 sent: 2 booked, 1 moved, 1 cancelled')
    expect(text).toContain('1 were known already')
    expect(text).toContain('1 failed')
    expect(text).toContain('1 accepted, but never seen on a socket')
    const withDay = [outcome(), outcome({ planned: planned(1, 'reminder') })]
    expect(summaryOf(withDay, true)[0]).toBe(
      '2 sent: 1 booked, 0 moved, 0 cancelled, 1 of what a day brings',
    )
    expect(summaryOf([outcome()], false).join('\n')).not.toContain('socket')
    expect(summaryOf([], true).join('\n')).toContain('0 sent')
  })
})
