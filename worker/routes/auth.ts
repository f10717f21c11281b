// Signing in: programs with their key, people with their platform's token or the cookie of their browser (AU2), and in
// development anybody (AU3).
import * as v from 'valibot'
import { getServiceKey, touchServiceKey } from '../../db/service-keys.ts'
import { now } from '../../durable-objects/clock.ts'
import type { Identity } from '../../durable-objects/rpc.ts'
import {
  ClientCredentialsRequest,
  DevTokenRequest,
  ExchangeRequest,
  LogoutBody,
  RefreshRequest,
  TOKEN_EXCHANGE,
  type TokenAnswer,
} from '../../protocol/api.ts'
import { ExternalId } from '../../protocol/ids.ts'
import { fromArchive } from '../archive.ts'
import { endSession } from '../auth/end-sessions.ts'
import { subjectOf } from '../auth/exchange.ts'
import { bearerIdentity } from '../auth/guard.ts'
import { clearedCookie, readRefreshCookie } from '../auth/refresh-cookie.ts'
import { isSecret } from '../auth/secrets.ts'
import { holderOf, refresh, signIn } from '../auth/sessions.ts'
import { signAccessToken } from '../auth/sign.ts'
import { demandAttempts, failed } from '../auth/sign-in-limit.ts'
import type { RequestContext } from '../context.ts'
import { parse, readBody } from '../input.ts'
import { logFailure } from '../log.ts'
import { HttpProblem, notBuiltYet } from '../problem.ts'

const DISPLAY = 'urn:shopbell:display'

const Grant = v.looseObject({
  grant_type: v.picklist(
    ['client_credentials', 'refresh_token', TOKEN_EXCHANGE, DISPLAY],
    'is not a grant of this server',
  ),
})

/** POST /auth/token */
export async function issueToken(c: RequestContext): Promise<Response> {
  const body = await readBody(c.req.raw, v.unknown())
  switch (parse(Grant, body).grant_type) {
    case 'client_credentials':
      return c.json(await byKey(c, parse(ClientCredentialsRequest, body)))
    case 'refresh_token':
      parse(RefreshRequest, body)
      return c.json(await byCookie(c))
    case TOKEN_EXCHANGE:
      return c.json(await byExchange(c, parse(ExchangeRequest, body)))
    case DISPLAY:
      throw notBuiltYet(`The grant ${DISPLAY}`)
  }
}

async function byKey(
  c: RequestContext,
  { client_id, client_secret }: v.InferOutput<typeof ClientCredentialsRequest>,
): Promise<TokenAnswer> {
  await demandAttempts(c, client_id)
  const key = await fromArchive(c.env, (db) => getServiceKey(db, client_id))
  const stored = key === null || key.revoked_at !== null ? null : key.secret_hash
  // Compared in any case, so that the time says nothing about which ids exist.
  if (!(await isSecret(client_secret, stored)) || key === null) {
    const problem = new HttpProblem('unauthorized', 'The client id or its secret is not valid.')
    throw stored === null ? problem : await failed(c, client_id, problem)
  }
  c.executionCtx.waitUntil(noteUse(c, client_id))
  const claims = { sub: `service:${client_id}`, role: 'service', scp: key.scopes } as const
  return signAccessToken(c.var.configuration.keyring, claims, now())
}

/** For people to look at: a sign-in does not wait for it, nor fail with it. */
async function noteUse(c: RequestContext, clientId: string): Promise<void> {
  try {
    await fromArchive(c.env, (db) => touchServiceKey(db, clientId, now()))
  } catch (error) {
    logFailure('key_use_not_noted', error, { client_id: clientId })
  }
}

async function byCookie(c: RequestContext): Promise<TokenAnswer> {
  const token = readRefreshCookie(c)
  if (token !== null) return refresh(c, token)
  throw new HttpProblem('unauthorized', 'There is no session to go on with: sign in again.')
}

async function byExchange(
  c: RequestContext,
  { subject_token }: v.InferOutput<typeof ExchangeRequest>,
): Promise<TokenAnswer> {
  const subject = await subjectOf(c.var.configuration.settings, subject_token)
  const answer = v.is(ExternalId, subject) ? await signIn(c, subject) : null
  if (answer !== null) return answer
  throw new HttpProblem(
    'forbidden',
    'The subject token is good, but its sub is no user here: write the user to the directory first.',
  )
}

/** POST /auth/dev: development only (app.ts). */
export async function issueDevToken(c: RequestContext): Promise<Response> {
  const { user_id, expires_in } = await readBody(c.req.raw, DevTokenRequest)
  const answer = await signIn(c, user_id, expires_in)
  if (answer !== null) return c.json(answer)
  throw new HttpProblem('invalid', 'There is no such user.', {
    errors: [{ pointer: '/user_id', message: 'is not a user here' }],
  })
}

/** POST /auth/logout: the session of the cookie and of the access token, or all of the person. */
export async function logOut(c: RequestContext): Promise<Response> {
  const { everywhere } = await readBody(c.req.raw, LogoutBody)
  const token = readRefreshCookie(c)
  const holder = token === null ? null : await holderOf(c, token)
  const identity = await bearerIdentity(c)
  if (identity?.role === 'service' || identity?.role === 'display') {
    throw new HttpProblem('forbidden', 'This is for people: a key ends when it is revoked.')
  }
  if (everywhere) await endEverywhere(c, holder, identity)
  else await endHere(c, holder, identity)
  return c.body(null, 204, clearedCookie(c))
}

type Holder = { id: string; user_id: string } | null

/** Nothing left to end is as good as ended. */
async function endHere(c: RequestContext, holder: Holder, identity: Identity | null) {
  const ids = new Set([holder?.id, identity?.sid])
  for (const id of ids) if (id !== undefined) await endSession(c.env, { id })
}

/** It must be known whose sessions end, so somebody has to be signed in. */
async function endEverywhere(c: RequestContext, holder: Holder, identity: Identity | null) {
  const user_id = identity?.sub ?? holder?.user_id
  if (user_id === undefined) {
    throw new HttpProblem('unauthorized', 'Sign in to sign out everywhere.', {
      headers: { 'WWW-Authenticate': 'Bearer' },
    })
  }
  await endSession(c.env, { user_id })
  if (holder !== null && holder.user_id !== user_id) await endSession(c.env, { id: holder.id })
}
