// REST as a caller sees it: through the worker's own fetch, with nothing in between.
import { exports } from 'cloudflare:workers'
import type { Problem } from '../../../protocol/errors.ts'

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

/** [CO3] How a request fails, like `404 not_found`. What is no problem+json is not a way to fail. */
export async function refusal(route: string, given: Call = {}): Promise<string> {
  const { status, headers, body } = await call<Problem | null>(route, given)
  const type = headers.get('Content-Type')
  return type === 'application/problem+json' && body !== null && body.status === status
    ? `${status} ${body.code}`
    : `${status}, but no problem: ${type} ${JSON.stringify(body)}`
}
