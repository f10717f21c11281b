// One entry of an inbox: what a change does to it, whether it is shown, and what it counts (IN1, IN2).
import {
  FRESH_STATE,
  type Notification,
  type NotificationState,
} from '../../protocol/notification.ts'
import type { StateData } from '../../protocol/server-frames.ts'
import type { InboxCounts, InboxEntry, Millis } from '../types.ts'
import { assertNever } from './assert-never.ts'

/** What is done to an entry; `me` decides whether an outcome is one's own (IN4). */
export type Change = Pick<StateData, 'state' | 'at' | 'until' | 'outcome'>

/** `isGone`: deleted, cancelled or replaced. */
export interface Item {
  entry: InboxEntry
  isGone: boolean
}

export const NO_COUNTS: InboxCounts = { unread: 0, unseen: 0, action_required: 0 }

/** An entry as the inbox holds it: on a person's own stream it has a state, else a fresh one. */
export const entryOf = (notification: Notification): InboxEntry => ({
  ...notification,
  state: notification.state ?? FRESH_STATE,
})

const seen = (state: NotificationState, at: string): NotificationState => ({
  ...state,
  seen_at: state.seen_at ?? at,
})

const read = (state: NotificationState, at: string): NotificationState => ({
  ...seen(state, at),
  is_read: true,
  read_at: state.read_at ?? at,
})

const unread = (state: NotificationState): NotificationState => ({
  ...state,
  is_read: false,
  read_at: null,
})

/** [IN2] Setting one implies others; unsetting one unsets nothing else; doing it twice changes nothing. */
export function changed(state: NotificationState, change: Change, me: string | null) {
  const { at } = change
  switch (change.state) {
    case 'read':
      return read(state, at)
    case 'unread':
      return unread(state)
    case 'seen':
      return seen(state, at)
    case 'unseen':
      return { ...state, seen_at: null }
    case 'archived':
      return { ...read(state, at), archived_at: state.archived_at ?? at }
    case 'unarchived':
      return { ...state, archived_at: null }
    case 'acknowledged':
      return { ...read(state, at), acknowledged_at: state.acknowledged_at ?? at }
    case 'unacknowledged':
      return { ...state, acknowledged_at: null }
    case 'snoozed':
      return { ...unread(state), snoozed_until: change.until ?? null }
    case 'unsnoozed':
      return { ...state, snoozed_until: null }
    case 'acted': {
      const outcome = change.outcome ?? null
      return { ...(outcome?.user_id === me ? read(state, at) : state), outcome }
    }
    case 'reopened':
      return { ...state, outcome: null }
    case 'deleted':
    case 'cancelled':
      return state
    default:
      return assertNever(change.state)
  }
}

/** The item after a change. */
export function applyTo(item: Item, change: Change, me: string | null): Item {
  const isGone = item.isGone || change.state === 'deleted' || change.state === 'cancelled'
  return {
    entry: { ...item.entry, state: changed(item.entry.state, change, me) },
    isGone,
  }
}

const isPast = (time: string | null, now: Millis): boolean =>
  time !== null && Date.parse(time) <= now

export const isSnoozed = ({ state }: InboxEntry, now: Millis): boolean =>
  state.snoozed_until !== null && !isPast(state.snoozed_until, now)

/** There is nothing left of it, for anybody who asks now. */
export const isOver = ({ entry, isGone }: Item, now: Millis): boolean =>
  isGone || isPast(entry.expires_at, now)

/** In the list: there, and neither put away nor put off. */
export const isShown = (item: Item, now: Millis): boolean =>
  !isOver(item, now) && item.entry.state.archived_at === null && !isSnoozed(item.entry, now)

/** [IN1] What this entry adds to the counts. */
export function countsOf(item: Item, now: Millis): InboxCounts {
  if (!isShown(item, now)) return NO_COUNTS
  const { state, requires_ack, actions } = item.entry
  const asks =
    (requires_ack && state.acknowledged_at === null) ||
    (actions.length > 0 && state.outcome === null)
  return {
    unread: state.is_read ? 0 : 1,
    unseen: state.seen_at === null ? 1 : 0,
    action_required: asks ? 1 : 0,
  }
}

export const plus = (a: InboxCounts, b: InboxCounts): InboxCounts => ({
  unread: a.unread + b.unread,
  unseen: a.unseen + b.unseen,
  action_required: a.action_required + b.action_required,
})

export const minus = (a: InboxCounts, b: InboxCounts): InboxCounts => ({
  unread: a.unread - b.unread,
  unseen: a.unseen - b.unseen,
  action_required: a.action_required - b.action_required,
})

/** When time alone changes this entry next, if ever: its end, or the end of its snooze. */
export function nextChange({ entry, isGone }: Item, now: Millis): Millis {
  if (isGone) return Infinity
  const times = [entry.expires_at, entry.state.snoozed_until]
    .filter((time) => time !== null)
    .map((time) => Date.parse(time))
    .filter((time) => time > now)
  return Math.min(...times, Infinity)
}
