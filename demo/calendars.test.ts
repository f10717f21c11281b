// The demo's own two weeks must hold what they are there to show.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readCalendar } from './calendar.ts'
import { plan } from './plan.ts'
import { shiftToStartOn } from './shift.ts'

const SHOPS = [
  { location: 'downtown', zone: 'America/New_York', people: ['ana', 'ben', 'cleo'] },
  { location: 'harbour', zone: 'Europe/Lisbon', people: ['dario', 'emi'] },
]

const HORIZON = { from: -Infinity, days: 14 }
const DAY_MS = 24 * 3_600_000

describe.each(SHOPS)('two weeks of $location', ({ location, zone, people }) => {
  const text = readFileSync(new URL(`calendars/${location}.ics`, import.meta.url), 'utf8')
  const read = (shiftDays: number) => readCalendar(text, { zone, horizon: HORIZON, shiftDays })
  const shop = {
    location,
    people: people.map((id) => ({ id, name: id, emails: [`${id}@example.com`] })),
  }

  test('are written as RFC 5545 has it: CRLF, and no line over 75 octets', () => {
    const lines = text.split('\r\n')
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    expect(lines.filter((line) => Buffer.byteLength(line) > 75)).toEqual([])
  })

  test('are read without a problem', () => {
    expect(read(0).problems).toEqual([])
  })

  test('hold bookings, moves and cancellations, for barbers and for the whole shop', () => {
    const sends = plan(read(0).versions, shop, { edition: '', keySuffix: '' })
    expect(new Set(sends.map(({ what }) => what))).toEqual(
      new Set(['booked', 'moved', 'cancelled']),
    )
    expect(new Set(sends.map(({ userId }) => userId))).toEqual(new Set([...people, null]))
    expect(sends.some(({ body }) => body.data.client_name === 'A client')).toBe(false)
  })

  test('hold a recurrence with an exception and a date of its own, and times in several forms', () => {
    expect(text).toMatch(/^RRULE:FREQ=WEEKLY/m)
    expect(text).toMatch(/^EXDATE;TZID=/m)
    expect(text).toMatch(/^RECURRENCE-ID;TZID=/m)
    expect(text).toMatch(/^DTSTART:\d{8}T\d{6}Z/m)
    expect(text).toMatch(/^DTSTART;TZID=/m)
  })

  test.each(['2026-11-23', '2026-03-20', '2027-10-28'])('moved to %s they start then', (day) => {
    const shift = shiftToStartOn(day, [read(0)])
    const days = read(shift).versions.map((version) => version.day)
    expect(days.toSorted()[0]).toBe(day)
    const span = Date.parse(days.toSorted().at(-1) ?? '') - Date.parse(day)
    expect(span).toBeLessThan(14 * DAY_MS)
    const clocks = (moved: number) => {
      const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, timeStyle: 'short' })
      return read(moved).versions.map(({ start }) => format.format(start))
    }
    expect(clocks(shift)).toEqual(clocks(0))
  })
})
