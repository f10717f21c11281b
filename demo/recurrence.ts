// The dates of an event: one, or those of its recurrence.
import ICAL from 'ical.js'
import type { EventRevision } from './event.ts'
import { instantOf } from './event.ts'
import { reasonOf, withinMs } from './watchdog.ts'

/** Where a recurrence without an end is cut off. */
export interface Horizon {
  /** Dates before this are not played (of a recurrence without an end only); milliseconds. */
  from: number
  days: number
}

export interface Dates {
  starts: ICAL.Time[]
  /** Set where the starts are not all there are, or none could be found. */
  trouble: string | null
}

/** More dates than this of one event are nobody's booking calendar. */
const MAX_DATES = 1_000
/** Steps through dates that lie before the horizon, or are excluded. */
const MAX_STEPS = 100_000
/** ical.js looks for ever for a date that never comes, like 30 February each year. */
const MAX_SEARCH_MS = 1_000

const DAY_MS = 24 * 3_600_000

/** All starts of an event in order, without those it excepts. */
export function datesOf(event: EventRevision, horizon: Horizon): Dates {
  if (event.rules.length === 0 && event.extraDates.length === 0) {
    return { starts: [event.start], trouble: null }
  }
  const found = new Map<number, ICAL.Time>()
  const keep = (time: ICAL.Time) => {
    if (found.size < MAX_DATES) found.set(instantOf(time), time)
  }
  let trouble: string | null = null
  try {
    withinMs(MAX_SEARCH_MS, () => {
      for (const rule of event.rules) if (!walk(rule, event, horizon, keep)) trouble = TOO_MANY
    })
  } catch (error) {
    trouble = `its recurrence cannot be played: ${reasonOf(error)}`
  }
  // The start counts as a date of its own (RFC 5545, 3.8.5.3); ical.js leaves it to the rule.
  if (event.rules.length === 0 || isLost(found, event, horizon)) keep(event.start)
  for (const time of event.extraDates) keep(time)
  for (const time of event.exceptDates) except(found, time)
  const starts = [...found].toSorted(([a], [b]) => a - b).map(([, time]) => time)
  return { starts, trouble }
}

const TOO_MANY = `its recurrence has too many dates; the first ${MAX_DATES} are played`

/** Answers false if it had to stop before the end. */
function walk(
  rule: ICAL.Recur,
  event: EventRevision,
  horizon: Horizon,
  keep: (time: ICAL.Time) => void,
): boolean {
  const isEndless = rule.until === null && rule.count === null
  const from = isEndless ? Math.max(horizon.from, instantOf(event.start)) : -Infinity
  const to = isEndless ? from + horizon.days * DAY_MS : Infinity
  const iterator = endingIn(rule, event.start).iterator(event.start)
  let kept = 0
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const next: ICAL.Time | null = iterator.next()
    if (!next) return true
    if (wallOf(next) + DAY_MS < from) continue
    const at = instantOf(next)
    if (at >= to) return true
    if (at < from) continue
    keep(next.clone())
    if ((kept += 1) >= MAX_DATES) return false
  }
  return false
}

const isLost = (found: Map<number, unknown>, event: EventRevision, horizon: Horizon) =>
  found.size === 0 && instantOf(event.start) >= horizon.from

// Without its zone, which is dear to work out: right to a day, and enough to skip years.
const wallOf = (time: ICAL.Time) => Date.UTC(time.year, time.month - 1, time.day, time.hour)

/** The rule with an UNTIL that is by the clock of its start, and holds the whole of a last day. */
function endingIn(rule: ICAL.Recur, start: ICAL.Time): ICAL.Recur {
  const { until } = rule
  if (!until || until.zone === ICAL.Timezone.utcTimezone) return rule
  const ending = rule.clone()
  const end = until.clone()
  if (until.isDate && !start.isDate) {
    end.isDate = false
    end.hour = 23
    end.minute = 59
    end.second = 59
  }
  end.zone = start.zone
  ending.until = end
  return ending
}

// An EXDATE without a time, which some calendars write, means that whole day.
function except(found: Map<number, ICAL.Time>, excluded: ICAL.Time) {
  if (!excluded.isDate) {
    found.delete(instantOf(excluded))
    return
  }
  const day = excluded.toString().slice(0, 10)
  for (const [at, time] of found) if (time.toString().slice(0, 10) === day) found.delete(at)
}
