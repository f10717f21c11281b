// [AR2] Entries that D1 refused for their content. The batch whose cursor passes such an entry writes a row without a word
// of it, so the list of them is never behind the archive.
import { type SQL, sql } from 'drizzle-orm'
import * as v from 'valibot'
import type { Page, ParkedKind } from '../protocol/api.ts'
import type { ArchiveBatch } from './archive-batch.ts'
import { decodeCursor, directionOf, encodeCursor, pageOf } from './cursor.ts'
import { type Database, rowsOf, runBatch } from './open.ts'
import { parsePlace, placeOf } from './place.ts'

/** `parked_at` in milliseconds. */
export interface Parked {
  stream: string
  epoch: string
  seq: number
  id: string | null
  kind: ParkedKind
  parked_at: number
  reason: string
}

/** The rows of a batch's parked entries; one that was refused again has a new reason. */
export function parkedStatements({
  stream,
  epoch,
  entries,
}: Pick<ArchiveBatch, 'stream' | 'epoch' | 'entries'>): SQL[] {
  const rows = entries.flatMap((entry) =>
    entry.kind === 'parked' ? { ...entry, place: placeOf(epoch, entry.seq) } : [],
  )
  if (rows.length === 0) return []
  return [
    sql`INSERT INTO parked_entries (stream, place, kind, id, audience, category, parked_at, reason)
      SELECT ${stream}, value ->> '$.place', value ->> '$.what', value ->> '$.id',
        value ->> '$.audience', value ->> '$.category', value ->> '$.at', value ->> '$.reason'
      FROM json_each(${JSON.stringify(rows)}) WHERE true
      ON CONFLICT (stream, place) DO UPDATE SET
        parked_at = excluded.parked_at, reason = excluded.reason`,
  ]
}

/** It is archived now. */
export const unparkStatement = (stream: string, place: string): SQL =>
  sql`DELETE FROM parked_entries WHERE stream = ${stream} AND place = ${place}`

/** A new epoch begins: what was parked in an older one went with the hub's storage. */
export const forgetOlderParked = (stream: string, epoch: string): SQL =>
  sql`DELETE FROM parked_entries WHERE stream = ${stream} AND place < ${epoch}`

const ParkedCursor = v.object({ at: v.number(), stream: v.string(), place: v.string() })

type Row = Omit<Parked, 'epoch' | 'seq'> & { place: string }

/** [CO4] All of them, the longest parked first. Throws BadCursor. */
export async function listParked(
  db: Database,
  query: { limit: number; after?: string | undefined; before?: string | undefined },
): Promise<{ data: Parked[]; page: Page }> {
  const { limit } = query
  const { back, given } = directionOf(query)
  const from = given === undefined ? null : decodeCursor(given, ParkedCursor, back)
  const beyond = sql.raw(back ? '<' : '>')
  const way = sql.raw(back ? 'DESC' : 'ASC')
  const [found] = await runBatch(db, [
    sql`SELECT stream, place, id, kind, parked_at, reason FROM parked_entries
      WHERE ${from === null ? 1 : 0} = 1 OR (parked_at, stream, place) ${beyond}
        (${from?.at ?? 0}, ${from?.stream ?? ''}, ${from?.place ?? ''})
      ORDER BY parked_at ${way}, stream ${way}, place ${way} LIMIT ${limit + 1}`,
  ])
  const rows = rowsOf<Row>(found)
  const shown = back ? rows.slice(0, limit).toReversed() : rows.slice(0, limit)
  const edge = (row: Row | undefined) =>
    row
      ? encodeCursor({ at: row.parked_at, stream: row.stream, place: row.place })
      : (given ?? null)
  const page = pageOf({
    given: given !== undefined,
    back,
    more: rows.length > limit,
    first: () => edge(shown[0]),
    last: () => edge(shown.at(-1)),
  })
  return { data: shown.map(({ place, ...row }) => ({ ...row, ...parsePlace(place) })), page }
}

/** Has a hub of this name ever begun, and not been erased since? */
export async function knowsStream(db: Database, stream: string): Promise<boolean> {
  const [found] = await runBatch(db, [
    sql`SELECT 1 FROM archive_cursors WHERE stream = ${stream} LIMIT 1`,
  ])
  return rowsOf(found).length > 0
}
