// [AU2] Keys of outside programs. The secret is here as a hash only.
import { and, eq, isNull, lte, or } from 'drizzle-orm'
import type { Scope } from '../protocol/api.ts'
import type { Database } from './open.ts'
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
