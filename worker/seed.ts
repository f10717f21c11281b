// The demo shop of development (spec, section 12). It goes through the functions of the directory routes, so that hubs
// know it like any other shop.
import { getServiceKey, putServiceKey } from '../db/service-keys.ts'
import { now } from '../durable-objects/clock.ts'
import { Scope, type LocationBody, type UserBody } from '../protocol/api.ts'
import type { Role } from '../protocol/notification.ts'
import { fromArchive } from './archive.ts'
import { hashSecret } from './auth/secrets.ts'
import { saveLocation, saveMember, saveUser } from './directory.ts'
import type { Env } from './env.ts'

const LOCATIONS: Record<string, LocationBody> = {
  downtown: { name: 'Downtown', time_zone: 'America/New_York' },
  harbour: { name: 'Harbour', time_zone: 'Europe/Lisbon' },
}

const USERS: Record<string, UserBody> = {
  olivia: { name: 'Olivia Owens', locale: 'en', role: 'admin' },
  ana: { name: 'Ana Alvarez', locale: 'en' },
  ben: { name: 'Ben Brooks', locale: 'en' },
  cleo: { name: 'Cleo Carter', locale: 'en' },
  dario: { name: 'Dario Duarte', locale: 'en' },
  emi: { name: 'Emi Estrada', locale: 'es' },
}

const MEMBERS: readonly { location_id: string; user_id: string; role: Role }[] = [
  { location_id: 'downtown', user_id: 'ana', role: 'manager' },
  { location_id: 'downtown', user_id: 'ben', role: 'staff' },
  { location_id: 'downtown', user_id: 'cleo', role: 'staff' },
  { location_id: 'harbour', user_id: 'dario', role: 'manager' },
  { location_id: 'harbour', user_id: 'emi', role: 'staff' },
]

/** Known to everybody who reads this: it exists in development only. */
const SERVICE_KEY = { client_id: 'demo-booking', secret: 'demo-booking-secret' }

const seeded = new WeakSet<D1Database>()

/** The key is put last, so it stands for the whole shop. */
export async function isSeeded(env: Env): Promise<boolean> {
  if (seeded.has(env.DB)) return true
  const key = await fromArchive(env, (db) => getServiceKey(db, SERVICE_KEY.client_id))
  if (key !== null) seeded.add(env.DB)
  return key !== null
}

/** Sets the shop up where it is not; begun and broken off, it is finished the next time. */
export async function seedDemoShop(env: Env): Promise<void> {
  if (await isSeeded(env)) return
  for (const [id, body] of Object.entries(LOCATIONS)) await saveLocation(env, id, body)
  for (const [id, body] of Object.entries(USERS)) await saveUser(env, id, body)
  for (const member of MEMBERS) await saveMember(env, member)
  const { client_id, secret } = SERVICE_KEY
  const secret_hash = await hashSecret(secret)
  const key = { client_id, name: 'Demo booking system', secret_hash, scopes: [...Scope.options] }
  await fromArchive(env, (db) => putServiceKey(db, key, now()))
}
