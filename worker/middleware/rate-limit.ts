// [CO6] Who asks too much is told so with 429, and when to come back; everybody hears how much is left.
import { now } from '../../durable-objects/clock.ts'
import { routeRow, type RouteName } from '../auth/permissions.ts'
import type { Middleware, RequestContext } from '../context.ts'
import { HttpProblem } from '../problem.ts'
import { RateLimits, type Budget, type Grant } from '../rate-limits.ts'

const limits = new RateLimits()

/** Its items are counted when they are known. */
const BATCH: RouteName = 'POST /api/v1/notifications/batch'

const BUDGETS: Readonly<Record<string, Budget>> = {
  'POST /api/v1/notifications': 'sends',
  [BATCH]: 'sends',
  'POST /api/v1/events': 'sends',
  'GET /api/v1/ws': 'upgrades',
}

/** Counts a request of this route for its caller. Stands behind the guard: nobody is limited for what others did. */
export function limited(name: RouteName): Middleware {
  if (routeRow(name).access === 'public') return (_, next) => next()
  const budget = BUDGETS[name] ?? 'requests'
  return async (c, next) => {
    if (c.var.configuration.settings.RATE_LIMITS === 'off') return next()
    const { identity } = c.var
    const grant = limits.take(budget, identity, 1, now())
    if (grant.granted === 0) throw tooMany(grant)
    // Also what fails says it. A socket's 101 cannot be changed.
    await next()
    if (c.res.status === 101) return
    for (const [header, value] of Object.entries(headersOf(c.get('grant') ?? grant))) {
      c.res.headers.set(header, value)
    }
  }
}

/**
 * [CO6] The items of a batch that may go: each counts as a send, the request itself as its first. Those behind are
 * refused, each for itself.
 */
export function grantItems(c: RequestContext, count: number): number {
  if (c.var.configuration.settings.RATE_LIMITS === 'off') return count
  const grant = limits.take('sends', c.var.identity, count - 1, now())
  c.set('grant', grant)
  return grant.granted + 1
}

/** The refusal of one item of a batch; the answer as a whole says when to come back. */
export const itemRefused = () => new HttpProblem('rate_limited', DETAIL)

const DETAIL = 'This is more than you may ask for; it was not taken.'

const tooMany = (grant: Grant) =>
  new HttpProblem('rate_limited', DETAIL, { headers: headersOf(grant) })

const headersOf = ({ limit, remaining, fullAfterMs, retryAfterMs }: Grant) => ({
  'RateLimit-Limit': String(limit),
  'RateLimit-Remaining': String(remaining),
  'RateLimit-Reset': String(Math.ceil(fullAfterMs / 1_000)),
  ...(retryAfterMs > 0 && { 'Retry-After': String(Math.ceil(retryAfterMs / 1_000)) }),
})
