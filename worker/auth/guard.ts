// Asks who is calling, and whether the table lets them in at all (AU1, AU7). What depends on a place is left to the handler.
import type { Identity } from '../../durable-objects/rpc.ts'
import { verifyAccessToken } from '../../durable-objects/access-token.ts'
import { now } from '../../durable-objects/clock.ts'
import { BEARER_SUBPROTOCOL_PREFIX } from '../../protocol/version.ts'
import type { Middleware, RequestContext } from '../context.ts'
import { HttpProblem } from '../problem.ts'
import { isRevoked } from './revocations.ts'
import {
  mayAnywhere,
  permits,
  refusalOf,
  routeRow,
  type Facts,
  type RouteName,
  type Rule,
} from './permissions.ts'

/** Lets in whom a route's row lets in; the caller is then in the context. */
export function guard(name: RouteName): Middleware {
  const { access, token } = routeRow(name)
  if (access === 'public') return (_, next) => next()
  const identityOf = token === 'socket' ? socketIdentity : needBearer
  return async (c, next) => {
    const identity = await identityOf(c)
    if (access !== 'signed in' && !access.some((rule) => mayAnywhere(rule, identity))) {
      throw refused(name)
    }
    c.set('identity', identity)
    await next()
  }
}

/** Lets in everybody who is signed in. */
export const signedIn: Middleware = async (c, next) => {
  c.set('identity', await needBearer(c))
  await next()
}

/** The refusal of a route's row: one text, whatever the reason, so that it tells nothing. */
export const refused = (name: RouteName) =>
  new HttpProblem(
    refusalOf(name),
    refusalOf(name) === 'not_found'
      ? 'There is no such thing here for you.'
      : 'You may not do this.',
  )

/** Goes on only where the table permits it with these facts. */
export function demand(name: RouteName, rule: Rule, identity: Identity, facts: Facts): void {
  if (!permits(rule, identity, facts)) throw refused(name)
}

/** Who calls with an access token; null: somebody without one. A token that is not valid is refused here, too. */
export async function bearerIdentity(c: RequestContext): Promise<Identity | null> {
  return c.req.header('Authorization') === undefined ? null : needBearer(c)
}

/** [AU8] Asks the list on every request, also for a token whose signature is remembered. */
async function needBearer(c: RequestContext): Promise<Identity> {
  const identity = await identify(c, bearerToken(c))
  if (await isRevoked(c, identity)) {
    throw unauthorized('The access token has been revoked.', 'revoked')
  }
  return identity
}

/** [AU8] An upgrade asks no list: the hub refuses by what it knows itself. */
const socketIdentity = (c: RequestContext) => identify(c, socketToken(c))

async function identify(c: RequestContext, token: string | null): Promise<Identity> {
  if (token === null) throw unauthorized('An access token is needed.')
  const verified = await verifyAccessToken(token, c.var.configuration.keyring, now())
  if (verified.ok) return verified.identity
  throw verified.reason === 'expired'
    ? unauthorized('The access token has expired.', 'expired')
    : unauthorized('The access token is not valid.', 'not valid')
}

/** RFC 6750, section 3: without a token the challenge names no error. */
function unauthorized(detail: string, why?: string) {
  const challenge = why ? `Bearer error="invalid_token", error_description="${why}"` : 'Bearer'
  return new HttpProblem('unauthorized', detail, { headers: { 'WWW-Authenticate': challenge } })
}

/** What a request shows as its bearer token. */
export const bearerToken = (c: RequestContext) =>
  /^Bearer +([^\s]+)$/i.exec(c.req.header('Authorization') ?? '')?.[1] ?? null

/** [AU5] As a subprotocol, as browsers do it, or in the query. */
function socketToken(c: RequestContext): string | null {
  const offered = offeredProtocols(c).find((one) => one.startsWith(BEARER_SUBPROTOCOL_PREFIX))
  return offered?.slice(BEARER_SUBPROTOCOL_PREFIX.length) || c.req.query('token') || null
}

/** The subprotocols that a client offers for a socket. */
export const offeredProtocols = (c: RequestContext): string[] =>
  (c.req.header('Sec-WebSocket-Protocol') ?? '').split(',').map((one) => one.trim())
