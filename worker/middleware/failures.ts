// [CO3] Whatever goes wrong leaves here as problem+json, and what we did not expect as one line in the log.
import { routePath } from 'hono/route'
import type { RequestContext } from '../context.ts'
import { logFailure } from '../log.ts'
import { HttpProblem, notFound, problemResponse } from '../problem.ts'
import { SettingsRefused } from '../env.ts'

/** The last word on every error. */
export function toProblem(error: Error, c: RequestContext): Response {
  const { requestId } = c.var
  if (error instanceof HttpProblem) return problemResponse(error, requestId)
  // Said once when the settings were read; saying it for each request would bury it.
  if (!(error instanceof SettingsRefused)) {
    const { method } = c.req
    logFailure('request_failed', error, { request_id: requestId, method, route: routePath(c, -1) })
  }
  return problemResponse(
    new HttpProblem('internal', 'It was noted under this request_id.'),
    requestId,
  )
}

export const noSuchPath = (c: RequestContext): Response =>
  problemResponse(notFound('There is no such path.'), c.var.requestId)
