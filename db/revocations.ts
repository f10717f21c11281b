// [AU8] The short list of what no access token may name any more. A row is of interest for one token's life: by then every
// token that it could refuse has ended by itself.
import { and, gt, isNotNull, lte, type SQL, sql } from 'drizzle-orm'
import { MAX_TOKEN_SECONDS } from '../protocol/limits.ts'
import { type Database } from './open.ts'
import { revocations } from './schema.ts'

/** A token may be signed a moment after its session was read, and clocks of two machines differ. */
const MARGIN_MS = 60_000

/** Until when (milliseconds) something that ends now has to be remembered. */
export const revokedUntil = (now: number): number => now + MAX_TOKEN_SECONDS * 1_000 + MARGIN_MS

/** Revokes every key that `selected` yields (columns `key` and `user_id`), as part of a batch. */
export const revokeSelected = (selected: SQL, now: number): SQL =>
  sql`INSERT INTO revocations (key, user_id, until)
    SELECT key, user_id, ${revokedUntil(now)} FROM (${selected}) WHERE true
    ON CONFLICT (key) DO UPDATE SET until = max(until, excluded.until)`

/** All keys of interest: ids of sessions, and subjects of services. */
export async function listRevoked(db: Database, now: number): Promise<string[]> {
  const rows = await db
    .select({ key: revocations.key })
    .from(revocations)
    .where(gt(revocations.until, now))
  return rows.map(({ key }) => key)
}

export interface EndedSession {
  id: string
  user_id: string
  until: number
}

/** The part of the list that hubs keep: sessions of people. */
export async function listEndedSessions(db: Database, now: number): Promise<EndedSession[]> {
  const { key, user_id, until } = revocations
  const rows = await db
    .select({ id: key, user_id, until })
    .from(revocations)
    .where(and(gt(until, now), isNotNull(user_id)))
  return rows.map((row) => ({ ...row, user_id: row.user_id ?? '' }))
}

/** [DI3] Part of erasing a person: their access tokens end, and nothing of their sessions stays. */
export const eraseSessions = (userId: string, now: number): SQL[] => [
  revokeSelected(sql`SELECT id AS key, user_id FROM sessions WHERE user_id = ${userId}`, now),
  sql`DELETE FROM sessions WHERE user_id = ${userId}`,
]

/** Once a day: what is of interest to nobody. */
export async function forgetRevocations(db: Database, now: number): Promise<void> {
  await db.delete(revocations).where(lte(revocations.until, now)).run()
}
