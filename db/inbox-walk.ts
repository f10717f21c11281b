// [IN1][CO4] A page of the inbox: one walk per stream along an index, stopped at the page's length, then merged by time.
// The walks are made in one statement, because D1 takes at most five terms in a UNION and people may have more shops.
import { type SQL, sql } from 'drizzle-orm'
import type { Bounds } from './inbox-cursor.ts'
import type { InboxFilters } from './inbox-types.ts'
import { entryColumns, READ_UP_TO, SHOWN_FROM } from './inbox-sql.ts'
import { END, START } from './place.ts'
import { isUnread, joinMarks, streamsOf, visible } from './visible.ts'

interface PageWish {
  userId: string
  now: number
  limit: number
  filters: InboxFilters
  /** Towards the newer ones, from the bounds up. */
  back: boolean
  bounds: Bounds | null
}

/** Up to `limit + 1` {@link InboxRecord}s, nearest to the bounds first. */
export function pageStatement(wish: PageWish): SQL {
  const { userId, limit, back } = wish
  const order = sql.raw(back ? 'n.sent_at ASC, n.id ASC' : 'n.sent_at DESC, n.id DESC')
  // Bodies are fetched for the page alone, not for all that was walked over.
  return sql`WITH ${streamsOf(userId)}, ranges AS MATERIALIZED (${rangesOf(wish)}),
    page AS MATERIALIZED (
      SELECT * FROM (${sql.join(walksOf(wish), sql` UNION ALL `)}) n
      ORDER BY ${order} LIMIT ${limit + 1})
    SELECT ${entryColumns(userId)}
    FROM page CROSS JOIN w ON w.stream = page.stream
    CROSS JOIN notifications n ON n.stream = page.stream AND n.place = page.place
    ${joinMarks(userId)} ORDER BY ${order}`
}

/** Each stream with the part of it that this page is about: from `low` to below `high`. */
function rangesOf({ back, bounds }: PageWish): SQL {
  const given = JSON.stringify(Object.fromEntries(bounds ?? []))
  const bound = sql`coalesce(b.value, ${bounds === null ? END : START})`
  const low = sql`${SHOWN_FROM} || '!'`
  return sql`SELECT w.*, ${READ_UP_TO} || '!' AS read_edge,
      ${back ? sql`max(${low}, ${bound})` : low} AS low,
      ${back ? sql`${END}` : bound} AS high
    FROM w LEFT JOIN json_each(${given}) b ON b.key = w.stream`
}

/** What is unread lies above the last step, or is an exception below it; the rest is in the stream or among the marks. */
function walksOf(wish: PageWish): SQL[] {
  const { archived, unread } = wish.filters
  const whole = { low: sql.raw('w.low'), high: sql.raw('w.high') }
  if (archived === true) return [walk(wish, { source: 'inbox_archived', ...whole })]
  if (unread !== true) return [walk(wish, { source: 'entries', ...whole })]
  return [
    walk(wish, { source: 'entries', low: sql.raw('max(w.low, w.read_edge)'), high: whole.high }),
    walk(wish, {
      source: 'inbox_exceptions',
      low: whole.low,
      high: sql.raw('min(w.high, w.read_edge)'),
    }),
  ]
}

interface Way {
  /** The stream itself, or an index over the person's marks. */
  source: 'entries' | 'inbox_archived' | 'inbox_exceptions'
  low: SQL
  high: SQL
}

/**
 * The place where each stream has given enough is found first, by the same walk; it bounds the second one, whose rows
 * are then merged. Each end of a range is one expression: SQLite seeks by one, and tests any other row by row.
 */
function walk(wish: PageWish, { source, low, high }: Way): SQL {
  const { limit, back } = wish
  const at = sql.raw(source === 'entries' ? 'n.place' : 'm.place')
  const { tables, on } = sourceOf(source, wish.userId)
  const shown = shownOf(wish)
  const enough = sql`(SELECT ${at} FROM ${tables}
    WHERE ${on} AND ${at} >= ${low} AND ${at} < ${high} AND ${shown}
    ORDER BY ${at} ${sql.raw(back ? 'ASC' : 'DESC')} LIMIT 1 OFFSET ${limit})`
  const range = back
    ? sql`${at} >= ${low} AND ${at} < coalesce(${enough} || '!', ${high})`
    : sql`${at} >= coalesce(${enough}, ${low}) AND ${at} < ${high}`
  return sql`SELECT n.stream, n.place, n.sent_at, n.id FROM ranges w CROSS JOIN ${tables}
    WHERE ${on} AND ${range} AND ${shown}`
}

function sourceOf(source: Way['source'], userId: string): { tables: SQL; on: SQL } {
  if (source === 'entries') {
    return { tables: sql`notifications n ${joinMarks(userId)}`, on: sql`n.stream = w.stream` }
  }
  const partial = {
    inbox_archived: sql`m.archived_at IS NOT NULL`,
    inbox_exceptions: sql`(m.unread = 1 OR m.unseen = 1)`,
  }[source]
  return {
    tables: sql`inbox_marks m INDEXED BY ${sql.raw(source)} CROSS JOIN notifications n`,
    on: sql`m.user_id = ${userId} AND m.stream = w.stream AND ${partial}
      AND n.stream = m.stream AND n.place = m.place`,
  }
}

/** What this list shows, for `n`, `m` and `w`. */
function shownOf({ userId, now, filters }: PageWish): SQL {
  const { category, type, location_id, priority, unread, archived } = filters
  const conditions = [
    visible(userId, now),
    archived === true
      ? sql`m.archived_at IS NOT NULL`
      : sql`m.archived_at IS NULL AND coalesce(m.snoozed_until, 0) <= ${now}`,
  ]
  if (category !== undefined) conditions.push(sql`n.category = ${category}`)
  if (type !== undefined) conditions.push(sql`n.type = ${type}`)
  if (location_id !== undefined) conditions.push(sql`n.location_id = ${location_id}`)
  if (priority !== undefined) conditions.push(sql`n.priority = ${priority}`)
  if (unread !== undefined)
    conditions.push(unread ? isUnread(userId) : sql`NOT ${isUnread(userId)}`)
  return sql.join(conditions, sql` AND `)
}
