import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { NOTIFICATION_TYPES, typeRow } from '../protocol/notification-types.ts'
import { Send, type Role } from '../protocol/notification.ts'
import { readCalendar } from './calendar.ts'
import { dayOf, withDay, type DayItem, type DayShop } from './day.ts'
import { plan, type Booking, type Colleague } from './plan.ts'
import type { Version } from './versions.ts'

const person = (id: string, role: Role): Colleague => ({
  id,
  name: `${id} of the shop`,
  role,
  emails: [`${id}@example.com`],
})
const DOWNTOWN: DayShop = {
  location: 'downtown',
  zone: 'America/New_York',
  people: [person('ana', 'manager'), person('ben', 'staff'), person('cleo', 'staff')],
}
const HARBOUR: DayShop = {
  location: 'harbour',
  zone: 'Europe/Lisbon',
  people: [person('dario', 'manager'), person('emi', 'staff')],
}
const SHOPS = [DOWNTOWN, HARBOUR]
const SAME = { edition: '', keySuffix: '' }

/** The demo's own two weeks. */
const BOOKINGS: Booking[] = SHOPS.flatMap((shop) => {
  const path = new URL(`calendars/${shop.location}.ics`, import.meta.url)
  const horizon = { from: -Infinity, days: 14 }
  const options = { zone: shop.zone, horizon, shiftDays: 0 }
  return plan(readCalendar(readFileSync(path, 'utf8'), options).versions, shop, SAME)
}).toSorted((a, b) => a.at - b.at)

const day = (seed: number, shop = DOWNTOWN, bookings = BOOKINGS) =>
  dayOf(bookings, shop, { seed, keySuffix: '' })
const both = (seed: number) => SHOPS.flatMap((shop) => day(seed, shop))
const aboutAppointments = (items: readonly DayItem[]) =>
  items.filter(({ body }) => body.type.startsWith('appointment.'))
const appointmentOf = ({ body }: Pick<DayItem, 'body'>) => body.entity?.id ?? ''

const seeds = fc.nat({ max: 999_999_999 })

describe('a day', () => {
  test('of the same seed is the same day, of another seed another', () => {
    fc.assert(fc.property(seeds, (seed) => void expect(both(seed)).toEqual(both(seed))))
    expect(day(8)).not.toEqual(day(7))
  })

  test('[NO2] brings every type that bookings do not', () => {
    const booked = new Set(BOOKINGS.map(({ body }) => body.type))
    fc.assert(
      fc.property(seeds, fc.constantFrom(...SHOPS), (seed, shop) => {
        const types = [...booked, ...day(seed, shop).map(({ body }) => body.type)]
        expect(new Set(types)).toEqual(new Set(Object.keys(NOTIFICATION_TYPES)))
      }),
    )
  })

  test('[NO3] is made of valid sends, each with a key of its own that fits a header', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const items = both(seed)
        for (const { body } of items) expect(v.safeParse(Send, body).issues).toBeUndefined()
        for (const { key } of items) expect(key).toMatch(/^[\x21-\x7e]{1,255}$/)
        expect(new Set(items.map(({ key }) => key)).size).toBe(items.length)
      }),
    )
  })

  test('[NO4] shows figures to nobody but managers: to the shop, and by their type', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        for (const { body } of both(seed)) {
          if (!typeRow(body.type).managersOnly) continue
          expect(body.to).toEqual({ location_id: expect.any(String) })
        }
      }),
    )
  })

  test('[NO3] is for people of the shop, and asks those to confirm who did not ask', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(...SHOPS), (seed, shop) => {
        const ids = shop.people.map(({ id }) => id)
        for (const { body, userId, location } of day(seed, shop)) {
          expect(location).toBe(shop.location)
          if (body.to.user_id === undefined) expect(body.to.location_id).toBe(shop.location)
          else expect(ids).toContain(body.to.user_id)
          expect(userId).toBe(body.to.user_id ?? null)
          if (body.requires_ack) expect(body.to.roles).toEqual(['staff'])
        }
      }),
    )
  })

  test('asks for one confirmation', () => {
    const asking = day(7).filter(({ body }) => body.requires_ack)
    expect(asking.map(({ body }) => body.type)).toEqual(['team.policy_update'])
  })

  test('played again as news has other keys and says the same', () => {
    const again = dayOf(BOOKINGS, DOWNTOWN, { seed: 7, keySuffix: '@2' })
    expect(again.map(({ body }) => body)).toEqual(day(7).map(({ body }) => body))
    expect(again.map(({ key }) => key)).not.toEqual(day(7).map(({ key }) => key))
  })
})

describe('in order', () => {
  test('the day lies among the bookings, spread over the whole play', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const all = withDay(BOOKINGS, SHOPS, { seed, keySuffix: '' })
        const times = all.map(({ at }) => at)
        expect(times).toEqual(times.toSorted((a, b) => a - b))
        expect([times[0], times.at(-1)]).toEqual([BOOKINGS[0]?.at, BOOKINGS.at(-1)?.at])
        const quarters = both(seed).map(({ at }) =>
          Math.floor((4 * (at - (times[0] ?? 0))) / ((times.at(-1) ?? 0) - (times[0] ?? 0))),
        )
        expect(new Set(quarters).size).toBe(4)
      }),
    )
  })

  test('reminders come before their appointment, no-shows after it, both after the booking', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const all = withDay(BOOKINGS, SHOPS, { seed, keySuffix: '' })
        for (const item of aboutAppointments(both(seed))) {
          const time = Date.parse(String(item.body.data?.['time']))
          if (item.what === 'reminder') expect(item.clock).toBeLessThan(time)
          else expect(item.clock).toBeGreaterThan(time)
          const story = all.filter(
            (one) => appointmentOf(one) === appointmentOf(item) && one.location === item.location,
          )
          const whats = story.map(({ what }) => what)
          expect(whats.lastIndexOf('booked')).toBeLessThan(whats.indexOf(item.what))
          expect(whats.lastIndexOf('moved')).toBeLessThan(whats.indexOf(item.what))
        }
      }),
    )
  })
})

const ATTENDEES = [{ email: 'ben@example.com', name: 'Ben', declined: false }]
const NINE = Date.parse('2026-03-09T13:00:00Z')
const HOUR = 3_600_000

const version = (uid: string, start: number, changes: Partial<Version> = {}): Version => ({
  uid,
  recurrenceId: null,
  sequence: 0,
  modified: NINE - 200 * HOUR,
  cancelled: false,
  start,
  day: '',
  summary: `Skin fade - ${uid}`,
  attendees: ATTENDEES,
  line: 1,
  ...changes,
})

/** What is said of each appointment besides its bookings. */
function told(seed: number, ...versions: Version[]) {
  const bookings = plan(versions, DOWNTOWN, SAME)
  return aboutAppointments(day(seed, DOWNTOWN, bookings)).map((one) => [
    one.what,
    appointmentOf(one),
    one.userId,
  ])
}

describe('of appointments', () => {
  test('each is reminded of once, and one client does not come', () => {
    const items = told(1, version('a', NINE), version('b', NINE + HOUR, { attendees: [] }))
    expect(items.filter(([what]) => what === 'reminder')).toEqual([
      ['reminder', 'a', 'ben'],
      ['reminder', 'b', null],
    ])
    expect(items.filter(([what]) => what === 'no-show')).toHaveLength(1)
  })

  test('a cancelled one is neither reminded of nor missed, whenever it was cancelled', () => {
    const changes = fc.record({ cancelledAt: fc.integer({ min: -200, max: 200 }), seed: seeds })
    fc.assert(
      fc.property(changes, ({ cancelledAt, seed }) => {
        const modified = NINE + cancelledAt * HOUR
        const end = version('a', NINE, { sequence: 1, cancelled: true, modified })
        const items = told(seed, version('a', NINE), version('b', NINE + HOUR), end)
        expect(new Set(items.map(([, id]) => id))).toEqual(new Set(['b']))
      }),
    )
  })

  test('one that moved to another day or another barber counts where it is', () => {
    const away = version('a', NINE + 24 * HOUR, { sequence: 1 })
    expect(told(1, version('a', NINE), version('b', NINE), away).flat()).not.toContain('a')
    const cleo = [{ email: 'cleo@example.com', name: null, declined: false }]
    const over = version('a', NINE, { sequence: 1, attendees: cleo })
    expect(told(1, version('a', NINE), over)[0]).toEqual(['reminder', 'a', 'cleo'])
  })

  test('one that is booked after its hour of the play is not reminded of', () => {
    const early = version('a', NINE)
    const late = version('b', NINE + HOUR, { modified: NINE })
    expect(told(1, early, late).flat()).not.toContain('b')
  })

  test('[NO6] it stays one line in an inbox: the key, audience and entity of its booking', () => {
    const bookings = plan([version('a', NINE)], DOWNTOWN, SAME)
    const [{ body: booked } = { body: null }] = bookings
    for (const { body } of aboutAppointments(day(1, DOWNTOWN, bookings))) {
      expect(body).toMatchObject({ to: booked?.to, collapse_key: booked?.collapse_key })
      expect(body.entity).toEqual(booked?.entity)
    }
  })
})

describe('a shop', () => {
  test('without appointments has no day', () => {
    expect(day(1, DOWNTOWN, [])).toEqual([])
  })

  test('whose people are not known has a day without what happens to one of them', () => {
    const items = day(1, { ...DOWNTOWN, people: [] })
    const others = items.filter((item) => !aboutAppointments(items).includes(item))
    expect(others.length).toBeGreaterThan(5)
    expect(others.every(({ userId }) => userId === null)).toBe(true)
    for (const { body } of items) expect(v.is(Send, body)).toBe(true)
  })
})
