// [AR7] What hubs have not been told yet. A task only says "read your copy of the directory again", so one per hub is
// enough, and delivering it twice does no harm.
import { asc, eq, lte, type SQL, sql } from 'drizzle-orm'
import type { Database } from './open.ts'
import { hubTasks } from './schema.ts'

/** `hub` is a stream name. `attempts` counts the deliveries that failed. */
export interface HubTask {
  id: number
  hub: string
}

export interface DueTask extends HubTask {
  attempts: number
  created_at: number
}

/**
 * Queues a task for every hub that `hubs` selects (a column `hub`), as part of a directory write's batch.
 * A task that waits already is replaced under a new id: whoever delivers the old one finishes only the old one.
 */
export function queueTasks(hubs: SQL, now: number): SQL {
  return sql`INSERT OR REPLACE INTO hub_tasks (hub, created_at, attempts, next_at)
    SELECT hub, ${now}, 0, ${now} FROM (${hubs}) WHERE true RETURNING id, hub`
}

/** The oldest tasks whose time has come, at most `limit`. */
export async function dueTasks(db: Database, now: number, limit: number): Promise<DueTask[]> {
  const { id, hub, attempts, created_at } = hubTasks
  return db
    .select({ id, hub, attempts, created_at })
    .from(hubTasks)
    .where(lte(hubTasks.next_at, now))
    .orderBy(asc(hubTasks.id))
    .limit(limit)
}

/** The hub has done it. One that was queued again meanwhile has another id and stays. */
export async function finishTask(db: Database, id: number): Promise<void> {
  await db.delete(hubTasks).where(eq(hubTasks.id, id)).run()
}

/** The hub could not be told; again at `nextAt` (milliseconds). */
export async function postponeTask(db: Database, id: number, nextAt: number): Promise<void> {
  await db
    .update(hubTasks)
    .set({ attempts: sql`${hubTasks.attempts} + 1`, next_at: nextAt })
    .where(eq(hubTasks.id, id))
    .run()
}
