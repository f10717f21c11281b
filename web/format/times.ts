// Times as people say them (docs: brand). All functions are pure: the time now, the zone and the
// language are arguments. Clocks are 24-hour in every language, as in the texts that the hubs write.
import { dayKey, daysBetween } from './days.ts'

export interface Viewer {
  now: number
  zone: string
  locale: string
}

/** The few words that Intl does not have. */
export interface TimeWords {
  now: string
  minutes: (count: number) => string
  inPlace: (time: string, place: string) => string
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Making a formatter costs more than using it, and a list uses the same few again and again. */
function format(locale: string, options: Intl.DateTimeFormatOptions) {
  const key = `${locale} ${JSON.stringify(options)}`
  let made = formats.get(key)
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat(locale, options)))
  return made
}

const capital = (text: string, locale: string) =>
  text.slice(0, 1).toLocaleUpperCase(locale) + text.slice(1)

export const clock = (at: number, zone: string, locale: string) =>
  format(locale, { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(
    at,
  )

const relativeDay = (days: number, locale: string) =>
  new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(days, 'day')

function dateWords(at: number, viewer: Viewer, weekday: 'short' | 'long') {
  const sameYear =
    dayKey(at, viewer.zone).slice(0, 4) === dayKey(viewer.now, viewer.zone).slice(0, 4)
  return format(viewer.locale, {
    timeZone: viewer.zone,
    weekday,
    day: 'numeric',
    month: weekday === 'long' ? 'long' : 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(at)
}

/** "Today", "Yesterday", "Monday 9 November": what stands above a day of the inbox. */
export function dayHeading(at: number, viewer: Viewer) {
  const days = daysBetween(dayKey(viewer.now, viewer.zone), dayKey(at, viewer.zone))
  const words =
    Math.abs(days) <= 1 ? relativeDay(days, viewer.locale) : dateWords(at, viewer, 'long')
  return capital(words, viewer.locale)
}

/**
 * The time at the right of a row: "now", "12 min", then the clock, because the day stands above it.
 * A clock of the phone that is a little behind the server's must not say "in 1 min".
 */
export function rowTime(at: number, viewer: Viewer, words: TimeWords) {
  const minutes = Math.floor((viewer.now - at) / 60_000)
  if (minutes < 1) return words.now
  if (minutes < 60) return words.minutes(minutes)
  return clock(at, viewer.zone, viewer.locale)
}

/** "today 15:30", "yesterday 18:05", "Mon, 9 Nov 10:00": a moment within a sentence. */
export function moment(at: number, viewer: Viewer) {
  const days = daysBetween(dayKey(viewer.now, viewer.zone), dayKey(at, viewer.zone))
  const day =
    Math.abs(days) <= 1 ? relativeDay(days, viewer.locale) : dateWords(at, viewer, 'short')
  return `${day} ${clock(at, viewer.zone, viewer.locale)}`
}

/** A calendar day without a time ("2026-12-01") is that day everywhere. */
export const calendarDay = (day: string, viewer: Viewer) =>
  dateWords(Date.parse(`${day}T12:00:00Z`), { ...viewer, zone: 'UTC' }, 'long')

/**
 * A moment at a shop. Where the shop's clock shows something else than the phone's, the shop's
 * counts, and it says so: "today 15:30 in Harbour".
 */
export function momentAt(
  at: number,
  shop: { name: string; time_zone: string } | undefined,
  viewer: Viewer,
  words: TimeWords,
) {
  if (!shop) return moment(at, viewer)
  const there = moment(at, { ...viewer, zone: shop.time_zone })
  return there === moment(at, viewer) ? there : words.inPlace(there, shop.name)
}
