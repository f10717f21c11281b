// [AR6] "Up to here": one step per stream, and the exceptions below it that it lifts.
import { type SQL, sql } from 'drizzle-orm'
import { placeOf } from './place.ts'
import type { ArchiveEntry } from './archive-batch.ts'

type StepEntry = Extract<ArchiveEntry, { kind: 'step' }>

export const STEP_KIND = { read: 'read', seen: 'seen', deleted: 'clear' } as const

/** The step itself, unless an earlier one reaches as far; then the marked exceptions that it covers. */
export function stepStatements(userId: string, entry: StepEntry): SQL[] {
  const { at, op, category, up_to } = entry
  if (up_to.length === 0) return []
  const step = sql`INSERT INTO inbox_steps (user_id, stream, kind, category, up_to, at)
    SELECT ${userId}, t.stream, ${STEP_KIND[op]}, ${category}, t.up_to, ${at}
    FROM ${stepTargets(entry)}
    WHERE NOT EXISTS (SELECT 1 FROM inbox_steps k WHERE k.user_id = ${userId}
      AND k.stream = t.stream AND k.kind = ${STEP_KIND[op]} AND k.category = ${category}
      AND k.up_to >= t.up_to)`
  return [step, ...liftStatements(userId, entry)]
}

/** The streams of a step and where it ends in each, as the table `t`. */
export function stepTargets({ up_to }: StepEntry): SQL {
  // Also at seq 0: that is above all of the older epochs (ST1).
  const reach = up_to.map(({ stream, epoch, seq }) => ({ stream, up_to: placeOf(epoch, seq) }))
  return sql`(SELECT value ->> '$.stream' AS stream, value ->> '$.up_to' AS up_to
    FROM json_each(${JSON.stringify(reach)})) t`
}

/** The exceptions below a step that it lifts. */
export function liftStatements(userId: string, entry: StepEntry): SQL[] {
  const { at, op, category } = entry
  // What is cleared is hidden whatever its mark says.
  if (op === 'deleted') return []
  const lifted =
    op === 'read'
      ? sql`read_at = CASE unread WHEN 1 THEN ${at} ELSE read_at END, unread = 0,
          seen_at = CASE unseen WHEN 1 THEN ${at} ELSE seen_at END, unseen = 0`
      : sql`seen_at = CASE unseen WHEN 1 THEN ${at} ELSE seen_at END, unseen = 0`
  // The exceptions are looked up first: updated from a join, SQLite would walk all marks of the person.
  return [
    sql`UPDATE inbox_marks SET ${lifted}
      WHERE user_id = ${userId} AND (stream, place) IN (
        SELECT m.stream, m.place FROM ${stepTargets(entry)}
        CROSS JOIN inbox_marks m INDEXED BY inbox_exceptions
          ON m.user_id = ${userId} AND m.stream = t.stream AND m.place <= t.up_to
          AND (m.unread = 1 OR m.unseen = 1)
        WHERE (${category} = '*' OR m.category = ${category})
          AND coalesce(m.snoozed_until, 0) <= ${at})`,
  ]
}
