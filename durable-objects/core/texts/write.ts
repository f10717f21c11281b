// How times, figures and names from a notification's data are written into a text. It knows no
// sentences; those are in the files of the languages. Nothing here throws, whatever the value is.

/** The tools a language gets, bound to one reader's locale and time zone. */
export interface Write {
  /** "Mon 23 Nov, 15:30", with "UTC" behind it where the reader has no zone. */
  time(value: string): string
  /** "15:30" */
  clock(value: string): string
  /** "Mon 23 Nov" */
  day(value: string): string
  /** "31 Dec 2026" */
  date(value: string): string
  figure(value: number): string
  money(amount: number, currency: string): string
}

/** Long enough for any name on a shop's books, short enough that a title stays within its limit. */
const MAX_WORDS_CHARS = 80

/** Beyond this a figure is written as a power of ten: hundreds of digits help nobody. */
const LARGEST_WRITTEN_OUT = 1e15

// Control characters, and the marks that turn the direction of what follows: a client's name must
// not break or reverse the sentence around it.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\s]+/gu

/** One line of a bounded length from a value of the data. */
export function words(value: unknown, max = MAX_WORDS_CHARS): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  // Cut before walking code points; a code point is at most two units.
  const line = text
    .slice(0, max * 4)
    .replace(UNPRINTABLE, ' ')
    .trim()
  const points = [...line]
  return points.length <= max
    ? line
    : `${points
        .slice(0, max - 1)
        .join('')
        .trimEnd()}…`
}

/** "no_show_rate" as a person says it: "no show rate". */
export const spoken = (value: unknown) => words(words(value).replace(/[_.-]+/g, ' '))

/** With a capital at the start of a sentence. */
export function capital(text: string): string {
  const [first = ''] = text
  return first.toUpperCase() + text.slice(first.length)
}

/** "Skin fade" inside a sentence is "skin fade"; "VIP cut" and "O'Neill special" stay. */
export function inner(text: string): string {
  return /^\p{Lu}\p{Ll}[\p{Ll}\p{M}]*(?:[\s,&+/-]|$)/u.test(text)
    ? text.charAt(0).toLowerCase() + text.slice(1)
    : text
}

/**
 * When a booking was before it was moved, or null. `previous_time` is a key beyond the type's own
 * (NO2), which a sender may give, so anything may stand there.
 */
export function movedFrom(data: { time: string; [key: string]: unknown }): string | null {
  const before = data['previous_time']
  if (typeof before !== 'string') return null
  const at = Date.parse(before)
  return Number.isNaN(at) || at === Date.parse(data.time) ? null : before
}

/** Makes the tools for a locale (a language tag) and an IANA zone; unknown ones fall back to English and UTC. */
export function writer(locale: string, zone: string | null): Write {
  const tag = usableLocale(locale)
  const clockZone = zone !== null && isZone(zone) ? zone : 'UTC'
  // A clock without its zone would be taken for the reader's own.
  const mark = clockZone === zone ? '' : ' UTC'
  const local = partsOf(tag, clockZone)
  const calendar = partsOf(tag, 'UTC')
  const parts = (value: string) => (isBareDay(value) ? calendar(value) : local(value))
  const dayOf = (at: Parts) => `${at.weekday} ${at.day} ${at.month}`
  const written = (value: string, write: (at: Parts) => string) => {
    const at = parts(value)
    return at === null ? words(value) : write(at)
  }
  return {
    time: (value) =>
      written(value, (at) =>
        isBareDay(value) ? dayOf(at) : `${dayOf(at)}, ${at.hour}:${at.minute}${mark}`,
      ),
    clock: (value) => written(value, (at) => `${at.hour}:${at.minute}${mark}`),
    day: (value) => written(value, dayOf),
    date: (value) => written(value, (at) => `${at.day} ${at.month} ${at.year}`),
    figure: (value) => figure(tag, value, { maximumFractionDigits: 2 }),
    money: (amount, currency) => money(tag, amount, currency),
  }
}

interface Parts {
  weekday: string
  day: string
  month: string
  year: string
  hour: string
  minute: string
}

// A day without a time is that day everywhere, so it is never moved into a zone.
const isBareDay = (value: string) => /^\d{4}-\d{2}-\d{2}$/.test(value)

function partsOf(locale: string, zone: string) {
  const format = new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  })
  return (value: string): Parts | null => {
    const at = Date.parse(value)
    if (Number.isNaN(at)) return null
    const found = new Map(format.formatToParts(at).map((part) => [part.type, part.value]))
    const part = (type: Intl.DateTimeFormatPartTypes) => found.get(type) ?? ''
    return {
      // Some locales abbreviate with a full stop, which looks like the end of the sentence.
      weekday: part('weekday').replace('.', ''),
      month: part('month').replace('.', ''),
      day: part('day'),
      year: part('year'),
      hour: part('hour').padStart(2, '0'),
      minute: part('minute').padStart(2, '0'),
    }
  }
}

function figure(locale: string, value: number, options: Intl.NumberFormatOptions): string {
  const huge = Math.abs(value) >= LARGEST_WRITTEN_OUT
  return new Intl.NumberFormat(locale, {
    ...options,
    ...(huge ? { notation: 'scientific', maximumFractionDigits: 2 } : {}),
  }).format(value)
}

function money(locale: string, amount: number, currency: string): string {
  try {
    return figure(locale, amount, {
      style: 'currency',
      currency,
      trailingZeroDisplay: 'stripIfInteger',
    })
  } catch {
    return `${figure(locale, amount, { maximumFractionDigits: 2 })} ${words(currency)}`
  }
}

function usableLocale(locale: string): string {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? 'en'
  } catch {
    return 'en'
  }
}

function isZone(zone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }))
  } catch {
    return false
  }
}
