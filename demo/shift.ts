// Moves calendars by whole days, so that an old one is about now. All of a play move together.
import type { Calendar } from './calendar.ts'

const DAY_MS = 24 * 3_600_000

/** By how many days the earliest appointment of all calendars must move to fall on `day`. */
export function shiftToStartOn(day: string, calendars: readonly Calendar[]): number {
  const days = calendars.flatMap(({ versions }) => versions.map((version) => version.day))
  const [first] = days.toSorted()
  if (first === undefined) return 0
  return Math.round((Date.parse(day) - Date.parse(first)) / DAY_MS)
}
