// [AR1][NO6] A hub's notifications as rows. They travel as one JSON parameter, because a statement takes a hundred
// parameters at most.
import { type SQL, sql } from 'drizzle-orm'
import type { ArchiveBatch, ArchiveEntry } from './archive-batch.ts'
import { placeOf } from './place.ts'

type NotificationEntry = Extract<ArchiveEntry, { kind: 'notification' }>

/** What the newest entry of one collapse key and audience replaces. */
interface Replacing {
  key: string
  audience: number
  place: string
  id: string
  at: number
}

/** The entries of the batch, after those that they replace were marked as gone. */
export function notificationStatements({
  stream,
  epoch,
  entries,
}: Pick<ArchiveBatch, 'stream' | 'epoch' | 'entries'>): SQL[] {
  const rows: object[] = []
  const newest = new Map<string, Replacing>()
  // From the newest back: an entry that a later one of the same batch replaces goes in as gone (NO6).
  for (const entry of entries.toReversed()) {
    if (entry.kind !== 'notification') continue
    const { audience, body } = entry
    const key = body.collapse_key
    const kind = `${audience} ${key}`
    const place = placeOf(epoch, entry.seq)
    rows.push(rowOf(entry, place, newest.get(kind)?.at ?? null))
    if (key !== undefined && !newest.has(kind)) {
      newest.set(kind, { key, audience, place, id: body.id, at: Date.parse(body.sent_at) })
    }
  }
  if (rows.length === 0) return []
  const insert = insertRows(stream, rows.toReversed())
  return newest.size === 0 ? [insert] : [replaceOlder(stream, [...newest.values()]), insert]
}

const millisOf = (time: string | undefined) => (time === undefined ? null : Date.parse(time))

function rowOf(
  { audience, category, asks, body }: NotificationEntry,
  place: string,
  gone: number | null,
) {
  return {
    place,
    id: body.id,
    audience,
    category,
    type: body.type,
    priority: body.priority,
    location: body.location_id ?? body.to.location_id ?? null,
    sent: Date.parse(body.sent_at),
    expires: millisOf(body.expires_at),
    gone,
    key: body.collapse_key ?? null,
    asks,
    body,
  }
}

/** An id that is there already is left as it is. */
function insertRows(stream: string, rows: object[]): SQL {
  return sql`INSERT INTO notifications (stream, place, id, audience, category, type, priority,
      location_id, sent_at, expires_at, gone_at, collapse_key, asks, body)
    SELECT ${stream}, value ->> '$.place', value ->> '$.id', value ->> '$.audience',
      value ->> '$.category', value ->> '$.type', value ->> '$.priority', value ->> '$.location',
      value ->> '$.sent', value ->> '$.expires', value ->> '$.gone', value ->> '$.key',
      value ->> '$.asks', value -> '$.body'
    FROM json_each(${JSON.stringify(rows)}) WHERE true
    ON CONFLICT (id, stream) DO NOTHING`
}

/** The older ones are looked up first: updated from a join, SQLite would walk the whole stream. */
function replaceOlder(stream: string, replacing: Replacing[]): SQL {
  const at = Math.max(...replacing.map((one) => one.at))
  return sql`UPDATE notifications SET gone_at = ${at} WHERE stream = ${stream} AND place IN (
    SELECT n.place FROM json_each(${JSON.stringify(replacing)}) t
    CROSS JOIN notifications n INDEXED BY notifications_collapse
      ON n.stream = ${stream} AND n.collapse_key = t.value ->> '$.key' AND n.gone_at IS NULL
    WHERE n.audience = t.value ->> '$.audience' AND n.id <> t.value ->> '$.id'
      AND n.place < t.value ->> '$.place')`
}
