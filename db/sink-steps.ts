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
  const exceptions = sql`UPDATE inbox_marks SET ${lifted} FROM ${targets}
    WHERE inbox_marks.user_id = ${userId} AND inbox_marks.stream = t.stream
      AND inbox_marks.place <= t.up_to AND (unread = 1 OR unseen = 1)
      AND (${category} = '*' OR inbox_marks.category = ${category})
      AND coalesce(snoozed_until, 0) <= ${at}`
  return [step, exceptions]
}
