// [CO8] Outside development nothing is said in the clear.
import { matchedRoutes } from 'hono/route'
import type { Middleware, RequestContext } from '../context.ts'
import { HttpProblem, notFound } from '../problem.ts'

const LOOPBACK = /^(localhost|[^.]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Was this said in the clear, over a network? A proxy in front of us knows better than the URL. */
export function isInTheClear(url: URL, forwardedProto: string | undefined): boolean {
  if (LOOPBACK.test(url.hostname)) return false
  const scheme = forwardedProto?.split(',', 1)[0]?.trim().toLowerCase() ?? url.protocol.slice(0, -1)
  return scheme !== 'https' && scheme !== 'wss'
}

/** Sends `http:` on to `https:` and refuses `ws:`: a token that came this way was read by others. */
export const httpsOnly: Middleware = async (c, next) => {
  const url = new URL(c.req.url)
  if (
    c.var.configuration.development ||
    url.pathname === '/healthz' ||
    !isInTheClear(url, c.req.header('X-Forwarded-Proto'))
  ) {
    return next()
  }
  if (!isPath(c)) throw notFound('There is no such path.')
  if (c.req.header('Upgrade') !== undefined) throw new HttpProblem('forbidden', 'Use wss: here.')
  url.protocol = 'https:'
  url.port = ''
  return new Response(null, { status: 308, headers: { Location: url.href } })
}

/** Does anything but middleware, which stands on patterns with a star, answer here? */
const isPath = (c: RequestContext) => matchedRoutes(c).some(({ path }) => !path.includes('*'))
