// One VEVENT as the player needs it. Each line is parsed for itself by ical.js, so that what is wrong
// with an event has a line number; ical.js's own errors have none.
import ICAL from 'ical.js'
import type { Block, Line, Problem } from './lines.ts'
import { reasonOf } from './watchdog.ts'

export interface Attendee {
  email: string | null
  name: string | null
  declined: boolean
}

/** A VEVENT: one revision of an event, of a series, or of one date in a series. */
export interface EventRevision {
  uid: string
  /** Of its BEGIN. */
  line: number
  sequence: number
  /** LAST-MODIFIED, else DTSTAMP, else CREATED; milliseconds. */
  modified: number
  cancelled: boolean
  start: ICAL.Time
  /** Which date of a series this one replaces. */
  replaces: ICAL.Time | null
  rules: ICAL.Recur[]
  extraDates: ICAL.Time[]
  exceptDates: ICAL.Time[]
  summary: string
  attendees: Attendee[]
}

/** Finds the zone of a TZID; null TZID is a floating time. Never fails, but may take note. */
export type ZoneOf = (tzid: string | null, line: number) => ICAL.Timezone

const READ: ReadonlySet<string> = new Set([
  'UID',
  'DTSTART',
  'RECURRENCE-ID',
  'RRULE',
  'RDATE',
  'EXDATE',
  'SEQUENCE',
  'STATUS',
  'SUMMARY',
  'ATTENDEE',
  'LAST-MODIFIED',
  'DTSTAMP',
  'CREATED',
])

/** What keeps an event from being played; it ends the reading of this event and of no other. */
class Unreadable extends Error {
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

/** Reads a VEVENT, or says what is wrong with it. */
export function readEvent(block: Block, zoneOf: ZoneOf): EventRevision | Problem {
  try {
    return revisionOf(block, zoneOf)
  } catch (error) {
    if (error instanceof Unreadable) return { line: error.line, message: error.message }
    throw error
  }
}

interface Read {
  property: ICAL.Property
  text: string
  line: number
}

function revisionOf(block: Block, zoneOf: ZoneOf): EventRevision {
  const read = new Map<string, Read[]>()
  for (const line of block.lines) {
    const name = nameOf(line)
    if (!READ.has(name)) continue
    read.set(name, [
      ...(read.get(name) ?? []),
      { property: parse(line), text: line.text, line: line.number },
    ])
  }
  const first = (name: string) => read.get(name)?.[0]
  const times = (name: string) => (read.get(name) ?? []).flatMap((one) => timesOf(one, zoneOf))

  const uid = textOf(first('UID'))
  if (uid === '') throw new Unreadable(block.line, 'the event has no UID')
  const [start] = times('DTSTART')
  if (!start) throw new Unreadable(block.line, 'the event has no DTSTART')
  const [modified] = [...times('LAST-MODIFIED'), ...times('DTSTAMP'), ...times('CREATED')]
  return {
    uid,
    line: block.line,
    sequence: sequenceOf(first('SEQUENCE')),
    modified: modified ? instantOf(modified) : 0,
    cancelled: textOf(first('STATUS')).toUpperCase() === 'CANCELLED',
    start,
    replaces: times('RECURRENCE-ID')[0] ?? null,
    rules: (read.get('RRULE') ?? []).map(ruleOf),
    extraDates: times('RDATE'),
    exceptDates: times('EXDATE'),
    summary: textOf(first('SUMMARY')),
    attendees: (read.get('ATTENDEE') ?? []).map(attendeeOf),
  }
}

export const instantOf = (time: ICAL.Time) => time.toUnixTime() * 1_000

function nameOf(line: Line): string {
  const name = /^([A-Za-z0-9-]+)(?=[;:])/.exec(line.text)?.[1]
  if (name === undefined) {
    throw new Unreadable(line.number, `not a line of a calendar: "${shown(line.text)}"`)
  }
  return name.toUpperCase()
}

// A day without VALUE=DATE is against the rules and common.
const BARE_DAY = /^((?:DTSTART|RECURRENCE-ID|RDATE|EXDATE)(?:;TZID=[^:;]*)?):(\d{8})$/i

function parse(line: Line): ICAL.Property {
  try {
    return ICAL.Property.fromString(line.text.replace(BARE_DAY, '$1;VALUE=DATE:$2'))
  } catch (error) {
    throw new Unreadable(line.number, reasonOf(error))
  }
}

function textOf(read: Read | undefined): string {
  const [value] = read ? valuesOf(read) : []
  return typeof value === 'string' ? value.trim() : ''
}

// ical.js reads a value when it is asked for, and throws then.
function valuesOf({ property, line }: Read): unknown[] {
  try {
    return property.getValues()
  } catch (error) {
    throw new Unreadable(line, `${property.name.toUpperCase()} cannot be read: ${reasonOf(error)}`)
  }
}

function timesOf(read: Read, zoneOf: ZoneOf): ICAL.Time[] {
  const { property, line } = read
  const tzid: unknown = property.getParameter('tzid')
  if (!writtenTimes(property).every(isReal)) {
    throw new Unreadable(line, `${property.name.toUpperCase()} is not a date or time`)
  }
  return valuesOf(read).flatMap((value) => {
    const time = value instanceof ICAL.Period ? value.start : value
    if (!(time instanceof ICAL.Time)) return []
    if (time.zone === ICAL.Timezone.utcTimezone) return [time]
    const placed = time.clone()
    placed.zone = zoneOf(typeof tzid === 'string' ? tzid : null, line)
    return [placed]
  })
}

/** The values as they stand in the file, of a period its start. */
function writtenTimes(property: ICAL.Property): unknown[] {
  const values: unknown[] = property.jCal.slice(3)
  return values.map((value) => (Array.isArray(value) ? value[0] : value))
}

const TIME = /^(\d{4})-(\d\d)-(\d\d)(?:T([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)Z?)?$/

// ical.js makes a time of anything of the right length, so the digits are looked at first.
function isReal(text: unknown): boolean {
  if (typeof text !== 'string' || !TIME.test(text)) return false
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number)
  const at = new Date(Date.UTC(year, month - 1, day))
  return at.getUTCMonth() === month - 1 && at.getUTCDate() === day
}

// ical.js reads anything that is not a number as 0, and a move would become a booking.
function sequenceOf(read: Read | undefined): number {
  if (!read) return 0
  const digits = /:\s*(\d{1,15})\s*$/.exec(read.text)?.[1]
  if (digits === undefined) throw new Unreadable(read.line, 'SEQUENCE is not a number')
  return Number(digits)
}

function ruleOf(read: Read): ICAL.Recur {
  const [rule] = valuesOf(read)
  if (!(rule instanceof ICAL.Recur) || !rule.freq) {
    throw new Unreadable(read.line, 'RRULE is not a rule of recurrence')
  }
  const until = /[:;]UNTIL=(\d{4})(\d\d)(\d\d)/i.exec(read.text)
  if (rule.until && !(until && isReal(until.slice(1).join('-')))) {
    throw new Unreadable(read.line, 'UNTIL is not a date or time')
  }
  return rule
}

function attendeeOf(read: Read): Attendee {
  const { property } = read
  const address = textOf(read)
  const parameter = (name: string) => {
    const value: unknown = property.getParameter(name)
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
  }
  const mail = /^mailto:/i.test(address) ? address.slice('mailto:'.length) : parameter('email')
  return {
    email: mail === null || mail.trim() === '' ? null : decoded(mail.trim()).toLowerCase(),
    name: parameter('cn'),
    declined: parameter('partstat')?.toUpperCase() === 'DECLINED',
  }
}

function decoded(address: string): string {
  try {
    return decodeURIComponent(address)
  } catch {
    return address
  }
}

const shown = (text: string) => {
  const clean = text.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?')
  return clean.length > 40 ? `${clean.slice(0, 40)}…` : clean
}
