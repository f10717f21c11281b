// [CO6] Sign-ins that failed, counted exactly: in D1, because a count per isolate would be no count. Successes write nothing.
import { lte, sql } from 'drizzle-orm'
import { type Database, rowsOf, runBatch } from './open.ts'
import { signInFailures } from './schema.ts'

/** How many failures, in how long. */
export interface FailureLimit {
  count: number
  window_ms: number
}

/** `oldest` (milliseconds): when the first of them happened; null where there are none. */
export interface Failures {
  count: number
  oldest: number | null
}

const select = (client: string, after: number) =>
  sql`SELECT count(*) AS count, min(at) AS oldest FROM sign_in_failures
    WHERE client = ${client} AND at > ${after}`

const noFailures: Failures = { count: 0, oldest: null }

/** What a client has failed within the window. */
export async function recentFailures(
  db: Database,
  client: string,
  { window_ms }: FailureLimit,
  now: number,
): Promise<Failures> {
  const [found] = await runBatch(db, [select(client, now - window_ms)])
  return rowsOf<Failures>(found)[0] ?? noFailures
}

/** Notes a failure, unless the limit is reached: failures that come side by side are counted one after the other. */
export async function noteFailure(
  db: Database,
  client: string,
  { count, window_ms }: FailureLimit,
  now: number,
): Promise<{ noted: boolean } & Failures> {
  const after = now - window_ms
  const [, noted, found] = await runBatch(db, [
    sql`DELETE FROM sign_in_failures WHERE client = ${client} AND at <= ${after}`,
    sql`INSERT INTO sign_in_failures (client, at) SELECT ${client}, ${now}
      WHERE (SELECT count(*) FROM sign_in_failures WHERE client = ${client}) < ${count}
      RETURNING id`,
    select(client, after),
  ])
  return { noted: rowsOf(noted).length > 0, ...(rowsOf<Failures>(found)[0] ?? noFailures) }
}

/** Once a day: what lies outside every window. */
export async function forgetFailures(
  db: Database,
  { window_ms }: FailureLimit,
  now: number,
): Promise<void> {
  await db
    .delete(signInFailures)
    .where(lte(signInFailures.at, now - window_ms))
    .run()
}
