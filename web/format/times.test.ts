import { describe, expect, test } from 'vitest'
import { en } from '../messages/en.ts'
import { es } from '../messages/es.ts'
import { calendarDay, dayHeading, moment, momentAt, rowTime, type Viewer } from './times.ts'

const at = (iso: string) => Date.parse(iso)
const madrid: Viewer = { now: at('2026-11-12T14:10:20.000Z'), zone: 'Europe/Madrid', locale: 'en' }
const harbour = { name: 'Harbour', time_zone: 'Atlantic/Canary' }

describe('times as people say them', () => {
  test.each([
    ['under a minute is now', '2026-11-12T14:10:00.000Z', 'now'],
    [
      'a server a little ahead of the phone is now, never "in 1 min"',
      '2026-11-12T14:11:00Z',
      'now',
    ],
    ['within the hour it counts minutes', '2026-11-12T13:58:00.000Z', '12 min'],
    ['the last counted minute', '2026-11-12T13:10:30.000Z', '59 min'],
    ['from an hour on it is the clock', '2026-11-12T13:10:00.000Z', '14:10'],
    ['another day is the clock too: the day stands above it', '2026-11-10T17:05:00.000Z', '18:05'],
    ['midnight is 00, not 24', '2026-11-11T23:00:00.000Z', '00:00'],
  ])('%s', (_rule, sent, shown) => {
    expect(rowTime(at(sent), madrid, en.time)).toBe(shown)
  })

  test.each([
    ['today', '2026-11-12T14:30:00.000Z', 'today 15:30'],
    ['yesterday', '2026-11-11T17:05:00.000Z', 'yesterday 18:05'],
    ['tomorrow', '2026-11-13T09:00:00.000Z', 'tomorrow 10:00'],
    ['further away it names the day', '2026-11-16T09:00:00.000Z', 'Mon, Nov 16 10:00'],
    ['another year is named', '2025-11-12T09:00:00.000Z', 'Wed, Nov 12, 2025 10:00'],
  ])('a moment: %s', (_rule, when, shown) => {
    expect(moment(at(when), madrid)).toBe(shown)
  })

  test.each([
    ['Today', '2026-11-12T09:00:00.000Z', 'en'],
    ['Yesterday', '2026-11-11T09:00:00.000Z', 'en'],
    ['Monday, November 9', '2026-11-09T09:00:00.000Z', 'en'],
    ['Ayer', '2026-11-11T09:00:00.000Z', 'es'],
    ['Lunes, 9 de noviembre', '2026-11-09T09:00:00.000Z', 'es'],
  ])('a day heading: %s', (heading, when, locale) => {
    expect(dayHeading(at(when), { ...madrid, locale })).toBe(heading)
  })

  test('the shop’s clock counts when it differs from the phone’s, and names the shop', () => {
    const when = at('2026-11-12T15:30:00.000Z')
    expect(momentAt(when, harbour, madrid, en.time)).toBe('today 15:30 in Harbour')
    expect(momentAt(when, harbour, { ...madrid, locale: 'es' }, es.time)).toBe(
      'hoy 15:30 en Harbour',
    )
  })

  test('the shop is not named when both clocks say the same', () => {
    const downtown = { name: 'Downtown', time_zone: 'Europe/Paris' }
    expect(momentAt(at('2026-11-12T15:30:00.000Z'), downtown, madrid, en.time)).toBe('today 16:30')
    expect(momentAt(at('2026-11-12T15:30:00.000Z'), undefined, madrid, en.time)).toBe('today 16:30')
  })

  test('a calendar day is the same day in every zone', () => {
    const inHonolulu = { ...madrid, zone: 'Pacific/Honolulu' }
    expect(calendarDay('2026-12-01', inHonolulu)).toBe('Tuesday, December 1')
  })
})
