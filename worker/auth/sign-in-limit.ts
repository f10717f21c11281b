// [CO6] Guessing is cut short: ten failures in fifteen minutes, per client and never per address. Successes are not counted.
// A client that is over the limit is not looked at any more, right or wrong: otherwise a guess would still get through.
// Clients that do not exist are not counted: there is nothing to guess, and nobody fills the table by naming them.
import {
  noteFailure,
  recentFailures,
  type FailureLimit,
  type Failures,
} from '../../db/sign-in-failures.ts'
import { now } from '../../durable-objects/clock.ts'
import { fromArchive } from '../archive.ts'
import type { RequestContext } from '../context.ts'
import { HttpProblem } from '../problem.ts'

export const SIGN_IN_LIMIT: FailureLimit = { count: 10, window_ms: 15 * 60_000 }

const isOff = (c: RequestContext) => c.var.configuration.settings.RATE_LIMITS === 'off'

/** Refuses a client that has failed too often. */
export async function demandAttempts(c: RequestContext, client: string): Promise<void> {
  if (isOff(c)) return
  const failures = await fromArchive(c.env, (db) =>
    recentFailures(db, client, SIGN_IN_LIMIT, now()),
  )
  if (failures.count >= SIGN_IN_LIMIT.count) throw tooOften(failures)
}

/** Counts a failure; the problem to answer with, which is another one if the limit was reached meanwhile. */
export async function failed(
  c: RequestContext,
  client: string,
  problem: HttpProblem,
): Promise<HttpProblem> {
  if (isOff(c)) return problem
  const { noted, ...failures } = await fromArchive(c.env, (db) =>
    noteFailure(db, client, SIGN_IN_LIMIT, now()),
  )
  return noted ? problem : tooOften(failures)
}

function tooOften({ oldest }: Failures): HttpProblem {
  const freeAt = (oldest ?? now()) + SIGN_IN_LIMIT.window_ms
  const seconds = String(Math.max(1, Math.ceil((freeAt - now()) / 1_000)))
  return new HttpProblem('rate_limited', 'Too many failed sign-ins of this client.', {
    headers: {
      'Retry-After': seconds,
      'RateLimit-Limit': String(SIGN_IN_LIMIT.count),
      'RateLimit-Remaining': '0',
      'RateLimit-Reset': seconds,
    },
  })
}
