// From a log entry to what D1 keeps of it (AR1). Bodies were written by us, so they are read without a second check.
import type { ArchiveEntry } from '../../db/sink.ts'
import type { ParkedKind } from '../../protocol/api.ts'
import type { Place, SeqMap } from '../../protocol/ids.ts'
import { categoryOf, type Category } from '../../protocol/notification-types.ts'
import type { StoredNotification } from '../../protocol/notification.ts'
import { asksOf } from '../core/notification.ts'
import type { MarkOp } from '../rpc.ts'
import type { LogEntry } from '../store/log.ts'
import type { Refusal } from '../store/parked.ts'

/** Body of a `mark` entry: what one person did with entries, and where those live. */
export interface MarkBody {
  state: MarkOp
  at: number
  targets: (Place & { id: string; category: Category })[]
}

/** Body of a `step` entry (read-all, seen, clear). */
export interface StepBody {
  state: 'read' | 'seen' | 'deleted'
  at: number
  category: Category | '*'
  up_to: SeqMap
  places: Place[]
}

/** `refusal`: why D1 refused a parked entry. */
export function toArchive(entry: LogEntry, refusal: Refusal | null): ArchiveEntry {
  // Its cursor goes past, the entry stays here (AR2).
  if (entry.parked === 1) return parkedEntry(entry, refusal)
  return archivedEntry(entry)
}

/** What is parked is of the kinds that D1 is given. */
export const parkedKindOf = ({ kind }: LogEntry): ParkedKind =>
  kind === 'mark' || kind === 'step' ? kind : 'notification'

function parkedEntry(entry: LogEntry, refusal: Refusal | null): ArchiveEntry {
  const { seq, id, audience, body } = entry
  const what = parkedKindOf(entry)
  return {
    kind: 'parked',
    seq,
    what,
    id,
    audience,
    category:
      what === 'notification' ? categoryOf((JSON.parse(body) as StoredNotification).type) : null,
    at: refusal?.at ?? entry.at,
    reason: refusal?.reason ?? '',
  }
}

/** The entry itself, parked or not. */
export function archivedEntry(entry: LogEntry): ArchiveEntry {
  switch (entry.kind) {
    case 'notification': {
      const body = JSON.parse(entry.body) as StoredNotification
      return {
        kind: 'notification',
        seq: entry.seq,
        audience: entry.audience,
        category: categoryOf(body.type),
        asks: asksOf(body),
        body,
      }
    }
    case 'mark': {
      const { state, at, targets } = JSON.parse(entry.body) as MarkBody
      return { kind: 'mark', seq: entry.seq, at, op: state, targets }
    }
    case 'step': {
      const { state, at, category, places } = JSON.parse(entry.body) as StepBody
      return { kind: 'step', seq: entry.seq, at, op: state, category, up_to: places }
    }
    default:
      return { kind: 'nothing', seq: entry.seq }
  }
}
