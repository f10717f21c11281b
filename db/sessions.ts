// [AU2] People who are signed in: one row per family of refresh tokens. What a token may say is read in the same
// transaction as the session, so that whoever was removed before gets none, and whoever is removed after ends it.
import { eq, lte, type SQL, sql } from 'drizzle-orm'
import type { UserRole } from '../protocol/api.ts'
import type { Role } from '../protocol/notification.ts'
import { type Database, rowsOf, runBatch } from './open.ts'
import { revokeSelected } from './revocations.ts'
import { sessions } from './schema.ts'
import { type HubTask, queueTasks } from './tasks.ts'

const DAY_MS = 24 * 3_600_000

/** Without a use for this long, or this long after its beginning, a session is over. */
export const SESSION_IDLE_MS = 30 * DAY_MS
export const SESSION_MAX_MS = 90 * DAY_MS

/** Times in milliseconds. The secret and, with it, a whole token is known to its holder alone. */
export interface Session {
  id: string
  user_id: string
  secret_hash: string
  nonce: string
  previous_nonce: string | null
  rotated_at: number
  created_at: number
  expires_at: number
  ended_at: number | null
}

/** Who signed in, as the directory has them. */
export interface SignedIn {
  id: string
  role: UserRole
  memberships: Record<string, Role>
}

const selectPerson = (userId: SQL | string): SQL[] => [
  sql`SELECT id, role FROM users WHERE id = ${userId}`,
  sql`SELECT location_id, role FROM memberships WHERE user_id = ${userId} ORDER BY location_id`,
]

function personOf(found: D1Result | undefined, held: D1Result | undefined): SignedIn | null {
  const user = rowsOf<{ id: string; role: UserRole }>(found)[0]
  if (user === undefined) return null
  const roles = rowsOf<{ location_id: string; role: Role }>(held)
  return {
    ...user,
    memberships: Object.fromEntries(roles.map((row) => [row.location_id, row.role])),
  }
}

/** Signs a person in; null, and no session, where there is no such person. */
export async function openSession(
  db: Database,
  session: Pick<Session, 'id' | 'user_id' | 'secret_hash' | 'nonce' | 'expires_at'>,
  now: number,
): Promise<SignedIn | null> {
  const { id, user_id, secret_hash, nonce, expires_at } = session
  const [, found, held] = await runBatch(db, [
    sql`INSERT INTO sessions (id, user_id, secret_hash, nonce, rotated_at, created_at, expires_at)
      SELECT ${id}, id, ${secret_hash}, ${nonce}, ${now}, ${now}, ${expires_at}
      FROM users WHERE id = ${user_id}`,
    ...selectPerson(user_id),
  ])
  return personOf(found, held)
}

/** Also one that has ended: the caller looks. */
export async function getSession(db: Database, id: string): Promise<Session | null> {
  return (await db.select().from(sessions).where(eq(sessions.id, id)).get()) ?? null
}

/** One use of a refresh token: `nonce` is the one that was shown, and still the session's. */
interface Rotation {
  id: string
  nonce: string
  next_nonce: string
  expires_at: number
}

/** Gives the session its next nonce. Null: somebody else did, or it has ended, between reading it and now. */
export async function rotateSession(
  db: Database,
  { id, nonce, next_nonce, expires_at }: Rotation,
  now: number,
): Promise<SignedIn | null> {
  const [rotated, found, held] = await runBatch(db, [
    sql`UPDATE sessions SET previous_nonce = nonce, nonce = ${next_nonce}, rotated_at = ${now},
      expires_at = ${expires_at}
      WHERE id = ${id} AND nonce = ${nonce} AND ended_at IS NULL RETURNING id`,
    ...selectPerson(sql`(SELECT user_id FROM sessions WHERE id = ${id})`),
  ])
  return rowsOf(rotated).length === 0 ? null : personOf(found, held)
}

/** Who holds a session that goes on; null when it has ended. */
export async function getSignedIn(db: Database, id: string): Promise<SignedIn | null> {
  const holder = sql`(SELECT user_id FROM sessions WHERE id = ${id} AND ended_at IS NULL)`
  const [found, held] = await runBatch(db, selectPerson(holder))
  return personOf(found, held)
}

/** Which sessions end: one, or all of a person. */
export type Ending = { id: string } | { user_id: string }

/**
 * Ends sessions, what their access tokens open, and the pushes to where they were; the hubs of their people must hear
 * of it.
 */
export async function endSessions(db: Database, ending: Ending, now: number): Promise<HubTask[]> {
  const which = 'id' in ending ? sql`id = ${ending.id}` : sql`user_id = ${ending.user_id}`
  const people = sql`(SELECT DISTINCT user_id FROM sessions WHERE ${which} AND ended_at IS NULL)`
  const hubs = sql`SELECT 'user:' || user_id AS hub FROM ${people}
    UNION ALL SELECT 'location:' || location_id FROM memberships WHERE user_id IN ${people}`
  const [queued] = await runBatch(db, [
    queueTasks(hubs, now),
    revokeSelected(
      sql`SELECT id AS key, user_id FROM sessions WHERE ${which} AND ended_at IS NULL`,
      now,
    ),
    sql`DELETE FROM push_subscriptions WHERE session IN
      (SELECT id FROM sessions WHERE ${which} AND ended_at IS NULL)`,
    sql`UPDATE sessions SET ended_at = ${now} WHERE ${which} AND ended_at IS NULL`,
  ])
  return rowsOf<HubTask>(queued)
}

/** Once a day: sessions that nobody can go on with. An ended one is kept until then, so that its replay is known as one. */
export async function forgetSessions(db: Database, now: number): Promise<void> {
  await db.delete(sessions).where(lte(sessions.expires_at, now)).run()
}
