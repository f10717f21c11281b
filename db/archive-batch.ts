// What a hub hands to the archive: entries of its log in the form that D1 keeps.
import type { HubReport } from './hub-stats.ts'
import type { ParkedKind } from '../protocol/api.ts'
import type { Category } from '../protocol/notification-types.ts'
import type { StoredNotification } from '../protocol/notification.ts'
import type { StateChange } from '../protocol/server-frames.ts'

/** What one person does with entries they name (IN2). */
export type MarkOp = Exclude<
  StateChange,
  'snoozed' | 'unsnoozed' | 'acted' | 'reopened' | 'cancelled'
>

/** Times are milliseconds. `audience`: 1 managers, 2 staff, 3 both. `asks`: 1 requires_ack, 2 has actions. */
export type ArchiveEntry =
  | {
      kind: 'notification'
      seq: number
      audience: number
      category: Category
      asks: number
      body: StoredNotification
    }
  | {
      kind: 'mark'
      seq: number
      at: number
      op: MarkOp
      targets: { stream: string; epoch: string; seq: number; category: Category }[]
    }
  | {
      kind: 'step'
      seq: number
      at: number
      op: 'read' | 'seen' | 'deleted'
      category: Category | '*'
      up_to: { stream: string; epoch: string; seq: number }[]
    }
  /** [AR2] D1 refused it for its content: it stays in the hub, and only that it was refused is noted. */
  | {
      kind: 'parked'
      seq: number
      what: ParkedKind
      id: string | null
      audience: number
      category: Category | null
      at: number
      reason: string
    }
  /** Entries that D1 keeps nothing of. */
  | { kind: 'nothing'; seq: number }

/** Entries of one stream, in order: those after `expected`, up to and with `to`. A stream `user:<id>` names whose marks and steps these are. */
export interface ArchiveBatch {
  stream: string
  epoch: string
  expected: number
  to: number
  entries: ArchiveEntry[]
  /** [OP1] What the hub counted, where it is time to say it. */
  report?: HubReport | null
}
