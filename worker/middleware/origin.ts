// [AU6] Browsers say which page asks. Only pages on the allow-list may, for REST and for sockets alike; a request that
// names no page is not a browser's. CORS alone would not stop a socket.
import type { Middleware } from '../context.ts'
import { HttpProblem } from '../problem.ts'

const PREFLIGHT_HEADERS = {
  'Access-Control-Allow-Methods': 'GET, POST, PUT, PATCH, DELETE',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, Idempotency-Key',
  'Access-Control-Max-Age': '600',
}
const EXPOSED =
  'Idempotent-Replayed, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Request-Id'

/** Refuses pages that are not on the list, answers preflights, and lets the others read what they are told. */
export const knownOrigin: Middleware = async (c, next) => {
  const origin = c.req.header('Origin')
  if (origin === undefined) return next()
  if (!c.var.configuration.settings.ALLOWED_ORIGINS.has(origin)) {
    throw new HttpProblem('origin_not_allowed', 'Pages of this origin may not ask here.')
  }
  const isPreflight =
    c.req.method === 'OPTIONS' && c.req.header('Access-Control-Request-Method') !== undefined
  if (isPreflight) {
    return new Response(null, { status: 204, headers: { ...allow(origin), ...PREFLIGHT_HEADERS } })
  }
  await next()
  if (c.res.status === 101) return
  for (const [name, value] of Object.entries(allow(origin))) c.res.headers.set(name, value)
}

const allow = (origin: string) => ({
  'Access-Control-Allow-Origin': origin,
  'Access-Control-Allow-Credentials': 'true',
  'Access-Control-Expose-Headers': EXPOSED,
  Vary: 'Origin',
})
