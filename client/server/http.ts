// One POST to a Shopbell server, and what its answer means. It keeps no token and tries nothing twice.
import * as v from 'valibot'
import { networkError, problemOf, ShopbellError } from '../errors.ts'
import type { Clock, Millis } from '../types.ts'

export interface Wire {
  /** The server's origin and, if there is one, the path in front of `/api`. */
  base: string
  fetch: typeof fetch
  clock: Clock
}

export interface Post<T> {
  path: string
  body: string
  headers?: Record<string, string>
  answer: v.GenericSchema<unknown, T>
  timeoutMs: Millis
}

export interface Answer<T> {
  value: T
  /** [CO5] Only the headers know that it was answered before. */
  replayed: boolean
}

/** Rejects with a {@link ShopbellError} for every answer that is not 2xx and readable. */
export async function post<T>(wire: Wire, request: Post<T>): Promise<Answer<T>> {
  const tooLong = new AbortController()
  const cancel = wire.clock.after(request.timeoutMs, () => tooLong.abort())
  try {
    const response = await ask(wire, request, tooLong.signal)
    return read(request, response, await textOf(response))
  } finally {
    cancel()
  }
}

async function ask<T>(wire: Wire, request: Post<T>, signal: AbortSignal): Promise<Response> {
  // Called by its name: workers refuse a `fetch` that has another object for `this`.
  const { fetch } = wire
  try {
    return await fetch(`${wire.base}/api/v1${request.path}`, {
      method: 'POST',
      headers: { ...request.headers, 'content-type': 'application/json' },
      body: request.body,
      // A redirect would take the secret or a token along to whatever it names.
      redirect: 'manual',
      signal,
    })
  } catch (error) {
    throw networkError(error)
  }
}

async function textOf(response: Response): Promise<string> {
  try {
    return await response.text()
  } catch (error) {
    throw networkError(error)
  }
}

function read<T>(request: Post<T>, response: Response, text: string): Answer<T> {
  const value = parsed(text)
  if (isRedirect(response)) {
    const detail = `${request.path} was answered with a redirect: the url is not the server's own`
    throw new ShopbellError('bad_answer', { status: response.status, detail })
  }
  if (!response.ok) throw problemOf(response, value)
  const answer = v.safeParse(request.answer, value)
  if (!answer.success) {
    const detail = `the answer of ${request.path} is not Shopbell's: ${answer.issues[0].message}`
    throw new ShopbellError('bad_answer', { status: response.status, detail })
  }
  return {
    value: answer.output,
    replayed: response.headers.get('idempotent-replayed') === 'true',
  }
}

/** Browsers hide the status of a redirect that is not followed. Not every runtime's types know that word. */
const isRedirect = ({ status, type }: { status: number; type: string }): boolean =>
  type === 'opaqueredirect' || (status >= 300 && status < 400)

/** Undefined for what is not JSON: a proxy's page, an empty answer. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
