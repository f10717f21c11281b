// [AR6] One person's doings with single entries, as patches of columns: never a whole row, because compaction may have
// put an exception there that the hub does not know of.
import { type SQL, sql } from 'drizzle-orm'
import type { Category } from '../protocol/notification-types.ts'
import { firstStepAt } from './steps.ts'
import type { MarkOp } from './archive-batch.ts'

/** `at` in milliseconds. */
export interface MarkPatch {
  stream: string
  place: string
  category: Category
  at: number
}

type Column =
  | 'read_at'
  | 'unread'
  | 'seen_at'
  | 'unseen'
  | 'archived_at'
  | 'deleted_at'
  | 'acknowledged_at'

type Patch = Partial<Record<Column, SQL>>

/** In these, `t` is the patch and `m` the row as it is, or nothing. What was read before keeps its time. */
function patchOf(op: MarkOp, userId: string): Patch {
  const seen: Patch = {
    seen_at: sql`CASE WHEN m.unseen = 1 THEN t.at
      ELSE coalesce(m.seen_at, ${firstStepAt('seen', userId, 't')}, t.at) END`,
    unseen: sql`0`,
  }
  const read: Patch = {
    read_at: sql`CASE WHEN m.unread = 1 THEN t.at
      ELSE coalesce(m.read_at, ${firstStepAt('read', userId, 't')}, t.at) END`,
    unread: sql`0`,
    ...seen,
  }
  switch (op) {
    case 'read':
      return read
    case 'unread':
      return { read_at: sql`NULL`, unread: sql`1` }
    case 'seen':
      return seen
    case 'unseen':
      return { seen_at: sql`NULL`, unseen: sql`1` }
    case 'archived':
      return { archived_at: sql`coalesce(m.archived_at, t.at)`, ...read }
    case 'unarchived':
      return { archived_at: sql`NULL` }
    case 'acknowledged':
      return { acknowledged_at: sql`coalesce(m.acknowledged_at, t.at)`, ...read }
    case 'unacknowledged':
      return { acknowledged_at: sql`NULL` }
    case 'deleted':
      // Nobody is shown it again, so it is no exception to walk over either.
      return { deleted_at: sql`coalesce(m.deleted_at, t.at)`, unread: sql`0`, unseen: sql`0` }
  }
}

/** One statement for one op on many entries, each named once. */
export function markStatement(userId: string, op: MarkOp, patches: MarkPatch[]): SQL {
  const patch = Object.entries(patchOf(op, userId))
  const columns = sql.raw(patch.map(([column]) => column).join(', '))
  const values = sql.join(
    patch.map(([, value]) => value),
    sql`, `,
  )
  const updates = sql.raw(patch.map(([column]) => `${column} = excluded.${column}`).join(', '))
  return sql`INSERT INTO inbox_marks (user_id, stream, place, category, ${columns})
    SELECT ${userId}, t.stream, t.place, t.category, ${values}
    FROM (SELECT value ->> '$.stream' AS stream, value ->> '$.place' AS place,
        value ->> '$.category' AS category, value ->> '$.at' AS at
      FROM json_each(${JSON.stringify(patches)})) t
    LEFT JOIN inbox_marks m
      ON m.user_id = ${userId} AND m.stream = t.stream AND m.place = t.place
    WHERE true
    ON CONFLICT (user_id, stream, place) DO UPDATE SET ${updates}`
}
