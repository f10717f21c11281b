import type { NotificationState } from '../protocol/notification.ts'
import type { InboxEntry } from './types.ts'

/**
 * The new list, with the old objects for entries that are still the same, and the old list if all are: whoever
 * compares by identity then renders only what changed. Of an entry only its state and its texts ever change.
 */
export function sameEntries(
  before: readonly InboxEntry[],
  after: readonly InboxEntry[],
): readonly InboxEntry[] {
  const known = new Map(before.map((entry) => [entry.id, entry]))
  const merged = after.map((entry) => {
    const old = known.get(entry.id)
    return old && isSame(old, entry) ? old : entry
  })
  const isUnchanged =
    merged.length === before.length && merged.every((entry, index) => entry === before[index])
  return isUnchanged ? before : merged
}

const isSame = (a: InboxEntry, b: InboxEntry): boolean =>
  a === b || (a.title === b.title && a.message === b.message && isSameState(a.state, b.state))

const isSameState = (a: NotificationState, b: NotificationState): boolean =>
  a === b ||
  JSON.stringify(Object.entries(a).toSorted()) === JSON.stringify(Object.entries(b).toSorted())
