// From revisions of events to versions of appointments: each date of a series is an appointment, and
// a later revision of the series changes, adds and takes away dates.
import type ICAL from 'ical.js'
import type { Attendee, EventRevision } from './event.ts'
import { instantOf } from './event.ts'
import type { Problem } from './lines.ts'
import type { Horizon } from './recurrence.ts'
import { datesOf } from './recurrence.ts'
import { reasonOf } from './watchdog.ts'
import { onTheWall } from './zones.ts'

/** What an appointment was at one time. Each date of a series is an appointment of its own. */
export interface Version {
  uid: string
  /** The original start of this date of a series (ISO 8601, UTC); null: not of a series. */
  recurrenceId: string | null
  sequence: number
  /** When it was written; milliseconds. */
  modified: number
  cancelled: boolean
  /** Milliseconds. */
  start: number
  /** Its day by the clock on the wall, "2026-11-23". */
  day: string
  summary: string
  attendees: Attendee[]
  /** Where it stands in the file. */
  line: number
}

export interface ReadOptions {
  /** IANA zone of floating times and of times in a zone that nobody knows. */
  zone: string
  horizon: Horizon
  /** Moves every appointment by whole days; the clock on the wall stays. */
  shiftDays: number
}

/** All versions, in the order in which they were written; of one appointment in order of SEQUENCE. */
export function versionsOf(
  revisions: readonly EventRevision[],
  options: ReadOptions,
  problems: Problem[],
): Version[] {
  const byUid = Map.groupBy(revisions, (revision) => revision.uid)
  const versions = [...byUid.values()].flatMap((group) => {
    try {
      return new Story(group, options, problems).tell()
    } catch (error) {
      // A zone or a rule that is whole in form and nonsense in content shows only in use.
      const message = `the event cannot be played: ${reasonOf(error)}`
      problems.push({ line: group[0]?.line ?? 1, message })
      return []
    }
  })
  return versions.toSorted((a, b) => a.modified - b.modified)
}

/** Everything that happened to one UID. */
class Story {
  readonly #revisions: EventRevision[]
  readonly #options: ReadOptions
  readonly #problems: Problem[]
  /** The last version told, by recurrenceId. */
  readonly #told = new Map<string | null, Version>()
  /** The dates of the last revision of the series. */
  #dates = new Set<string | null>()
  readonly #versions: Version[] = []

  constructor(revisions: EventRevision[], options: ReadOptions, problems: Problem[]) {
    this.#revisions = inOrder(revisions)
    this.#options = options
    this.#problems = problems
  }

  tell(): Version[] {
    for (const revision of this.#revisions) {
      if (revision.replaces) this.#add(revision, revision.start, idOf(revision.replaces))
      else this.#tellWhole(revision)
    }
    return this.#versions
  }

  #tellWhole(revision: EventRevision) {
    const { starts, trouble } = datesOf(revision, this.#options.horizon)
    if (trouble) this.#problems.push({ line: revision.line, message: trouble })
    const isSeries = revision.rules.length > 0 || revision.extraDates.length > 0
    const before = this.#dates
    this.#dates = new Set(starts.map((start) => (isSeries ? idOf(start) : null)))
    for (const start of starts) {
      const id = isSeries ? idOf(start) : null
      if (isSeries && this.#hasOwnRevision(id, revision)) continue
      const last = this.#told.get(id)
      // A new revision of a series is news only for the dates that it changes.
      if (isSeries && last && isSame(last, this.#version(revision, start, id))) continue
      this.#add(revision, start, id)
    }
    for (const id of before) if (!this.#dates.has(id)) this.#takeBack(id, revision)
  }

  /** A date that was changed for itself stays as it is, whatever the series says later or at once. */
  #hasOwnRevision(id: string | null, series: EventRevision): boolean {
    return this.#revisions.some(
      (one) =>
        one.replaces !== null && idOf(one.replaces) === id && one.sequence <= series.sequence,
    )
  }

  #takeBack(id: string | null, revision: EventRevision) {
    const last = this.#told.get(id)
    if (!last || last.cancelled) return
    const { sequence, modified, line } = revision
    this.#push({
      ...last,
      sequence: Math.max(last.sequence, sequence),
      modified,
      line,
      cancelled: true,
    })
  }

  #add(revision: EventRevision, start: ICAL.Time, id: string | null) {
    this.#push(this.#version(revision, start, id))
  }

  #push(version: Version) {
    this.#told.set(version.recurrenceId, version)
    this.#versions.push(version)
  }

  #version(revision: EventRevision, start: ICAL.Time, recurrenceId: string | null): Version {
    // Moved by the clock on the wall: 9:00 stays 9:00 on the other side of a change of clocks.
    const shifted = onTheWall(start, this.#options.zone)
    shifted.adjust(this.#options.shiftDays, 0, 0, 0)
    const { uid, sequence, modified, cancelled, summary, attendees, line } = revision
    const at = { start: instantOf(shifted), day: shifted.toString().slice(0, 10) }
    return { uid, recurrenceId, sequence, modified, cancelled, ...at, summary, attendees, line }
  }
}

const idOf = (start: ICAL.Time) => new Date(instantOf(start)).toISOString()

const isSame = (a: Version, b: Version) =>
  a.start === b.start &&
  a.cancelled === b.cancelled &&
  a.summary === b.summary &&
  JSON.stringify(a.attendees) === JSON.stringify(b.attendees)

/**
 * Revisions in the order in which they count: by SEQUENCE (a raised one outdoes a later date, RFC
 * 5546, 2.1.5), then by when they were written; of two that say the same about the same only the
 * newer. Times never go back, so the order survives sorting by time.
 */
function inOrder(revisions: readonly EventRevision[]): EventRevision[] {
  const newest = new Map<string, EventRevision>()
  for (const one of revisions.toSorted((a, b) => a.modified - b.modified)) {
    const about = one.replaces ? idOf(one.replaces) : ''
    newest.set(`${about} ${one.sequence} ${one.cancelled}`, one)
  }
  const ordered = [...newest.values()].toSorted(
    (a, b) =>
      a.sequence - b.sequence ||
      a.modified - b.modified ||
      Number(a.cancelled) - Number(b.cancelled),
  )
  let latest = 0
  return ordered.map((one) => ({ ...one, modified: (latest = Math.max(latest, one.modified)) }))
}
