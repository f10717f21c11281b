// [AR2] A parked entry as it is archived late. What a person did with entries is taken from what their hub knows of those
// entries now, so that nothing that came after is undone.
import type { LateEntry, Standing } from '../../db/sink-late.ts'
import type { Place } from '../../protocol/ids.ts'
import type { Category } from '../../protocol/notification-types.ts'
import type { LogEntry } from '../store/log.ts'
import type { MarkStore } from '../store/marks.ts'
import { archivedEntry } from './archive-entry.ts'

/** `marks`: null where nobody does anything with entries, at a location. */
export function lateEntry(entry: LogEntry, marks: MarkStore | null): LateEntry {
  const given = archivedEntry(entry)
  if (given.kind === 'notification') return given
  if (marks !== null && given.kind === 'mark') {
    const { seq, targets } = given
    return { kind: 'mark', seq, targets: targets.map((one) => standing(marks, one)) }
  }
  if (marks !== null && given.kind === 'step') {
    const marked = given.up_to.flatMap((to) => marks.markedSince(given.at, to, given.category))
    return { ...given, since: marked.map((one) => standing(marks, one)) }
  }
  throw new TypeError(`an entry of kind ${entry.kind} is not parked here`)
}

function standing(marks: MarkStore, one: Place & { category: Category }): Standing {
  const { stream, epoch, seq, category } = one
  return { stream, epoch, seq, category, ...marks.standing(one, category) }
}
