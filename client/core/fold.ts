// [AR5] The fold itself: rows of snapshots, then the frames above them, then what this window did and the server has
// not confirmed. Done anew each time from the newest ground, so nothing can drift.
import type { Notification } from '../../protocol/notification.ts'
import type { LoggedFrame, StateData } from '../../protocol/server-frames.ts'
import type { InboxCounts, InboxEntry, Millis } from '../types.ts'
import { isCovered, type Reach, type SeenPlace } from './cover.ts'
import {
  applyTo,
  countsOf,
  entryOf,
  isShown,
  isSnoozed,
  minus,
  nextChange,
  plus,
  type Change,
  type Item,
} from './entry.ts'

/**
 * An entry that is held. `reach`: of the answer that brought it; null: a frame did, so every mark comes after it. What is
 * gone stays until the next list: later frames may still name it.
 */
export interface Row extends Item {
  reach: Reach | null
  /** A frame brought it with marks in it whose own frames follow: the counts of the ground may be from before them. */
  isAhead: boolean
}

/** A frame above the ground. `epoch` is its home stream's when it came. */
export interface TailFrame {
  frame: LoggedFrame
  epoch: string | null
  /** Deleted by a mark that the ground contains already; what it replaced stays replaced. */
  isGone: boolean
  /** It was here when something was asked, and the answer did not have it. */
  isMissed: boolean
  /** It was here when something was asked that is not answered yet. */
  isAsked: boolean
}

/** The newest word of the server: counts as of a place, and the rows, which know no less than what lies below it. */
export interface Base extends Reach {
  counts: InboxCounts
  /** When it came: what had expired by then is not in the counts. */
  at: Millis
  /** When time alone changes the server's counts next. */
  until: Millis | null
  rows: ReadonlyMap<string, Row>
  /** The reach of the newest list; what lies above it is here only if a frame brought it. */
  listed: Reach
  /** Goes on below the pages that are loaded. */
  after: string | null
  hasMore: boolean
  /** The last entry of those pages: what is held and lies below it is shown with its page, so the list has no holes. */
  floor: Notification | null
}

/** Names entries by id, or all up to a place. */
export type Target = Pick<StateData, 'notification_ids' | 'up_to' | 'category'>

export interface Held extends Row {
  /** Above the ground: it is not in the counts. */
  isFresh: boolean
}

/** What a question to the server would have to bring. */
export type Lack = 'count' | 'list'

export interface Fold {
  items: Map<string, Held>
  /** What the entries that are not held add to the counts. */
  unheld: InboxCounts
  /** Something was said of entries that are not held: the counts are a guess until the server is asked. */
  lack: Lack | null
}

/** A change, and where it was written; null: a change of this window, which is newer than all. */
export interface Placed {
  made: Change
  place: SeenPlace | null
}

/** The rows as of the ground, nothing above it folded in yet. */
export function startFold(base: Base): Fold {
  const items = new Map<string, Held>()
  let unheld = base.counts
  for (const [id, row] of base.rows) {
    const item: Held = { ...row, isFresh: false }
    items.set(id, item)
    unheld = minus(unheld, countsOf(item, base.at))
  }
  return { items, unheld, lack: null }
}

const lacking = (fold: Fold, lack: Lack): void => {
  fold.lack = fold.lack === 'list' ? 'list' : lack
}

/** [AR5] A new entry. An id that is held already is not new, wherever this copy of it lives (NO9). */
export function addEntry(fold: Fold, notification: Notification, isFresh: boolean): void {
  if (fold.items.has(notification.id)) return
  // What lies above the ground has not taken the place of anything in it yet.
  const isReplaced = [...fold.items.values()].some(
    (item) => (isFresh || !item.isFresh) && takesPlace(item.entry, notification),
  )
  fold.items.set(notification.id, { ...rowOfFrame(notification, isReplaced), isFresh })
  replaceHeld(fold, notification)
}

/** A row that a frame brings. */
export function rowOfFrame(notification: Notification, isGone = false): Row {
  const entry = entryOf(notification)
  const { state } = entry
  const isAhead =
    state.is_read ||
    [state.seen_at, state.archived_at, state.acknowledged_at, state.outcome].some(Boolean)
  return { entry, reach: null, isGone, isAhead }
}

/** [NO6] A newer one with the same key and audience takes the place of every older one that is held. */
function replaceHeld(fold: Fold, newer: Notification): void {
  if (newer.replaces !== null && !fold.items.has(newer.replaces)) lacking(fold, 'count')
  for (const [id, item] of fold.items) {
    if (takesPlace(newer, item.entry)) fold.items.set(id, { ...item, isGone: true })
  }
}

/** [NO6] By name, or by key: what was replaced in between may never have been seen here. */
const takesPlace = (newer: Notification, older: Notification): boolean =>
  newer.replaces === older.id ||
  (newer.collapse_key !== null &&
    older.collapse_key === newer.collapse_key &&
    older.stream === newer.stream &&
    older.seq < newer.seq &&
    audienceKey(older.to) === audienceKey(newer.to))

/** `to` as text, whatever order its fields and roles came in. */
function audienceKey(to: Notification['to']): string {
  const { roles } = to
  const sorted = Array.isArray(roles) ? roles.map(String).toSorted() : null
  return JSON.stringify([to['user_id'], to['location_id'], to['all'], sorted])
}

/** Applies a change to what it names and does not have it yet; `fold.lack` says whether that was all of it. */
export function change(fold: Fold, target: Target, placed: Placed, me: string | null): void {
  for (const id of target.notification_ids ?? []) {
    const item = fold.items.get(id)
    if (item) changeItem(fold, id, item, placed, me)
    else changeUnheld(fold, placed.made)
  }
  if (!target.up_to) return
  for (const [id, item] of fold.items) {
    if (isBelow(item, target, placed.made)) changeItem(fold, id, item, placed, me)
  }
}

function changeItem(fold: Fold, id: string, item: Held, placed: Placed, me: string | null): void {
  const { made, place } = placed
  if (place && item.reach && isCovered(place, item.reach)) return
  if (item.isAhead && !item.isFresh) lacking(fold, 'count')
  fold.items.set(id, { ...item, ...applyTo(item, made, me) })
}

function changeUnheld(fold: Fold, made: Change): void {
  lacking(fold, CHANGES_LIST.has(made.state) ? 'list' : 'count')
}

/**
 * Said of an entry that is not held, these change more than counts: it comes back into the list; or it is gone before it
 * was ever seen here, and with it may have gone one that is held and that it replaced (a resume skips such entries).
 */
const CHANGES_LIST = new Set<Change['state']>(['unarchived', 'unsnoozed', 'deleted', 'cancelled'])

/**
 * Is this entry one of those up to there? A row lies at or below the reach of its answer, whatever epoch it is from,
 * so a step that reaches that far reaches it. Snoozed entries are not read by the way (IN2).
 */
function isBelow({ entry, reach }: Held, { up_to, category }: Target, made: Change): boolean {
  const upTo = up_to?.[entry.stream]
  if (upTo === undefined) return false
  if (category && entry.category !== category) return false
  if (made.state === 'read' && isSnoozed(entry, Date.parse(made.at))) return false
  return entry.seq <= upTo || upTo >= (reach?.asOf[entry.stream] ?? Infinity)
}

/** What a bulk change above the ground does to the entries that are not held: all of them, or nobody knows. */
export function changeUnheldUpTo(fold: Fold, target: Target, made: Change, ground: Reach): void {
  const { up_to, category } = target
  if (!up_to) return
  const after = unheldAfter(fold.unheld, made)
  const reachesAll = Object.entries(ground.asOf).every(
    ([stream, seq]) => seq === 0 || (up_to[stream] ?? 0) >= seq,
  )
  if (reachesAll && !category) fold.unheld = after
  else if (JSON.stringify(after) !== JSON.stringify(fold.unheld)) lacking(fold, 'count')
}

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

/** Folds one frame that lies above the ground. */
export function foldFrame(fold: Fold, one: TailFrame, ground: Reach, me: string | null): void {
  const { frame } = one
  if (frame.type === 'notification') {
    addEntry(fold, frame.data, true)
    const item = fold.items.get(frame.data.id)
    if (one.isGone && item) fold.items.set(frame.data.id, { ...item, isGone: true })
    return
  }
  change(fold, frame.data, { made: frame.data, place: null }, me)
  changeUnheldUpTo(fold, frame.data, frame.data, ground)
}

/** The entries that are otherwise than they were. */
export function differing(fold: Fold, before: Fold['items']): ReadonlySet<string> {
  const changed = [...fold.items].filter(([id, item]) => !isSame(item, before.get(id)))
  return new Set(changed.map(([id]) => id))
}

const isSame = (a: Held, b: Held | undefined): boolean =>
  a === b ||
  (a.isGone === b?.isGone && JSON.stringify(a.entry.state) === JSON.stringify(b.entry.state))

/** What is shown. */
export interface Shown {
  entries: readonly InboxEntry[]
  counts: InboxCounts
  /** Entries that are shown otherwise than the server has confirmed. */
  unsent: ReadonlySet<string>
  lack: Lack | null
  /** When time alone changes what is shown. */
  nextChange: Millis
}

/** [CO4] Newest first by (sent_at, id). */
export const newestFirst = (a: Notification, b: Notification): number => {
  if (a.sent_at !== b.sent_at) return a.sent_at < b.sent_at ? 1 : -1
  return a.id === b.id ? 0 : a.id < b.id ? 1 : -1
}

/** The result of a fold as somebody looks at it now. */
export function show(fold: Fold, { hasMore, floor }: Base, now: Millis): Omit<Shown, 'unsent'> {
  const items = [...fold.items.values()]
  const isLoaded = (entry: InboxEntry) => !hasMore || !floor || newestFirst(entry, floor) <= 0
  const counts = items.reduce((sum, item) => plus(sum, countsOf(item, now)), fold.unheld)
  return {
    entries: items
      .filter((item) => isShown(item, now))
      .map(({ entry }) => entry)
      .filter(isLoaded)
      .toSorted(newestFirst),
    // A frame that is still on its way may take back what the counts do not have any more.
    counts: {
      unread: Math.max(0, counts.unread),
      unseen: Math.max(0, counts.unseen),
      action_required: Math.max(0, counts.action_required),
    },
    lack: fold.lack,
    nextChange: Math.min(...items.map((item) => nextChange(item, now)), Infinity),
  }
}
