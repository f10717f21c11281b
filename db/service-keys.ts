// [AU2] Keys of outside programs. The secret is here as a hash only.
import { and, eq, isNull, lte, or, sql } from 'drizzle-orm'
import * as v from 'valibot'
import type { Page, Scope } from '../protocol/api.ts'
import { decodeCursor, directionOf, encodeCursor, pageOf } from './cursor.ts'
import { type Database, rowsOf, runBatch } from './open.ts'
import { revokeSelected } from './revocations.ts'
import { serviceKeys } from './schema.ts'

/** Times in milliseconds. */
export interface ServiceKey {
  client_id: string
  name: string
  secret_hash: string
  scopes: Scope[]
  created_at: number
  last_used_at: number | null
  revoked_at: number | null
}

/** "Last used" is for people to look at; a write for every sign-in would be waste. */
const TOUCH_EVERY_MS = 60_000

/** Also a revoked one: the caller looks at `revoked_at`. */
export async function getServiceKey(db: Database, clientId: string): Promise<ServiceKey | null> {
  const row = await db.select().from(serviceKeys).where(eq(serviceKeys.client_id, clientId)).get()
  return row ?? null
}

/** Makes the key, or gives an existing one this name, secret and these scopes; it is then not revoked. */
export async function putServiceKey(
  db: Database,
  key: Pick<ServiceKey, 'client_id' | 'name' | 'secret_hash' | 'scopes'>,
  now: number,
): Promise<void> {
  const { name, secret_hash, scopes } = key
  await db
    .insert(serviceKeys)
    .values({ ...key, created_at: now })
    .onConflictDoUpdate({
      target: serviceKeys.client_id,
      set: { name, secret_hash, scopes, revoked_at: null },
    })
    .run()
}

/** Notes a use, at most once a minute. */
export async function touchServiceKey(db: Database, clientId: string, now: number): Promise<void> {
  const longAgo = or(
    isNull(serviceKeys.last_used_at),
    lte(serviceKeys.last_used_at, now - TOUCH_EVERY_MS),
  )
  await db
    .update(serviceKeys)
    .set({ last_used_at: now })
    .where(and(eq(serviceKeys.client_id, clientId), longAgo))
    .run()
}

/** [DI2] A new key; its id is the server's own, so there is none like it. */
export async function addServiceKey(
  db: Database,
  key: Pick<ServiceKey, 'client_id' | 'name' | 'secret_hash' | 'scopes'>,
  now: number,
): Promise<void> {
  await db
    .insert(serviceKeys)
    .values({ ...key, created_at: now })
    .run()
}

/** [AU8] Ends a key together with the tokens that were given for it; false when there was none. */
export async function revokeServiceKey(
  db: Database,
  clientId: string,
  now: number,
): Promise<boolean> {
  const live = sql`client_id = ${clientId} AND revoked_at IS NULL`
  const [, revoked] = await runBatch(db, [
    revokeSelected(
      sql`SELECT 'service:' || client_id AS key, NULL AS user_id FROM service_keys WHERE ${live}`,
      now,
    ),
    sql`UPDATE service_keys SET revoked_at = ${now} WHERE ${live} RETURNING client_id`,
  ])
  return rowsOf(revoked).length > 0
}

/** What may be shown of a key. */
export type ShownKey = Pick<
  ServiceKey,
  'client_id' | 'name' | 'scopes' | 'created_at' | 'last_used_at'
>

const KeyCursor = v.object({ created_at: v.number(), client_id: v.string() })

/** [DI2] The keys that work, oldest first. */
export async function listServiceKeys(
  db: Database,
  query: { limit: number; after?: string | undefined; before?: string | undefined },
): Promise<{ data: ShownKey[]; page: Page }> {
  const { limit } = query
  const { back, given } = directionOf(query)
  const from = given === undefined ? null : decodeCursor(given, KeyCursor, back)
  const beyond = sql.raw(back ? '<' : '>')
  const way = sql.raw(back ? 'DESC' : 'ASC')
  const [found] = await runBatch(db, [
    sql`SELECT client_id, name, scopes, created_at, last_used_at FROM service_keys
      WHERE revoked_at IS NULL AND (${from === null ? 1 : 0} = 1
        OR (created_at, client_id) ${beyond} (${from?.created_at ?? 0}, ${from?.client_id ?? ''}))
      ORDER BY created_at ${way}, client_id ${way} LIMIT ${limit + 1}`,
  ])
  const rows = rowsOf<Omit<ShownKey, 'scopes'> & { scopes: string }>(found)
  const shown = rows.slice(0, limit)
  const data = (back ? shown.toReversed() : shown).map(({ scopes, ...key }) => ({
    ...key,
    scopes: JSON.parse(scopes) as Scope[],
  }))
  const edge = (key: v.InferOutput<typeof KeyCursor> | null | undefined) =>
    key ? encodeCursor({ created_at: key.created_at, client_id: key.client_id }) : null
  const page = pageOf({
    given: given !== undefined,
    back,
    more: rows.length > limit,
    first: () => edge(data[0] ?? from),
    last: () => edge(data.at(-1) ?? from),
  })
  return { data, page }
}
