// Opening a socket (WS1, WS2) and seeing one's own (OP1). The hub holds the socket; nothing here reads D1.
import { SOCKET_HEADER, type SocketRequest } from '../../durable-objects/rpc.ts'
import { SocketQuery, type StatusAnswer } from '../../protocol/api.ts'
import { ERRORS, type ErrorCode } from '../../protocol/errors.ts'
import { locationStream, userStream } from '../../protocol/ids.ts'
import type { Totals } from '../../protocol/totals.ts'
import { SUBPROTOCOL } from '../../protocol/version.ts'
import { offeredProtocols, refused } from '../auth/guard.ts'
import { permits } from '../auth/permissions.ts'
import type { Middleware, RequestContext } from '../context.ts'
import { askLocation, askUser, openSocket } from '../hubs.ts'
import { readQuery } from '../input.ts'
import { HttpProblem, notNow } from '../problem.ts'
import { readSums, totalsOf } from '../totals.ts'

const ROUTE = 'GET /api/v1/ws'

/** Stands before the question who is calling: a plain request is wrong here whoever sends it. */
export const upgradeOnly: Middleware = async (c, next) => {
  if (c.req.method === 'GET' && c.req.header('Upgrade')?.toLowerCase() !== 'websocket') {
    throw new HttpProblem('upgrade_required', 'Open a WebSocket here.', {
      headers: { Upgrade: 'websocket' },
    })
  }
  await next()
}

/** GET /ws */
export async function openStream(c: RequestContext): Promise<Response> {
  const { identity } = c.var
  const query = readQuery(c.req.url, SocketQuery, 'bad_request')
  const { device = null, epoch = null, since = null } = query
  const request: SocketRequest = { identity, device, epoch, since }
  // Only what the hub needs, made here: no token goes on, and no such header comes from outside.
  const headers = new Headers({ Upgrade: 'websocket', [SOCKET_HEADER]: JSON.stringify(request) })
  if (offeredProtocols(c).includes(SUBPROTOCOL)) {
    headers.set('Sec-WebSocket-Protocol', SUBPROTOCOL)
  }
  const stream = streamFor(c, query.location)
  if (query.location !== undefined) await announceVisit(c, query.location)
  const response = await openSocket(c.env, stream, headers)
  if (response.status === 101) return response
  throw await problemOf(response)
}

/** [AU7] The claim is a hint: a member may knock at any location, and its hub decides by its roster. */
function streamFor(c: RequestContext, location: string | undefined): string {
  const { identity } = c.var
  if (location === undefined) {
    if (!permits('own socket', identity, { self: true })) throw refused(ROUTE)
    return userStream(identity.sub)
  }
  const may =
    identity.role === 'member' ||
    permits('location socket', identity, {}) ||
    (identity.role === 'display' && identity.loc[location] === 'display')
  if (!may) throw refused(ROUTE)
  return locationStream(location)
}

/**
 * [AU8] A location knows its members, and hears when one of them signs out. An admin comes without being a member: their own
 * hub says whether they still may, and remembers where to tell.
 */
async function announceVisit(c: RequestContext, location: string): Promise<void> {
  const { identity } = c.var
  if (identity.role !== 'admin') return
  if (!(await askUser(c.env, identity.sub, (hub) => hub.visit(identity, location)))) {
    throw new HttpProblem('unauthorized', 'The session has ended: sign in again.')
  }
}

/** What a hub refuses gets this request's id, like every other problem. */
async function problemOf(response: Response): Promise<HttpProblem> {
  const body: unknown = await response.json().catch(() => null)
  if (typeof body !== 'object' || body === null) return notNow('unavailable')
  const code: unknown = Reflect.get(body, 'code')
  const detail: unknown = Reflect.get(body, 'detail')
  if (typeof code !== 'string' || !isErrorCode(code)) return notNow('unavailable')
  const retryAfter = response.headers.get('Retry-After')
  return new HttpProblem(code, typeof detail === 'string' ? detail : ERRORS[code].title, {
    headers: retryAfter === null ? {} : { 'Retry-After': retryAfter },
  })
}

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code)

/** GET /ws/status: the caller's own connections, at their own hub and at the locations that the claim names; and the totals. */
export async function readStatus(c: RequestContext): Promise<Response> {
  const { sub, loc, role } = c.var.identity
  if (role === 'service') {
    const totals = totalsOf(await readSums(c))
    return c.json<StatusAnswer>({ connected: false, connections: [], totals })
  }
  const all = await Promise.all([
    askUser(c.env, sub, (hub) => hub.connections()),
    ...Object.keys(loc).map((id) => askLocation(c.env, id, (hub) => hub.connections(sub))),
  ])
  const connections = all.flat()
  const totals = permits('totals', c.var.identity, {}) ? await totalsIfAny(c) : null
  return c.json<StatusAnswer>({
    connected: connections.length > 0,
    connections,
    ...(totals && { totals }),
  })
}

/** One's own connections are known without D1; the totals are not. */
async function totalsIfAny(c: RequestContext): Promise<Totals | null> {
  try {
    return totalsOf(await readSums(c))
  } catch (error) {
    if (error instanceof HttpProblem && error.code === 'archive_unavailable') return null
    throw error
  }
}
