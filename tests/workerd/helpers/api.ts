// REST as a caller sees it: through the worker's own fetch, with nothing in between.
import { exports } from 'cloudflare:workers'
import { expect } from 'vitest'
import type { ErrorCode, Problem } from '../../../protocol/errors.ts'

export const ORIGIN = 'http://localhost:8787'

interface Call {
  token?: string | undefined
  /** Written as JSON; a text goes out as it is. */
  body?: unknown
  headers?: Record<string, string>
}

export interface Answer<Body> {
  status: number
  headers: Headers
  body: Body
}

/** One request: `call('PUT /api/v1/users/ben', { token, body })`. */
export async function call<Body = unknown>(
  route: string,
  { token, body, headers = {} }: Call = {},
): Promise<Answer<Body>> {
  const [method = 'GET', path = '/'] = route.split(' ')
  const response = await exports.default.fetch(`${ORIGIN}${path}`, {
    method,
    headers: { ...(token !== undefined && { Authorization: `Bearer ${token}` }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? null : JSON.parse(text)) as Body,
  }
}

/** A request that must succeed; its body. */
export async function must<Body>(route: string, given: Call = {}): Promise<Body> {
  const { status, body } = await call<Body>(route, given)
  if (status >= 300) throw new Error(`${route} answers ${status}: ${JSON.stringify(body)}`)
  return body
}

/** [CO3] A request that must fail in this way. */
export async function refused(
  route: string,
  given: Call,
  status: number,
  code: ErrorCode,
): Promise<Problem> {
  const answer = await call<Problem>(route, given)
  expect({ status: answer.status, code: answer.body?.code }).toEqual({ status, code })
  expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
  return answer.body
}
