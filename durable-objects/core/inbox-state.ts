// [IN2][AR6] What one person's steps and marks say of an entry, and what marking it changes.
// The archive folds the same steps and marks in SQL; a hub needs them only to know whether a command changes anything.
import type { Category } from '../../protocol/notification-types.ts'
import type { NotificationState } from '../../protocol/notification.ts'
import type { MarkOp } from '../rpc.ts'

/** One person's exception for one entry. Times in milliseconds; `unread` and `unseen` undo a step below which it lies. */
export interface Mark {
  read_at: number | null
  unread: boolean
  seen_at: number | null
  unseen: boolean
  archived_at: number | null
  deleted_at: number | null
  acknowledged_at: number | null
}

export const NO_MARK: Mark = {
  read_at: null,
  unread: false,
  seen_at: null,
  unseen: false,
  archived_at: null,
  deleted_at: null,
  acknowledged_at: null,
}

export interface Step {
  op: 'read' | 'seen' | 'deleted'
  category: Category | '*'
  at: number
}

/** What an entry is for a person now; a time or null. */
export interface EntryState {
  read_at: number | null
  seen_at: number | null
  archived_at: number | null
  deleted_at: number | null
  acknowledged_at: number | null
}

const earliest = (steps: readonly Step[]): number | null =>
  steps.length === 0 ? null : Math.min(...steps.map((step) => step.at))

/** `steps` are those that reach the entry's place and its category. Read implies seen. */
export function entryState(mark: Mark, steps: readonly Step[]): EntryState {
  const readSteps = steps.filter((step) => step.op === 'read')
  const seenSteps = steps.filter((step) => step.op !== 'deleted')
  const read_at = mark.read_at ?? (mark.unread ? null : earliest(readSteps))
  return {
    read_at,
    seen_at: mark.seen_at ?? (mark.unseen ? null : earliest(seenSteps)),
    archived_at: mark.archived_at,
    deleted_at: mark.deleted_at ?? earliest(steps.filter((step) => step.op === 'deleted')),
    acknowledged_at: mark.acknowledged_at,
  }
}

const seenNow = (state: EntryState, at: number) => ({
  seen_at: state.seen_at ?? at,
  unseen: false,
})

const readNow = (state: EntryState, at: number) => ({
  read_at: state.read_at ?? at,
  unread: false,
  ...seenNow(state, at),
})

/**
 * The mark after a command; `state` is what the entry is now, so that what a step has read keeps that time.
 * Acknowledged and archived imply read; unsetting one unsets nothing else.
 */
export function applyMark(mark: Mark, state: EntryState, op: MarkOp, at: number): Mark {
  switch (op) {
    case 'read':
      return { ...mark, ...readNow(state, at) }
    case 'unread':
      return { ...mark, read_at: null, unread: true }
    case 'seen':
      return { ...mark, ...seenNow(state, at) }
    case 'unseen':
      return { ...mark, seen_at: null, unseen: true }
    case 'archived':
      return { ...mark, ...readNow(state, at), archived_at: mark.archived_at ?? at }
    case 'unarchived':
      return { ...mark, archived_at: null }
    case 'acknowledged':
      return { ...mark, ...readNow(state, at), acknowledged_at: mark.acknowledged_at ?? at }
    case 'unacknowledged':
      return { ...mark, acknowledged_at: null }
    case 'deleted':
      // Nobody is shown it again, so it is no exception that a later step could lift.
      return { ...mark, deleted_at: mark.deleted_at ?? at, unread: false, unseen: false }
  }
}

/** Marking twice changes nothing (IN2): does the command still have something to do? */
export function changes(state: EntryState, op: MarkOp): boolean {
  switch (op) {
    case 'read':
      return state.read_at === null
    case 'unread':
      return state.read_at !== null
    case 'seen':
      return state.seen_at === null
    case 'unseen':
      return state.seen_at !== null
    case 'archived':
      return state.archived_at === null
    case 'unarchived':
      return state.archived_at !== null
    case 'acknowledged':
      return state.acknowledged_at === null
    case 'unacknowledged':
      return state.acknowledged_at !== null
    case 'deleted':
      return state.deleted_at === null
  }
}

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

/** [NO1] As it goes out. */
export const presentState = (state: EntryState): NotificationState => ({
  delivered_at: null,
  seen_at: iso(state.seen_at),
  read_at: iso(state.read_at),
  is_read: state.read_at !== null,
  archived_at: iso(state.archived_at),
  acknowledged_at: iso(state.acknowledged_at),
  snoozed_until: null,
  outcome: null,
})
