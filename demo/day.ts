// What a day brings to a shop besides bookings (--day). Pure: bookings and a seed go in, sends come out,
// and the same seed is the same day. The day is the first that has appointments; its hours, from
// before the first appointment until after the last, are spread over the whole play.
import type { Notice } from '../client/server/index.ts'
import { HAPPENINGS, type Setting } from './happenings.ts'
import { shortened, type Booking, type Colleague, type Planned } from './plan.ts'
import { pick, randomOf, type Random } from './random.ts'

export interface DayShop {
  location: string
  zone: string
  people: readonly Colleague[]
}

/** A send of the day. */
export interface DayItem extends Planned {
  /** When it happens by the shop's own clock on the day; milliseconds. */
  clock: number
}

export interface DayOptions {
  seed: number
  /** Makes the same day news again. */
  keySuffix: string
}

const MINUTE_MS = 60_000
const AROUND_MS = 60 * MINUTE_MS
const REMINDED_BEFORE_MS = 20 * MINUTE_MS
const WAITED_FOR_MS = 15 * MINUTE_MS
const WEEK_MS = 7 * 24 * 60 * MINUTE_MS

/** How far chance moves what happens, as a share of the day: less than half of what lies between two. */
const JITTER = 0.03

/** The bookings with the day among them, in order. Bookings must be in order themselves. */
export function withDay(
  bookings: readonly Booking[],
  shops: readonly DayShop[],
  options: DayOptions,
): Planned[] {
  const days = shops.flatMap((shop) => dayOf(bookings, shop, options))
  // The sort is stable: of one moment, a booking comes before what follows from it.
  return [...bookings, ...days].toSorted((a, b) => a.at - b.at)
}

/** The day of one shop; `bookings` are those of all shops, which share the time of the play. */
export function dayOf(
  bookings: readonly Booking[],
  shop: DayShop,
  { seed, keySuffix }: DayOptions,
): DayItem[] {
  const own = bookings.filter(({ location }) => location === shop.location)
  const hours = hoursOf(own, bookings, shop.zone)
  if (!hours) return []
  const random = randomOf(`${seed} ${shop.location}`)
  const { location, people } = shop
  const setting = { location, people, day: hours.day, currency: currencyOf(shop.zone), random }
  const moments = [
    ...appointmentsOf(hours, random),
    ...goalOf(own, hours, location),
    ...happeningsOf(hours, setting),
  ]
  return moments
    .toSorted((a, b) => a.clock - b.clock)
    .map(({ what, clock, body, time = null, words = '' }) => ({
      what,
      clock,
      at: hours.atOf(clock),
      location,
      userId: body.to.user_id ?? null,
      // Another content is another send, so the same key always says the same.
      key: shortened(`${hours.day} ${location} ${JSON.stringify(body)}${keySuffix}`, 255),
      body,
      time,
      words: words || textOf(body),
    }))
}

interface Moment {
  what: string
  clock: number
  body: Notice
  time?: string
  words?: string
}

interface Hours {
  day: string
  /** The day's appointments as they turn out, in order. */
  appointments: Booking[]
  /** The time of the play at a time of the day, and back. */
  atOf(clock: number): number
  clockOf(at: number): number
  /** A share of the day as a time of it. */
  clockAt(share: number): number
}

function hoursOf(own: readonly Booking[], all: readonly Booking[], zone: string): Hours | null {
  const appointments = outcomesOf(own)
  const [first] = appointments
  if (!first) return null
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone })
  const dayAt = (booking: Booking) => format.format(startOf(booking))
  const day = dayAt(first)
  const ofTheDay = appointments.filter((booking) => dayAt(booking) === day)
  const opens = startOf(first) - AROUND_MS
  const length = startOf(ofTheDay.at(-1) ?? first) + AROUND_MS - opens
  const from = all[0]?.at ?? 0
  const span = (all.at(-1)?.at ?? 0) - from
  return {
    day,
    appointments: ofTheDay,
    atOf: (clock) => Math.round(from + ((clock - opens) / length) * span),
    clockOf: (at) => opens + (span === 0 ? 0 : (at - from) / span) * length,
    clockAt: (share) => opens + share * length,
  }
}

const startOf = ({ body }: Booking) => Date.parse(body.data.time)

/** The last word on each appointment that is not cancelled in the end, by the time it takes place. */
function outcomesOf(bookings: readonly Booking[]): Booking[] {
  const last = new Map(bookings.map((booking) => [booking.body.entity.id, booking]))
  return [...last.values()]
    .filter(({ what }) => what !== 'cancelled')
    .toSorted((a, b) => startOf(a) - startOf(b))
}

/** Reminders of the day's appointments, and the one whose client did not come. */
function appointmentsOf({ appointments, atOf }: Hours, random: Random): Moment[] {
  const moments = (booking: Booking, type: 'reminder' | 'no_show', clock: number): Moment[] => {
    // What was booked or moved later than that needs no reminder, and is not missed yet.
    if (atOf(clock) < booking.at) return []
    const { to, data, collapse_key, entity, location_id } = booking.body
    const body: Notice = {
      type: `appointment.${type}`,
      to,
      ...(location_id === undefined ? {} : { location_id }),
      data: {
        appointment_id: data.appointment_id,
        client_name: data.client_name,
        service: data.service,
        time: data.time,
      },
      // One appointment is one line in an inbox, whatever has happened to it (NO6).
      collapse_key,
      entity,
    }
    const what = type === 'no_show' ? 'no-show' : 'reminder'
    return [{ what, clock, body, time: data.time, words: booking.words }]
  }
  const reminders = appointments.flatMap((booking) =>
    moments(booking, 'reminder', startOf(booking) - REMINDED_BEFORE_MS),
  )
  const noShows = appointments.map((booking) =>
    moments(booking, 'no_show', startOf(booking) + WAITED_FOR_MS),
  )
  const missed = pick(
    random,
    noShows.filter((some) => some.length > 0),
  )
  return [...reminders, ...(missed ?? [])]
}

/** [NO2] The goal is a round number of bookings for the week, and is reached when that one is made. */
function goalOf(own: readonly Booking[], hours: Hours, location: string): Moment[] {
  const end = Date.parse(hours.day) + WEEK_MS
  const week = outcomesOf(own)
    .filter((booking) => startOf(booking) < end)
    .toSorted((a, b) => a.at - b.at)
  const goal = week.length < 5 ? week.length : week.length - (week.length % 5)
  const last = week[goal - 1]
  if (!last) return []
  const data = { metric: 'bookings_this_week', value: goal, goal }
  const body: Notice = { type: 'performance.goal_achieved', to: { location_id: location }, data }
  return [{ what: 'goal', clock: hours.clockOf(last.at), body }]
}

function happeningsOf(hours: Hours, setting: Setting): Moment[] {
  return HAPPENINGS.flatMap(({ what, share, notice }) => {
    const clock = hours.clockAt(share + (setting.random() * 2 - 1) * JITTER)
    const body = notice(setting)
    return body ? [{ what, clock, body }] : []
  })
}

/** A guess that suits the demo: no shop says what it is paid in. */
const currencyOf = (zone: string) => (zone.startsWith('America/') ? 'USD' : 'EUR')

/** What the player prints: the title, or what the server will write one from. */
function textOf({ title, data = {} }: Notice): string {
  if (title !== undefined) return title
  const said = Object.entries(data).filter(([name]) => !name.endsWith('_id'))
  return said.map(([, value]) => String(value).replaceAll('_', ' ')).join(', ')
}
