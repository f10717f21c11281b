// [IN1] The inbox as its owner reads it: the list, the counts, one entry. Everything that belongs together is read in
// one D1 batch, so that a client can fold frames onto it (AR5).
import type { Counts, Page } from '../protocol/api.ts'
import type { SeqMap } from '../protocol/ids.ts'
import { directionOf } from './cursor.ts'
import { type Bounds, inboxPage, readBounds } from './inbox-cursor.ts'
import { countsOf, headsOf, type InboxRecord, readerOf, rowOf } from './inbox-rows.ts'
import { countStatement, findStatement, readerStatement, streamsStatement } from './inbox-sql.ts'
import type { InboxFilters, InboxRow, Reader } from './inbox-types.ts'
import { pageStatement } from './inbox-walk.ts'
import { type Database, rowsOf, runBatch } from './open.ts'

export type { InboxFilters, InboxRow, Reader } from './inbox-types.ts'

/** [AR5] How far D1 had each of the person's streams; 0 and null where it has nothing. */
export interface Snapshot {
  counts: Counts
  as_of: SeqMap
  epochs: Record<string, string | null>
}

/** `now` in milliseconds; `after` and `before` are cursors of earlier pages. */
export interface InboxPageQuery {
  user_id: string
  now: number
  limit: number
  after?: string | undefined
  before?: string | undefined
  filters: InboxFilters
}

export interface InboxPage extends Snapshot {
  rows: InboxRow[]
  page: Page
  reader: Reader
}

/** [IN1] Its cost grows with what is unread, not with history. */
export async function countInbox(db: Database, userId: string, now: number): Promise<Snapshot> {
  const [streams, counts] = await runBatch(db, [
    streamsStatement(userId),
    countStatement(userId, now),
  ])
  return { counts: countsOf(counts), ...headsOf(streams) }
}

/**
 * [IN1] Newest first by (sent_at, id). Hides what is archived (unless `filters.archived`), snoozed, deleted, cleared,
 * expired, replaced or cancelled. The streams are those of the memberships in D1, never of a token. Throws BadCursor.
 */
export async function pageInbox(db: Database, query: InboxPageQuery): Promise<InboxPage> {
  const { user_id, now, limit, filters } = query
  const { back, given } = directionOf(query)
  const bounds: Bounds | null = given === undefined ? null : readBounds(given, user_id, back)
  const [streams, counts, reader, found] = await runBatch(db, [
    streamsStatement(user_id),
    countStatement(user_id, now),
    readerStatement(user_id),
    pageStatement({ userId: user_id, now, limit, filters, back, bounds }),
  ])
  const records = rowsOf<InboxRecord>(found)
  const shown = records.slice(0, limit)
  if (back) shown.reverse()
  const more = records.length > limit
  return {
    rows: shown.map(rowOf),
    page: inboxPage({ userId: user_id, shown, more, back, bounds, streams }),
    counts: countsOf(counts),
    ...headsOf(streams),
    reader: readerOf(reader, streams),
  }
}

/** [NO8] One entry that the person may see now (archived and snoozed ones too), else null: the caller answers 404. */
export async function findForUser(
  db: Database,
  userId: string,
  id: string,
  now: number,
): Promise<{ row: InboxRow; reader: Reader } | null> {
  const [found, reader, streams] = await runBatch(db, [
    findStatement(userId, id, now),
    readerStatement(userId),
    streamsStatement(userId),
  ])
  const record = rowsOf<InboxRecord>(found)[0]
  return record === undefined ? null : { row: rowOf(record), reader: readerOf(reader, streams) }
}
