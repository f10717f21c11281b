// [AR6] Reading steps in SQL. Steps of one kind and category only ever reach higher, so one seek answers each question.
import { type SQL, sql } from 'drizzle-orm'
import type { Category } from '../protocol/notification-types.ts'

export type StepKind = 'read' | 'seen' | 'clear'

/** The reach of the highest step on `alias`'s stream: of all categories, or of the category that `alias` has. */
export function stepReach(
  kind: StepKind,
  userId: string,
  alias: string,
  category: '*' | 'own',
): SQL {
  const which = category === '*' ? sql.raw(`'*'`) : sql.raw(`${alias}.category`)
  return sql`coalesce((SELECT max(k.up_to) FROM inbox_steps k WHERE k.user_id = ${userId}
    AND k.stream = ${sql.raw(`${alias}.stream`)} AND k.kind = ${sql.raw(`'${kind}'`)}
    AND k.category = ${which}), '')`
}

function firstStep(
  kind: StepKind,
  category: Category | '*' | 'own',
  userId: string,
  alias: string,
) {
  const which = category === 'own' ? sql.raw(`${alias}.category`) : sql.raw(`'${category}'`)
  return sql`SELECT * FROM (SELECT k.at AS at FROM inbox_steps k WHERE k.user_id = ${userId}
    AND k.stream = ${sql.raw(`${alias}.stream`)} AND k.kind = ${sql.raw(`'${kind}'`)}
    AND k.category = ${which} AND k.up_to >= ${sql.raw(`${alias}.place`)}
    ORDER BY k.up_to LIMIT 1)`
}

/**
 * When a step first covered the entry of `alias` (which has stream, place and category), or null. Read implies seen.
 * The lowest step at or above an entry is the first that reached it; a step made by compaction has no time.
 */
export function firstStepAt(state: 'read' | 'seen', userId: string, alias: string): SQL {
  const kinds: StepKind[] = state === 'seen' ? ['seen', 'read'] : ['read']
  const steps = kinds.flatMap((kind) => [
    firstStep(kind, '*', userId, alias),
    firstStep(kind, 'own', userId, alias),
  ])
  return sql`(SELECT min(at) FROM (${sql.join(steps, sql` UNION ALL `)}))`
}
