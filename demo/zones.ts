// Time zones for ical.js. It knows only UTC and what a file defines; most programs also write plain
// IANA names, which the runtime knows.
import ICAL from 'ical.js'

/** What ical.js gives a zone to work with: a clock on the wall. */
interface Wall {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
}

/** An IANA zone as ical.js sees zones. */
class IanaZone extends ICAL.Timezone {
  readonly #format: Intl.DateTimeFormat

  constructor(tzid: string) {
    super({ tzid })
    this.tzid = tzid
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: tzid,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  }

  /** Seconds east of UTC at this time on the wall. */
  override utcOffset(wall: Wall): number {
    const asUtc = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second)
    // A day before and after lie on either side of any change. Where the two differ, the time on the
    // wall belongs to the offset that leads back to it; an hour that comes twice is the first one,
    // an hour that is left out counts by the clock before the change (RFC 5545, 3.3.5).
    const before = this.#offsetAt(asUtc - DAY_MS)
    const after = this.#offsetAt(asUtc + DAY_MS)
    if (this.#offsetAt(asUtc - before) === before) return before / 1_000
    return (this.#offsetAt(asUtc - after) === after ? after : before) / 1_000
  }

  #offsetAt(instant: number): number {
    const wall = this.wallAt(instant)
    const asUtc = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second)
    return asUtc - Math.floor(instant / 1_000) * 1_000
  }

  wallAt(instant: number): Wall {
    const parts = new Map(
      this.#format.formatToParts(instant).map((part) => [part.type, Number(part.value)]),
    )
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
    return {
      year: part('year'),
      month: part('month'),
      day: part('day'),
      hour: part('hour'),
      minute: part('minute'),
      second: part('second'),
    }
  }
}

const DAY_MS = 24 * 3_600_000
const known = new Map<string, IanaZone | null>()

/** A time in UTC as the clock on a wall in this zone shows it; any other time as it is. */
export function onTheWall(time: ICAL.Time, zoneName: string): ICAL.Time {
  const zone = time.zone === ICAL.Timezone.utcTimezone ? ianaZone(zoneName) : null
  if (!zone) return time.clone()
  return new ICAL.Time({ ...zone.wallAt(time.toUnixTime() * 1_000), isDate: false }, zone)
}

/** The zone of an IANA name, or null if there is none of that name. */
export function ianaZone(name: string): IanaZone | null {
  const found = known.get(name)
  if (found !== undefined) return found
  const zone = isIanaName(name) ? new IanaZone(name) : null
  known.set(name, zone)
  return zone
}

function isIanaName(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}
