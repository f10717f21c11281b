import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { Send } from '../protocol/notification.ts'
import type { Version } from './versions.ts'
import { plan, shortened } from './plan.ts'

const ben = { id: 'ben', name: 'Ben Brooks', emails: ['ben@example.com'] }
const cleo = { id: 'cleo', name: 'Cleo Carter', emails: ['cleo@example.com'] }
const SHOP = { location: 'downtown', people: [ben, cleo] }
const BEN = { email: 'ben@example.com', name: 'Ben', declined: false }
const CLEO = { email: null, name: 'cleo carter', declined: false }
const CLIENT = { email: 'zoe@example.net', name: 'Zoë Martin', declined: false }

const MONDAY = Date.parse('2026-03-09T09:00:00Z')
const TUESDAY = Date.parse('2026-03-10T09:00:00Z')

const version = (changes: Partial<Version> = {}): Version => ({
  uid: 'one@shop',
  recurrenceId: null,
  sequence: 0,
  modified: Date.parse('2026-03-01T10:00:00Z'),
  cancelled: false,
  start: MONDAY,
  day: '2026-03-09',
  summary: 'Skin fade - Zoë Martin',
  attendees: [BEN],
  line: 1,
  ...changes,
})

const planned = (...versions: Version[]) => plan(versions, SHOP, { edition: '', keySuffix: '' })

describe('what is sent', () => {
  test('[NO2] a new event is a booking, to its barber', () => {
    const [one] = planned(version())
    expect(one).toMatchObject({
      what: 'booked',
      userId: 'ben',
      body: {
        to: { user_id: 'ben' },
        location_id: 'downtown',
        type: 'appointment.booked',
        data: {
          appointment_id: 'one@shop',
          client_name: 'Zoë Martin',
          service: 'Skin fade',
          time: '2026-03-09T09:00:00.000Z',
        },
        entity: { type: 'appointment', id: 'one@shop' },
      },
    })
  })

  test.each([
    ['nobody', []],
    ['a stranger', [CLIENT]],
    ['a barber who declined', [{ ...BEN, declined: true }]],
  ])('an event with %s goes to the whole shop', (_name, attendees) => {
    const [one] = planned(version({ attendees }))
    expect(one?.body.to).toEqual({ location_id: 'downtown' })
    expect(one?.body).not.toHaveProperty('location_id')
  })

  test('a barber is known by mail address or by name, the client beside them is not one', () => {
    expect(planned(version({ attendees: [CLIENT, CLEO] }))[0]).toMatchObject({
      userId: 'cleo',
      body: { data: { client_name: 'Zoë Martin', service: 'Skin fade' } },
    })
  })

  test('[NO6] a raised SEQUENCE is a move: the same collapse_key and entity, another key', () => {
    const [booked, moved] = planned(version(), version({ sequence: 1, start: TUESDAY }))
    expect(moved).toMatchObject({
      what: 'moved',
      body: {
        type: 'appointment.booked',
        collapse_key: booked?.body.collapse_key,
        entity: booked?.body.entity,
        data: { time: '2026-03-10T09:00:00.000Z', previous_time: '2026-03-09T09:00:00.000Z' },
      },
    })
    expect(moved?.key).not.toBe(booked?.key)
  })

  test('[NO6] STATUS:CANCELLED is a cancellation of the same entity, to who was told', () => {
    const end = version({ sequence: 1, cancelled: true, attendees: [], start: TUESDAY })
    const [booked, cancelled] = planned(version(), end)
    expect(cancelled).toMatchObject({
      what: 'cancelled',
      userId: 'ben',
      body: {
        type: 'appointment.cancelled',
        entity: booked?.body.entity,
        data: { time: '2026-03-09T09:00:00.000Z' },
      },
    })
  })

  test('cancelled twice is sent once, and booked again is a booking', () => {
    const end = version({ sequence: 1, cancelled: true })
    const sends = planned(version(), end, { ...end, sequence: 2 }, version({ sequence: 3 }))
    expect(sends.map(({ what }) => what)).toEqual(['booked', 'cancelled', 'booked'])
    expect(new Set(sends.map(({ key }) => key)).size).toBe(3)
  })

  test('an appointment that goes over to another barber leaves the first one', () => {
    const sends = planned(version(), version({ sequence: 1, attendees: [CLEO] }))
    expect(sends.map(({ what, userId }) => [what, userId])).toEqual([
      ['booked', 'ben'],
      ['cancelled', 'ben'],
      ['booked', 'cleo'],
    ])
    expect(new Set(sends.map(({ key }) => key)).size).toBe(3)
  })

  test('a version that another file had already is not sent again', () => {
    expect(planned(version({ sequence: 1 }), version(), version({ sequence: 1 }))).toHaveLength(1)
  })

  test('each date of a series is an appointment of its own', () => {
    const [one, two] = planned(
      version({ recurrenceId: '2026-03-09T09:00:00.000Z' }),
      version({ recurrenceId: '2026-03-16T09:00:00.000Z' }),
    )
    expect(one?.body.entity.id).not.toBe(two?.body.entity.id)
    expect(one?.key).not.toBe(two?.key)
  })

  test('another edition is another appointment, a suffix makes the same one news', () => {
    const [one] = planned(version())
    const [moved] = plan([version()], SHOP, { edition: '2026-11-23', keySuffix: '' })
    const [again] = plan([version()], SHOP, { edition: '', keySuffix: '@2' })
    expect(moved?.body.entity).not.toEqual(one?.body.entity)
    expect(again?.body).toEqual(one?.body)
    expect(again?.key).not.toBe(one?.key)
  })

  test.each([
    ['an endless id', 'x'.repeat(2_000)],
    ['an id of no letters', '🪒'.repeat(40)],
    ['an id with spaces', 'a b\tc'],
  ])('[NO3] %s still makes a valid send and a key that fits a header', (_name, uid) => {
    const [one] = planned(version({ uid, summary: 'Ü'.repeat(3_000) }))
    expect(v.is(Send, one?.body)).toBe(true)
    expect(one?.key).toMatch(/^[\x21-\x7e]{1,255}$/)
  })
})

describe('shortened texts', () => {
  test('[CO5] stay as they are where they fit, and stay different where they do not', () => {
    expect(shortened('short', 64)).toBe('short')
    const [a, b] = [shortened(`${'x'.repeat(99)}1`, 64), shortened(`${'x'.repeat(99)}2`, 64)]
    expect(a).not.toBe(b)
    expect(a.length).toBeLessThanOrEqual(64)
    expect(shortened('Zoë', 64)).not.toBe(shortened('Zo', 64))
  })
})
