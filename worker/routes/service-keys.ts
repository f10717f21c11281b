// [DI2] Keys of outside programs: admins make and end them.
import { uuidv7 } from 'uuidv7'
import {
  addServiceKey,
  listServiceKeys,
  revokeServiceKey,
  type ShownKey,
} from '../../db/service-keys.ts'
import { now } from '../../durable-objects/clock.ts'
import {
  PageQuery,
  ServiceKeyBody,
  type NewServiceKey,
  type ServiceKey,
  type ServiceKeyList,
} from '../../protocol/api.ts'
import { fromArchive } from '../archive.ts'
import { newSecret } from '../auth/refresh-tokens.ts'
import { readAgain } from '../auth/revocations.ts'
import { hashSecret } from '../auth/secrets.ts'
import type { RequestContext } from '../context.ts'
import { readBody, readQuery } from '../input.ts'
import { pathParam } from '../path.ts'
import { notFound } from '../problem.ts'

/** So that a scanner of code that was published knows what it has found. */
const SECRET_PREFIX = 'shopbell_sk_'

/** POST /service-keys: the answer is the only place where the secret ever stands. */
export async function addKey(c: RequestContext): Promise<Response> {
  const { name, scopes } = await readBody(c.req.raw, ServiceKeyBody)
  const client_secret = SECRET_PREFIX + newSecret()
  const key = { client_id: uuidv7(), name, scopes, secret_hash: await hashSecret(client_secret) }
  const created_at = now()
  await fromArchive(c.env, (db) => addServiceKey(db, key, created_at))
  const shown = shownAs({ ...key, created_at, last_used_at: null })
  return c.json<NewServiceKey>({ ...shown, client_secret }, 201)
}

/** GET /service-keys */
export async function listKeys(c: RequestContext): Promise<Response> {
  const query = readQuery(c.req.url, PageQuery)
  const { data, page } = await fromArchive(c.env, (db) => listServiceKeys(db, query))
  return c.json<ServiceKeyList>({ data: data.map(shownAs), page })
}

/** DELETE /service-keys/{client_id}: within five seconds no token of this key opens anything (AU8). */
export async function revokeKey(c: RequestContext): Promise<Response> {
  const clientId = pathParam(c, 'client_id')
  if (!(await fromArchive(c.env, (db) => revokeServiceKey(db, clientId, now())))) throw notFound()
  readAgain(c.env.DB)
  return c.body(null, 204)
}

const iso = (at: number) => new Date(at).toISOString()

const shownAs = ({ client_id, name, scopes, created_at, last_used_at }: ShownKey): ServiceKey => ({
  client_id,
  name,
  scopes,
  created_at: iso(created_at),
  last_used_at: last_used_at === null ? null : iso(last_used_at),
})
