// [CO3] The one way in which a request fails: somebody throws a HttpProblem, and one place writes it as problem+json.
import {
  ERRORS,
  problemType,
  type ErrorCode,
  type FieldError,
  type Problem,
} from '../protocol/errors.ts'

interface Extra {
  errors?: FieldError[]
  headers?: Record<string, string>
}

/** An answer other than success. `detail` is shown to the caller: it names no secret and nobody else's data. */
export class HttpProblem extends Error {
  override name = 'HttpProblem'
  readonly code: ErrorCode
  readonly detail: string
  readonly errors: FieldError[] | undefined
  readonly headers: Record<string, string>

  constructor(code: ErrorCode, detail: string, { errors, headers = {} }: Extra = {}) {
    super(detail)
    this.code = code
    this.detail = detail
    this.errors = errors
    this.headers = headers
  }
}

/** A 503 with the seconds after which asking again makes sense. */
export const notNow = (code: 'unavailable' | 'archive_unavailable', seconds = 1) =>
  new HttpProblem(code, ERRORS[code].title, { headers: { 'Retry-After': String(seconds) } })

export const notFound = (detail = 'There is no such thing here for you.') =>
  new HttpProblem('not_found', detail)

export const notBuiltYet = (what: string) =>
  new HttpProblem('not_available', `${what} is specified, but not built yet.`)

/** [CO3] The body of a failed request, or of a failed item of a batch. */
export function problemBody(problem: HttpProblem, requestId: string): Problem {
  const { status, title } = ERRORS[problem.code]
  return {
    type: problemType(problem.code),
    title,
    status,
    detail: problem.detail,
    code: problem.code,
    request_id: requestId,
    ...(problem.errors && { errors: problem.errors }),
  }
}

/** [CO3] The answer of a failed request. */
export function problemResponse(problem: HttpProblem, requestId: string): Response {
  const body = problemBody(problem, requestId)
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: { ...problem.headers, 'Content-Type': 'application/problem+json' },
  })
}
