// [CO3] The answers of requests that fail. What the guard, the origin and the reading of a body can answer follows from the
// route itself; its description adds the rest.
import { ERRORS, problemType, type ErrorCode } from '../../protocol/errors.ts'
import { refusalOf, routeRow, type RouteName } from '../auth/permissions.ts'
import type { HeaderName, RouteDescription } from './description.ts'
import { refTo } from './json-schema.ts'
import type { Reference, ResponseObject } from './types.ts'

const CODES = Object.keys(ERRORS) as ErrorCode[]

const HEADERS_OF: Partial<Record<ErrorCode, readonly HeaderName[]>> = {
  unauthorized: ['WWW-Authenticate'],
  upgrade_required: ['Upgrade'],
  rate_limited: ['Retry-After', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'],
  unavailable: ['Retry-After'],
  archive_unavailable: ['Retry-After'],
}

/** Every way in which this route may fail, in the order of the table of errors. */
export function errorsOf(name: RouteName, description: RouteDescription): ErrorCode[] {
  const { access } = routeRow(name)
  const found = new Set<ErrorCode>(description.errors)
  if (name.includes('/api/') || name.includes('/__faults')) found.add('origin_not_allowed')
  if (access !== 'public') found.add('unauthorized').add('rate_limited')
  if (access !== 'public' && access !== 'signed in') found.add(refusalOf(name))
  if (description.body !== undefined) found.add('bad_request').add('too_large').add('invalid')
  // A socket's query is refused as 400, with pointers (WS2).
  if (description.query !== undefined && !found.has('upgrade_required')) found.add('invalid')
  if (name.startsWith('PUT /api/v1/users') || name.startsWith('PUT /api/v1/locations')) {
    found.add('invalid')
  }
  return CODES.filter((code) => code === 'internal' || found.has(code))
}

/** [CO8] What is not built yet refuses strangers first, where a token will be asked for. */
export const LATER_ERRORS = (isPublic: boolean): ErrorCode[] =>
  CODES.filter(
    (code) =>
      code === 'not_available' ||
      code === 'origin_not_allowed' ||
      (code === 'unauthorized' && !isPublic),
  )

/** Collects the answers that routes refer to, one for each set of codes with one status. */
export function problemResponses() {
  const responses: Record<string, ResponseObject> = {}
  const refer = (codes: readonly ErrorCode[]): Record<string, Reference> => {
    const byStatus = Map.groupBy(codes, (code) => ERRORS[code].status)
    return Object.fromEntries(
      Array.from(byStatus, ([status, group]) => {
        const name = `${status}-${group.join('-')}`
        responses[name] ??= responseOf(status, group)
        return [status, { $ref: `#/components/responses/${name}` }]
      }),
    )
  }
  return { responses, refer }
}

function responseOf(status: number, codes: readonly ErrorCode[]): ResponseObject {
  const headers = new Set<HeaderName>(codes.flatMap((code) => HEADERS_OF[code] ?? []))
  headers.add('X-Request-Id')
  const only = { properties: { status: { const: status }, code: { enum: [...codes] } } }
  return {
    description: codes.map((code) => `\`${code}\`: ${ERRORS[code].title}.`).join(' '),
    headers: Object.fromEntries(
      Array.from(headers, (name) => [name, { $ref: `#/components/headers/${name}` }]),
    ),
    content: {
      'application/problem+json': {
        schema: { allOf: [refTo('Problem'), only] },
        examples: Object.fromEntries(
          codes.map((code) => [code, { summary: ERRORS[code].title, value: exampleOf(code) }]),
        ),
      },
    },
  }
}

function exampleOf(code: ErrorCode) {
  const { status, title } = ERRORS[code]
  const errors = { errors: [{ pointer: '/name', message: 'must not be empty' }] }
  return {
    type: problemType(code),
    title,
    status,
    detail: code === 'invalid' ? 'See errors for what is wrong where.' : `${title}.`,
    code,
    request_id: '019e3f60-7a10-7c3e-8f5a-2b9d41c6e900',
    ...(code === 'invalid' && errors),
  }
}
