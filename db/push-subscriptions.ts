// [RE3] Where devices get their pushes. Every write commits together with the tasks of the hubs that must know (AR7).
import { sql } from 'drizzle-orm'
import { userStream } from '../protocol/ids.ts'
import { MAX_PUSH_DEVICES } from '../protocol/limits.ts'
import { type DeleteResult, type PutResult, toldBy } from './directory.ts'
import { type Database, rowsOf, runBatch } from './open.ts'
import { queueTasks } from './tasks.ts'

export interface PushSubscriptionPut {
  user_id: string
  device: string
  endpoint: string
  p256dh: string
  auth: string
  /** Of the page that subscribed: a click leads there. */
  origin: string
  /** The session it belongs to (AU8); null: of a token without one. */
  session: string | null
}

/** What the person's hub keeps of it. `created_at`: since when it is this address with these keys. */
export interface PushCopy {
  device: string
  endpoint: string
  p256dh: string
  auth: string
  origin: string
  created_at: number
  confirmed_at: number
}

export type PushPutResult = PutResult & {
  /** Null: there is no such person, or the session has ended. */
  row: PushCopy | null
}

/**
 * Puts a device's subscription in the place of what it had, and takes the address from whoever else had it: a shared phone
 * rings for the one who signed in last. One device too many ends the one that was confirmed longest ago.
 */
export async function putPushSubscription(
  db: Database,
  put: PushSubscriptionPut,
  now: number,
): Promise<PushPutResult> {
  const { user_id, device, endpoint, p256dh, auth, origin, session } = put
  const others = sql`endpoint = ${endpoint} AND NOT (user_id = ${user_id} AND device = ${device})`
  const mine = sql`user_id = ${user_id} AND device = ${device}`
  const same = sql`endpoint = excluded.endpoint AND p256dh = excluded.p256dh AND auth = excluded.auth`
  const [before, queued, , , , after] = await runBatch(db, [
    sql`SELECT endpoint, p256dh, auth FROM push_subscriptions WHERE ${mine}`,
    queueTasks(
      sql`SELECT ${userStream(user_id)} AS hub FROM users WHERE id = ${user_id}
        UNION SELECT 'user:' || user_id FROM push_subscriptions WHERE ${others}`,
      now,
    ),
    sql`DELETE FROM push_subscriptions WHERE ${others}`,
    sql`INSERT INTO push_subscriptions
      (user_id, device, endpoint, p256dh, auth, origin, session, created_at, confirmed_at)
      SELECT id, ${device}, ${endpoint}, ${p256dh}, ${auth}, ${origin}, ${session}, ${now}, ${now}
      FROM users WHERE id = ${user_id}
        AND NOT EXISTS (SELECT 1 FROM revocations WHERE key = ${session})
      ON CONFLICT (user_id, device) DO UPDATE SET
        created_at = CASE WHEN ${same} THEN created_at ELSE excluded.created_at END,
        endpoint = excluded.endpoint, p256dh = excluded.p256dh, auth = excluded.auth,
        origin = excluded.origin, session = excluded.session, confirmed_at = excluded.confirmed_at`,
    sql`DELETE FROM push_subscriptions WHERE user_id = ${user_id} AND device NOT IN
      (SELECT device FROM push_subscriptions WHERE user_id = ${user_id}
        ORDER BY confirmed_at DESC, device = ${device} DESC LIMIT ${MAX_PUSH_DEVICES})`,
    sql`SELECT device, endpoint, p256dh, auth, origin, created_at, confirmed_at
      FROM push_subscriptions WHERE ${mine} AND confirmed_at = ${now}`,
  ])
  const known = rowsOf<Pick<PushCopy, 'endpoint' | 'p256dh' | 'auth'>>(before)[0]
  const isSame = known?.endpoint === endpoint && known.p256dh === p256dh && known.auth === auth
  const outcome = known === undefined ? 'created' : isSame ? 'unchanged' : 'changed'
  return { outcome, row: rowsOf<PushCopy>(after)[0] ?? null, ...toldBy(queued) }
}

export async function deletePushSubscription(
  db: Database,
  userId: string,
  device: string,
  now: number,
): Promise<DeleteResult> {
  const mine = sql`user_id = ${userId} AND device = ${device}`
  const [found, queued] = await runBatch(db, [
    sql`SELECT 1 FROM push_subscriptions WHERE ${mine}`,
    queueTasks(sql`SELECT 'user:' || user_id AS hub FROM push_subscriptions WHERE ${mine}`, now),
    sql`DELETE FROM push_subscriptions WHERE ${mine}`,
  ])
  return { found: rowsOf(found).length > 0, ...toldBy(queued) }
}

/** The push service says that it has ended; one that was confirmed since is another one. The hub knows already. */
export async function dropEndedSubscription(
  db: Database,
  userId: string,
  device: string,
  endedAt: number,
): Promise<void> {
  await runBatch(db, [
    sql`DELETE FROM push_subscriptions
      WHERE user_id = ${userId} AND device = ${device} AND confirmed_at <= ${endedAt}`,
  ])
}
