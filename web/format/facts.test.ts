import { describe, expect, test } from 'vitest'
import type { Notification } from '../../protocol/notification.ts'
import { en } from '../messages/en.ts'
import { factsOf } from './facts.ts'

const viewer = { now: Date.parse('2026-11-12T14:10:00Z'), zone: 'Europe/Madrid', locale: 'en' }
const harbour = { id: 'harbour', name: 'Harbour', time_zone: 'Atlantic/Canary', region: null }

const lines = (
  category: Notification['category'],
  data: Record<string, unknown>,
  shop: typeof harbour | undefined = undefined,
) => factsOf({ category, data }, { shop, viewer, words: en }).map((one) => [one.label, one.value])

describe('[NO2] what the data says', () => {
  test('a booking is who, what, when, in the shop’s clock where it differs', () => {
    const data = { service: 'Skin fade', time: '2026-11-12T15:30:00Z', client_name: 'Zoë' }
    expect(lines('appointment', data, harbour)).toEqual([
      ['Client', 'Zoë'],
      ['Service', 'Skin fade'],
      ['Time', 'today 15:30 in Harbour'],
    ])
  })

  test('figures and money are written in the reader’s language', () => {
    expect(lines('performance', { metric: 'weekly_bookings', value: 1240, goal: 1200 })).toEqual([
      ['Measure', 'weekly bookings'],
      ['Value', '1,240'],
      ['Goal', '1,200'],
    ])
    expect(lines('achievement', { amount: 10000, currency: 'EUR' })).toEqual([
      ['Amount', '€10,000.00'],
    ])
  })

  test('a day without a time stays that day', () => {
    expect(lines('team', { effective_from: '2026-12-01' })).toEqual([
      ['From', 'Tuesday, December 1'],
    ])
  })

  test.each<[string, Record<string, unknown>]>([
    ['another kind of value', { client_name: { first: 'Zoë' }, time: true }],
    ['a time that is none', { time: 'soon' }],
    ['nothing', {}],
  ])('%s makes no line and no error', (_rule, data) => {
    expect(lines('appointment', data)).toEqual([])
  })

  test('money in an unknown form makes no line', () => {
    expect(lines('achievement', { amount: 5, currency: 'euro' })).toEqual([])
  })
})
