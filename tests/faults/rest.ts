// Requests that are repeated until somebody answers, and the tokens that they need.
import type { TokenAnswer } from '../../protocol/api.ts'
import { wait } from './recorder.ts'

/** Where requests go, and what ends them all. */
export interface Line {
  origin: string
  signal: AbortSignal
  random: () => number
}

export interface Ask {
  method?: string
  path: string
  body?: object
  headers?: Record<string, string>
}

export interface Answer {
  status: number
  body: unknown
  headers: Headers
}

const TIMEOUT_MS = 6_000

/** Rejects when nobody answered. */
export async function ask(line: Line, { method = 'GET', path, body, headers }: Ask) {
  const response = await fetch(`${line.origin}${path}`, {
    method,
    headers: { ...headers, ...(body && { 'Content-Type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.any([line.signal, AbortSignal.timeout(TIMEOUT_MS)]),
  })
  const text = await response.text()
  const answer: unknown = text === '' ? null : JSON.parse(text)
  return { status: response.status, body: answer, headers: response.headers }
}

/** A crowd that tries again without a pause would itself be what keeps a slow machine from answering. */
export const backOffMs = (tries: number, roll: number): number =>
  (50 + 200 * roll) * 2 ** Math.min(tries, 4)

type TokenSource = (refresh: boolean) => Promise<string>

/** Until it is an answer that another try would not change. */
export async function untilAnswered(line: Line, token: TokenSource, request: Ask): Promise<Answer> {
  let refresh = false
  for (let tries = 0; ; tries++) {
    try {
      const authorization = `Bearer ${await token(refresh)}`
      const headers = { ...request.headers, authorization }
      const answer = await ask(line, { ...request, headers })
      refresh = answer.status === 401
      if (!refresh && answer.status !== 429 && answer.status < 500) return answer
    } catch (error) {
      if (line.signal.aborted) throw error
      // Reset, cut short, or timed out: the same again, until somebody answers.
    }
    await wait(backOffMs(tries, line.random()))
  }
}

/** One token for many, fetched when it is first needed or when the last one was refused. */
export function tokens(line: Line, request: Ask): TokenSource {
  let kept: string | null = null
  return async (refresh) => {
    if (kept !== null && !refresh) return kept
    const answer = await ask(line, { method: 'POST', ...request })
    if (answer.status !== 200) throw new Error(`no token: ${answer.status}`)
    kept = (answer.body as TokenAnswer).access_token
    return kept
  }
}

export const personToken = (line: Line, user_id: string): TokenSource =>
  tokens(line, { path: '/api/v1/auth/dev', body: { user_id } })

export const serviceToken = (line: Line): TokenSource =>
  tokens(line, {
    path: '/api/v1/auth/token',
    body: {
      grant_type: 'client_credentials',
      client_id: 'demo-booking',
      client_secret: 'demo-booking-secret',
    },
  })

export type { TokenSource }
