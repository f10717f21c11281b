// [ST6] One physical alarm, many named deadlines.

/**
 * When the alarm must ring: the earliest deadline, or null when nothing waits. Something past due rings in a
 * millisecond: an alarm set to now inside an alarm may never fire (workerd, 2026).
 */
export function nextAlarm(deadlines: readonly (number | null)[], now: number): number | null {
  let earliest: number | null = null
  for (const at of deadlines) {
    if (at !== null && (earliest === null || at < earliest)) earliest = at
  }
  return earliest === null ? null : Math.max(earliest, now + 1)
}
