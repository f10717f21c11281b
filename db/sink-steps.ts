// [AR6] "Up to here": one step per stream, and the exceptions below it that it lifts.
import { type SQL, sql } from 'drizzle-orm'
import { placeOf } from './place.ts'
import type { ArchiveEntry } from './archive-batch.ts'

type StepEntry = Extract<ArchiveEntry, { kind: 'step' }>

const KIND = { read: 'read', seen: 'seen', deleted: 'clear' } as const

/** The step itself, unless an earlier one reaches as far; then the marked exceptions that it covers. */
export function stepStatements(userId: string, { at, op, category, up_to }: StepEntry): SQL[] {
  // Also at seq 0: that is above all of the older epochs (ST1).
  const reach = up_to.map(({ stream, epoch, seq }) => ({ stream, up_to: placeOf(epoch, seq) }))
  if (reach.length === 0) return []
  const targets = sql`(SELECT value ->> '$.stream' AS stream, value ->> '$.up_to' AS up_to
    FROM json_each(${JSON.stringify(reach)})) t`
  const step = sql`INSERT INTO inbox_steps (user_id, stream, kind, category, up_to, at)
    SELECT ${userId}, t.stream, ${KIND[op]}, ${category}, t.up_to, ${at} FROM ${targets}
    WHERE NOT EXISTS (SELECT 1 FROM inbox_steps k WHERE k.user_id = ${userId}
      AND k.stream = t.stream AND k.kind = ${KIND[op]} AND k.category = ${category}
      AND k.up_to >= t.up_to)`
  // What is cleared is hidden whatever its mark says.
  if (op === 'deleted') return [step]
  const lifted =
    op === 'read'
      ? sql`read_at = CASE unread WHEN 1 THEN ${at} ELSE read_at END, unread = 0,
          seen_at = CASE unseen WHEN 1 THEN ${at} ELSE seen_at END, unseen = 0`
      : sql`seen_at = CASE unseen WHEN 1 THEN ${at} ELSE seen_at END, unseen = 0`
  // The exceptions are looked up first: updated from a join, SQLite would walk all marks of the person.
  const exceptions = sql`UPDATE inbox_marks SET ${lifted}
    WHERE user_id = ${userId} AND (stream, place) IN (
      SELECT m.stream, m.place FROM ${targets}
      CROSS JOIN inbox_marks m INDEXED BY inbox_exceptions
        ON m.user_id = ${userId} AND m.stream = t.stream AND m.place <= t.up_to
        AND (m.unread = 1 OR m.unseen = 1)
      WHERE (${category} = '*' OR m.category = ${category})
        AND coalesce(m.snoozed_until, 0) <= ${at})`
  return [step, exceptions]
}
