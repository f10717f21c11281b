// Access tokens for programs (AU2) and, in development, for anybody (AU3).
import * as v from 'valibot'
import { getMe } from '../../db/directory.ts'
import { getServiceKey, touchServiceKey } from '../../db/service-keys.ts'
import { now } from '../../durable-objects/clock.ts'
import { DevTokenRequest, TokenRequest } from '../../protocol/api.ts'
import { fromArchive } from '../archive.ts'
import { isSecret } from '../auth/secrets.ts'
import { claimsOf, signAccessToken } from '../auth/sign.ts'
import type { RequestContext } from '../context.ts'
import { parse, readBody } from '../input.ts'
import { logFailure } from '../log.ts'
import { HttpProblem, notBuiltYet } from '../problem.ts'

const LATER_GRANTS = [
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:shopbell:display',
] as const

const Grant = v.looseObject({
  grant_type: v.picklist(['client_credentials', ...LATER_GRANTS], 'is not a grant of this server'),
})

/** POST /auth/token */
export async function issueToken(c: RequestContext): Promise<Response> {
  const body = await readBody(c.req.raw, v.unknown())
  const { grant_type } = parse(Grant, body)
  if (grant_type !== 'client_credentials') throw notBuiltYet(`The grant ${grant_type}`)
  const { client_id, client_secret } = parse(TokenRequest, body)
  const key = await fromArchive(c.env, (db) => getServiceKey(db, client_id))
  const stored = key === null || key.revoked_at !== null ? null : key.secret_hash
  // Compared in any case, so that the time says nothing about which ids exist.
  if (!(await isSecret(client_secret, stored)) || key === null) {
    throw new HttpProblem('unauthorized', 'The client id or its secret is not valid.')
  }
  c.executionCtx.waitUntil(noteUse(c, client_id))
  const { keyring } = c.var.configuration
  const claims = { sub: `service:${client_id}`, role: 'service', scp: key.scopes } as const
  return c.json(await signAccessToken(keyring, claims, now()))
}

/** For people to look at: a sign-in does not wait for it, nor fail with it. */
async function noteUse(c: RequestContext, clientId: string): Promise<void> {
  try {
    await fromArchive(c.env, (db) => touchServiceKey(db, clientId, now()))
  } catch (error) {
    logFailure('key_use_not_noted', error, { client_id: clientId })
  }
}

/** POST /auth/dev: development only (app.ts). */
export async function issueDevToken(c: RequestContext): Promise<Response> {
  const { keyring } = c.var.configuration
  const { user_id, expires_in } = await readBody(c.req.raw, DevTokenRequest)
  const me = await fromArchive(c.env, (db) => getMe(db, user_id))
  if (me === null) {
    throw new HttpProblem('invalid', 'There is no such user.', {
      errors: [{ pointer: '/user_id', message: 'is not a user here' }],
    })
  }
  const claims = claimsOf(me.id, me.role, me.memberships)
  return c.json(await signAccessToken(keyring, claims, now(), expires_in))
}
