// [AR5] The fold itself: rows of a snapshot, then the frames that it does not cover, then what this
// window did and the server has not confirmed. Pure, and done anew each time, so nothing can drift.
import type { Notification } from '../../protocol/notification.ts'
import type { LoggedFrame, StateData } from '../../protocol/server-frames.ts'
import type { InboxCounts, InboxEntry, Millis } from '../types.ts'
import type { Reach } from './cover.ts'
import {
  addCounts,
  applyTo,
  countsOf,
  entryOf,
  isShown,
  isSnoozed,
  nextChange,
  type Change,
  type Item,
} from './entry.ts'

/** A frame above the snapshot. `epoch` is its home stream's when it came; `asked`: it was here at the last question. */
export interface TailFrame {
  frame: LoggedFrame
  epoch: string | null
  asked: boolean
}

/** A snapshot, with every frame that it covers folded in. */
export interface Base extends Reach {
  rows: ReadonlyMap<string, InboxEntry>
  /** What the entries that are not in `rows` add to the counts. */
  unheld: InboxCounts
  /** When time alone changes the server's counts next. */
  until: Millis | null
  /** Goes on below the rows. */
  after: string | null
  hasMore: boolean
}

/** Names entries by id, or all up to a place. */
export type Target = Pick<StateData, 'notification_ids' | 'up_to' | 'category'>

export interface Held extends Item {
  /** Part of the snapshot, or above it? */
  isFresh: boolean
}

/** What a question to the server would have to bring. */
export type Lack = 'count' | 'list'

export interface Fold {
  items: Map<string, Held>
  unheld: InboxCounts
  /** Something was said of entries that are not held: the counts are a guess until the server is asked. */
  lack: Lack | null
}

/** The rows of a snapshot, nothing folded in yet. */
export function startFold(base: Base): Fold {
  const rows = [...base.rows.values()]
  return {
    items: new Map(rows.map((entry) => [entry.id, { entry, isGone: false, isFresh: false }])),
    unheld: base.unheld,
    lack: null,
  }
}

const lacking = (fold: Fold, lack: Lack): void => {
  fold.lack = fold.lack === 'list' ? 'list' : lack
}

/** [AR5] A new entry. An id that is held already is not new, wherever this copy of it lives (NO9). */
export function addEntry(fold: Fold, notification: Notification): void {
  if (fold.items.has(notification.id)) return
  replaceHeld(fold, notification)
  fold.items.set(notification.id, { entry: entryOf(notification), isGone: false, isFresh: true })
}

/** [NO6] A newer one with the same key and audience takes the place of every older one that is held. */
function replaceHeld(fold: Fold, newer: Notification): void {
  const { replaces } = newer
  if (replaces !== null && !fold.items.has(replaces)) lacking(fold, 'count')
  for (const [id, item] of fold.items) {
    if (id === replaces || isOlderOfKey(item.entry, newer)) {
      fold.items.set(id, { ...item, isGone: true })
    }
  }
}

const isOlderOfKey = (held: Notification, newer: Notification): boolean =>
  newer.collapse_key !== null &&
  held.collapse_key === newer.collapse_key &&
  held.stream === newer.stream &&
  held.seq < newer.seq &&
  audienceKey(held.to) === audienceKey(newer.to)

/** `to` as text, whatever order its fields and roles came in. */
function audienceKey(to: Notification['to']): string {
  const { roles } = to
  const sorted = Array.isArray(roles) ? roles.map(String).toSorted() : null
  return JSON.stringify([to['user_id'], to['location_id'], to['all'], sorted])
}

/** Applies a change to what it names; `fold.lack` says whether that was all of it. */
export function change(
  fold: Fold,
  target: Target,
  made: Change,
  reach: Reach,
  me: string | null,
): void {
  if (target.notification_ids) {
    for (const id of target.notification_ids) changeOne(fold, id, made, me)
  }
  if (target.up_to) changeUpTo(fold, { ...target, up_to: target.up_to }, made, reach, me)
}

function changeOne(fold: Fold, id: string, made: Change, me: string | null): void {
  const item = fold.items.get(id)
  if (item) {
    fold.items.set(id, { ...item, ...applyTo(item, made, me) })
    return
  }
  // These two bring an entry back into the list, so its count alone is not enough.
  const comesBack = made.state === 'unarchived' || made.state === 'unsnoozed'
  lacking(fold, comesBack ? 'list' : 'count')
}

type UpTo = Target & { up_to: NonNullable<Target['up_to']> }

function changeUpTo(fold: Fold, target: UpTo, made: Change, reach: Reach, me: string | null): void {
  for (const [id, item] of fold.items) {
    if (!isBelow(item, target, made, reach)) continue
    fold.items.set(id, { ...item, ...applyTo(item, made, me) })
  }
  const after = unheldAfter(fold.unheld, made)
  const reachesAll = Object.entries(reach.asOf).every(
    ([stream, seq]) => seq === 0 || (target.up_to[stream] ?? 0) >= seq,
  )
  if (reachesAll && !target.category) fold.unheld = after
  else if (JSON.stringify(after) !== JSON.stringify(fold.unheld)) lacking(fold, 'count')
}

/**
 * Is this entry one of those up to there? A row of the snapshot lies at or below `as_of`, whatever epoch it is
 * from, so a step that reaches `as_of` reaches it. Snoozed entries are not read by the way (IN2).
 */
function isBelow(item: Held, target: UpTo, made: Change, reach: Reach): boolean {
  const { entry } = item
  const upTo = target.up_to[entry.stream]
  if (upTo === undefined) return false
  if (target.category && entry.category !== target.category) return false
  if (made.state === 'read' && isSnoozed(entry, Date.parse(made.at))) return false
  return entry.seq <= upTo || (!item.isFresh && upTo >= (reach.asOf[entry.stream] ?? 0))
}

/** What the entries that are not held would count if the change reached all of them. */
function unheldAfter(unheld: InboxCounts, made: Change): InboxCounts {
  switch (made.state) {
    case 'read':
      return { ...unheld, unread: 0, unseen: 0 }
    case 'seen':
      return { ...unheld, unseen: 0 }
    case 'deleted':
      return { unread: 0, unseen: 0, action_required: 0 }
    default:
      return unheld
  }
}

/** Folds one frame that lies above the snapshot. */
export function foldFrame(fold: Fold, frame: LoggedFrame, reach: Reach, me: string | null): void {
  if (frame.type === 'notification') addEntry(fold, frame.data)
  else change(fold, frame.data, frame.data, reach, me)
}

/** What is shown. */
export interface Shown {
  entries: readonly InboxEntry[]
  counts: InboxCounts
  lack: Lack | null
  /** When time alone changes what is shown. */
  nextChange: Millis
}

/** [CO4] Newest first by (sent_at, id). */
const newestFirst = (a: InboxEntry, b: InboxEntry): number => {
  if (a.sent_at !== b.sent_at) return a.sent_at < b.sent_at ? 1 : -1
  return a.id < b.id ? 1 : -1
}

/** The result of a fold as somebody looks at it now. */
export function show(fold: Fold, now: Millis): Shown {
  const items = [...fold.items.values()]
  return {
    entries: items
      .filter((item) => isShown(item, now))
      .map(({ entry }) => entry)
      .toSorted(newestFirst),
    counts: items.reduce((sum, item) => addCounts(sum, countsOf(item, now)), fold.unheld),
    lack: fold.lack,
    nextChange: Math.min(...items.map((item) => nextChange(item, now)), Infinity),
  }
}
