// [AR5] An answer of the server becomes the new ground: frames that it covers become part of the rows, the others
// stay above it.
import type { Counts, Page } from '../../protocol/api.ts'
import type { Notification } from '../../protocol/notification.ts'
import type { Millis } from '../types.ts'
import { isCovered, type Reach, type SeenPlace } from './cover.ts'
import { entryOf, NO_COUNTS, type Change } from './entry.ts'
import {
  addEntry,
  change,
  rowOfFrame,
  startFold,
  type Base,
  type Fold,
  type Row,
  type Target,
  type TailFrame,
} from './fold.ts'

/** What every list, count and command answers. */
export interface Ground {
  counts: Counts
  as_of: Readonly<Record<string, number>>
  epochs: Readonly<Record<string, string | null>>
}

/** Rows that came with it: the newest ones take the place of all, older ones go below. */
export interface Rows {
  kind: 'newest' | 'older'
  data: readonly Notification[]
  page: Page
}

export interface Held {
  base: Base
  tail: readonly TailFrame[]
}

export interface Settled extends Held {
  /** An entry came back into the list that is not held. */
  lacksList: boolean
}

const NOWHERE: Reach = { asOf: {}, epochs: {} }

/** Before the first answer: nothing is held, and nothing is covered. */
export const EMPTY_BASE: Base = {
  ...NOWHERE,
  counts: NO_COUNTS,
  at: 0,
  until: null,
  rows: new Map(),
  listed: NOWHERE,
  after: null,
  hasMore: false,
  floor: null,
}

export const reachOf = ({ as_of, epochs }: Ground): Reach => ({ asOf: as_of, epochs })

export const placeOf = ({ frame, epoch }: TailFrame): SeenPlace => ({
  stream: frame.data.stream,
  seq: frame.data.seq,
  epoch,
})

/** The ground after an answer that is no older than the last one. */
export function settle(
  held: Held,
  ground: Ground,
  now: Millis,
  me: string | null,
  rows?: Rows,
): Settled {
  const reach = reachOf(ground)
  const covered = held.tail.filter((one) => isCovered(placeOf(one), reach))
  const above = held.tail.filter((one) => !covered.includes(one))
  const absorbed = absorb({ base: held.base, tail: above }, covered, me)
  const { unread, unseen, action_required, until } = ground.counts
  const base: Base = {
    ...absorbed.base,
    ...reach,
    rows: rowsWithin(absorbed.base.rows, reach),
    counts: { unread, unseen, action_required },
    at: now,
    until: until === null ? null : Date.parse(until),
  }
  const withRows = rows ? mergeRows(base, rows, reach) : base
  return {
    base: withRows,
    tail: absorbed.tail.flatMap((one) => stillAbove(one, withRows)),
    lacksList: absorbed.lacksList,
  }
}

/** Every stream of the person is in an answer; what lives on another is theirs no more, and not in the counts (NO8). */
const rowsWithin = (rows: Base['rows'], { asOf }: Reach): Base['rows'] =>
  new Map([...rows].filter(([, { entry }]) => entry.stream in asOf))

/** An answer may hold an entry by another of its copies (NO9). */
function stillAbove(one: TailFrame, { rows }: Base): TailFrame[] {
  if (one.frame.type === 'notification' && rows.has(one.frame.data.id)) return []
  return [{ ...one, isMissed: one.isMissed || one.isAsked, isAsked: false }]
}

/** Frames at or below the ground become part of the rows; their marks hold for the entries above it as well. */
export function absorb(held: Held, frames: readonly TailFrame[], me: string | null): Settled {
  if (frames.length === 0) return { ...held, lacksList: false }
  const fold = foldHeld(held)
  for (const one of frames) {
    const { frame } = one
    if (frame.type === 'notification') addCovered(fold, one)
    else change(fold, frame.data, { made: frame.data, place: placeOf(one) }, me)
  }
  return { ...unfold(held, fold), lacksList: fold.lack === 'list' }
}

/** A change of this window that the counts of an answer contain. */
export function absorbMark(held: Held, target: Target, made: Change, me: string | null): Held {
  const fold = foldHeld(held)
  change(fold, target, { made, place: null }, me)
  return unfold(held, fold)
}

/** The rows, and the entries of the tail next to them: known, but what they replace is not gone yet. */
function foldHeld({ base, tail }: Held): Fold {
  const fold = startFold(base)
  for (const { frame, isGone } of tail) {
    if (frame.type !== 'notification' || fold.items.has(frame.data.id)) continue
    fold.items.set(frame.data.id, { ...rowOfFrame(frame.data, isGone), isFresh: true })
  }
  return fold
}

function addCovered(fold: Fold, { frame, isGone }: TailFrame): void {
  if (frame.type !== 'notification') return
  addEntry(fold, frame.data, false)
  const item = fold.items.get(frame.data.id)
  if (isGone && item) fold.items.set(frame.data.id, { ...item, isGone })
}

/** Rows and tail again. */
function unfold({ base, tail }: Held, { items }: Fold): Held {
  const rows = new Map<string, Row>()
  for (const [id, { isFresh, ...row }] of items) {
    if (!isFresh) rows.set(id, row)
  }
  const kept = tail.flatMap((one): TailFrame[] => {
    const { frame } = one
    if (frame.type === 'notification_state') return [one]
    const item = items.get(frame.data.id)
    if (!item?.isFresh) return []
    return [{ ...one, frame: { ...frame, data: item.entry }, isGone: item.isGone }]
  })
  return { base: { ...base, rows }, tail: kept }
}

const rowOfList = (one: Notification, reach: Reach): Row => ({
  entry: entryOf(one),
  reach,
  isGone: false,
  isAhead: false,
})

function mergeRows(base: Base, { kind, data, page }: Rows, reach: Reach): Base {
  const brought = new Map(data.map((one) => [one.id, rowOfList(one, reach)]))
  const end = { after: page.after, hasMore: page.has_more, floor: data.at(-1) ?? null }
  if (kind === 'newest') return { ...base, rows: brought, listed: reach, ...end }
  return { ...base, rows: new Map([...base.rows, ...brought]), ...end }
}
