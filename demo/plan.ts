// From versions of appointments to what a booking system would send (NO3): who is told, and what.
// Pure; it knows no network and no clock.
import { createHash } from 'node:crypto'
import type { Notice } from '../client/server/index.ts'
import type { Role } from '../protocol/notification.ts'
import type { Version } from './versions.ts'
import type { Attendee } from './event.ts'
import { wordsOf } from './words.ts'

export interface Person {
  id: string
  name: string
  emails: readonly string[]
}

export interface Colleague extends Person {
  role: Role
}

export interface Shop {
  location: string
  people: readonly Person[]
}

/** One send of a play. */
export interface Planned {
  /** One word for it. */
  what: string
  /** When the calendar wrote it; milliseconds. */
  at: number
  location: string
  /** The one who is told, or null: everybody in the shop who may see it. */
  userId: string | null
  key: string
  body: Notice
  /** What the player says about it: the time that it is about, and a few words. */
  time: string | null
  words: string
}

/** What a calendar makes a booking system send. */
export interface Booking extends Planned {
  what: 'booked' | 'moved' | 'cancelled'
  body: Body
}

interface Body {
  to: { user_id: string } | { location_id: string }
  type: 'appointment.booked' | 'appointment.cancelled'
  /** Beside a person: the shop that it is about. */
  location_id?: string
  data: {
    appointment_id: string
    client_name: string
    service: string
    time: string
    previous_time?: string
  }
  collapse_key: string
  entity: { type: 'appointment'; id: string }
}

export interface PlanOptions {
  /** Makes the same file another set of appointments: the day to which it was moved. */
  edition: string
  /** Makes the same appointments news again. */
  keySuffix: string
}

/** What was last sent of an appointment. */
interface Known {
  to: string | null
  start: number
  sequence: number
  live: boolean
}

/** All sends, in order. Versions must be in the order in which they were written. */
export function plan(versions: readonly Version[], shop: Shop, options: PlanOptions): Booking[] {
  const known = new Map<string, Known>()
  return versions.flatMap((version) => {
    const id = appointmentIdOf(version, options.edition)
    const last = known.get(id)
    if (last && isOld(version, last)) return []
    const sends = sendsOf(version, id, last, shop)
    const userId = barberOf(version.attendees, shop.people)?.id ?? null
    const { start, sequence, cancelled } = version
    known.set(id, { to: userId, start, sequence, live: !cancelled })
    return sends.map((send) => ({ ...send, key: shortened(send.key + options.keySuffix, 255) }))
  })
}

/** Two files may hold the same appointment, and the later file the older version. */
const isOld = (version: Version, last: Known) =>
  version.sequence < last.sequence ||
  (version.sequence === last.sequence && (!version.cancelled || !last.live))

function sendsOf(version: Version, id: string, last: Known | undefined, shop: Shop): Booking[] {
  const barber = barberOf(version.attendees, shop.people)?.id ?? null
  const key = `${id}#${version.sequence}`
  const send = (what: Booking['what'], userId: string | null, ownKey: string): Booking => {
    const body = bodyOf(version, { id, what, userId, shop, last })
    const { client_name, service, time } = body.data
    const words = `${client_name}, ${service}`
    const { location } = shop
    return { what, at: version.modified, location, userId, key: ownKey, body, time, words }
  }
  if (version.cancelled) {
    // Cancelled twice is cancelled once.
    if (last && !last.live) return []
    // Who was told of the booking is told of its end, also if the end names nobody.
    return [send('cancelled', last ? last.to : barber, `${key}:cancelled`)]
  }
  if (!last?.live) return [send('booked', barber, key)]
  if (last.to === barber) return [send('moved', barber, key)]
  return [send('cancelled', last.to, `${key}:left`), send('booked', barber, key)]
}

interface About {
  id: string
  what: Booking['what']
  userId: string | null
  shop: Shop
  last: Known | undefined
}

function bodyOf(version: Version, { id, what, userId, shop, last }: About): Body {
  const { client, service } = wordsOf(
    version.summary,
    version.attendees.filter((one) => !personOf(one, shop.people)),
  )
  const time = what === 'cancelled' && last ? last.start : version.start
  const isLater = what === 'moved' && last && last.start !== version.start
  return {
    to: userId === null ? { location_id: shop.location } : { user_id: userId },
    type: what === 'cancelled' ? 'appointment.cancelled' : 'appointment.booked',
    ...(userId === null ? {} : { location_id: shop.location }),
    data: {
      appointment_id: id,
      client_name: client,
      service,
      time: isoOf(time),
      ...(isLater ? { previous_time: isoOf(last.start) } : {}),
    },
    // One appointment is one line in an inbox, whatever has happened to it (NO6).
    collapse_key: shortened(`booking:${id}`, 64),
    entity: { type: 'appointment', id },
  }
}

const isoOf = (at: number) => new Date(at).toISOString()

function appointmentIdOf({ uid, recurrenceId }: Version, edition: string): string {
  const parts = [uid, recurrenceId ?? '', edition].filter((part) => part !== '')
  return shortened(parts.join('/'), 128)
}

/**
 * A text that fits a header and a length, and is as different from others as it was: what does not
 * fit is replaced by its hash.
 */
export function shortened(text: string, max: number): string {
  if (text.length <= max && /^[\x21-\x7e]+$/.test(text)) return text
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 32)
  const head = text.replace(/[^\x21-\x7e]/g, '').slice(0, Math.min(24, max - hash.length - 1))
  return `${head}~${hash}`
}

/** The barber: the first of the shop's people who was invited and did not decline. */
function barberOf(attendees: readonly Attendee[], people: readonly Person[]): Person | null {
  for (const attendee of attendees) {
    const person = attendee.declined ? null : personOf(attendee, people)
    if (person) return person
  }
  return null
}

function personOf({ email, name }: Attendee, people: readonly Person[]): Person | null {
  const called = name?.toLowerCase() ?? null
  return (
    people.find((person) => email !== null && person.emails.includes(email)) ??
    people.find((person) => called === person.name.toLowerCase() || called === person.id) ??
    null
  )
}
