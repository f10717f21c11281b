// [AR5] An answer of the server becomes the new ground: frames that it covers are folded into the rows for
// good, the others stay above it.
import type { Counts, Page } from '../../protocol/api.ts'
import type { Notification } from '../../protocol/notification.ts'
import type { InboxCounts, InboxEntry, Millis } from '../types.ts'
import { isCovered, type Reach } from './cover.ts'
import { addCounts, countsOf, entryOf, NO_COUNTS, type Change } from './entry.ts'
import {
  addEntry,
  change,
  startFold,
  type Base,
  type Fold,
  type Held,
  type Target,
  type TailFrame,
} from './fold.ts'

/** What every list, count and command answers. */
export interface Ground {
  counts: Counts
  as_of: Readonly<Record<string, number>>
  epochs: Readonly<Record<string, string | null>>
}

/** Rows that came with it: the newest page takes the place of all rows, an older one is appended. */
export interface Rows {
  kind: 'replace' | 'append'
  data: readonly Notification[]
  page: Page
}

export interface Settled {
  base: Base
  tail: readonly TailFrame[]
}

export interface Settling {
  base: Base
  tail: readonly TailFrame[]
  ground: Ground
  me: string | null
  now: Millis
  rows?: Rows
  /** What this window did, which the answer's counts contain. */
  mark?: { target: Target; made: Change }
}

/** Before the first answer: nothing is held, and nothing is covered. */
export const EMPTY_BASE: Base = {
  rows: new Map(),
  unheld: NO_COUNTS,
  asOf: {},
  epochs: {},
  until: null,
  after: null,
  hasMore: false,
}

export const reachOf = ({ as_of, epochs }: Ground): Reach => ({ asOf: as_of, epochs })

export const placeOf = ({ frame, epoch }: TailFrame) => ({
  stream: frame.data.stream,
  seq: frame.data.seq,
  epoch,
})

/** The ground after an answer that is no older than the last one. */
export function settle(settling: Settling): Settled {
  const { base, tail, ground, me, now, rows, mark } = settling
  const reach = reachOf(ground)
  const fold = startFold(base)
  const above: TailFrame[] = []
  for (const one of tail) {
    if (foldCovered(fold, one, base, reach, me)) continue
    above.push(one)
  }
  if (mark) change(fold, mark.target, mark.made, base, me)
  const fresh = new Set(
    above.flatMap(({ frame }) => (frame.type === 'notification' ? [frame.data.id] : [])),
  )
  const kept = [...fold.items.values()].filter((item) => !item.isGone && !fresh.has(item.entry.id))
  const held = rowsAfter(kept, rows)
  return {
    base: {
      ...reach,
      rows: held,
      unheld: unheldOf(ground.counts, held, now),
      until: ground.counts.until === null ? null : Date.parse(ground.counts.until),
      after: rows ? rows.page.after : base.after,
      hasMore: rows ? rows.page.has_more : base.hasMore,
    },
    tail: above.flatMap((one) => tailAfter(one, fold.items, held)),
  }
}

/** Folds a frame if the answer covers it; else only remembers the entry, so that covered marks reach it. */
function foldCovered(
  fold: Fold,
  one: TailFrame,
  base: Base,
  reach: Reach,
  me: string | null,
): boolean {
  const { frame } = one
  const covered = isCovered(placeOf(one), reach)
  if (frame.type === 'notification_state') {
    if (covered) change(fold, frame.data, frame.data, base, me)
    return covered
  }
  if (covered) addEntry(fold, frame.data)
  else if (fold.items.has(frame.data.id)) return true
  else fold.items.set(frame.data.id, { entry: entryOf(frame.data), isGone: false, isFresh: true })
  return covered
}

function rowsAfter(kept: readonly Held[], rows?: Rows): Map<string, InboxEntry> {
  const news = rows?.data.map(entryOf) ?? []
  const olds = rows?.kind === 'replace' ? [] : kept.map(({ entry }) => entry)
  return new Map([...olds, ...news].map((entry) => [entry.id, entry]))
}

/** What stays above: with the marks that are settled, and only what is neither gone nor in the rows. */
function tailAfter(
  one: TailFrame,
  items: ReadonlyMap<string, Held>,
  rows: ReadonlyMap<string, InboxEntry>,
): TailFrame[] {
  const { frame } = one
  if (frame.type === 'notification_state') return [one]
  const item = items.get(frame.data.id)
  if (!item || item.isGone || rows.has(frame.data.id)) return []
  return [{ ...one, frame: { ...frame, data: item.entry } }]
}

function unheldOf(counts: Counts, rows: ReadonlyMap<string, InboxEntry>, now: Millis): InboxCounts {
  const { unread, unseen, action_required } = counts
  return [...rows.values()].reduce<InboxCounts>(
    (sum, entry) => addCounts(sum, countsOf({ entry, isGone: false }, now), -1),
    { unread, unseen, action_required },
  )
}

/** [AR5] A mark that the snapshot has already still holds for entries that it does not have. */
export function markFresh(
  tail: readonly TailFrame[],
  target: Target,
  made: Change,
  me: string | null,
): readonly TailFrame[] {
  const fold = startFold(EMPTY_BASE)
  for (const { frame } of tail) {
    if (frame.type !== 'notification') continue
    fold.items.set(frame.data.id, { entry: entryOf(frame.data), isGone: false, isFresh: true })
  }
  change(fold, target, made, EMPTY_BASE, me)
  return tail.flatMap((one) => tailAfter(one, fold.items, EMPTY_BASE.rows))
}
