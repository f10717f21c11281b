import { describe, expect, test } from 'vitest'
import { dayKey, daysBetween, groupByDay } from './days.ts'

const at = (iso: string) => Date.parse(iso)

describe('days of the inbox', () => {
  test.each([
    ['a late evening is still that day where the person is', 'Europe/Madrid', '2026-11-11'],
    ['the same moment is already the next day further east', 'Asia/Tokyo', '2026-11-12'],
    ['and in UTC it is what UTC says', 'UTC', '2026-11-11'],
  ])('%s', (_rule, zone, day) => {
    expect(dayKey(at('2026-11-11T22:30:00.000Z'), zone)).toBe(day)
  })

  test.each([
    ['a day with 25 hours counts as one', '2026-10-25', '2026-10-26', 1],
    ['yesterday is minus one', '2026-11-12', '2026-11-11', -1],
    ['over the end of a year', '2026-12-31', '2027-01-01', 1],
    ['the same day is zero', '2026-11-12', '2026-11-12', 0],
  ])('%s', (_rule, from, to, days) => {
    expect(daysBetween(from, to)).toBe(days)
  })

  test('groups keep the order they are given and split at midnight of the zone', () => {
    const moments = [
      '2026-11-12T09:00:00.000Z',
      '2026-11-11T23:30:00.000Z', // 00:30 on the 12th in Madrid
      '2026-11-11T22:30:00.000Z',
    ].map(at)
    const days = groupByDay(moments, (one) => one, 'Europe/Madrid')
    expect(days.map((day) => [day.key, day.items.length])).toEqual([
      ['2026-11-12', 2],
      ['2026-11-11', 1],
    ])
  })

  test('an empty inbox has no days', () => {
    expect(groupByDay([], () => 0, 'UTC')).toEqual([])
  })
})
