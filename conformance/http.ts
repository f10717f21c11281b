// Requests as any program sends them, with Node's own fetch.
import type { Observer } from './observer.ts'
import { Broken } from './outcome.ts'
import type { Trace } from './trace.ts'
import { type Answer, parseJson } from './wire.ts'

export interface Asked {
  /** An access token. */
  token?: string | undefined
  headers?: Record<string, string>
  /** Written as JSON; a text or bytes go out as they are. */
  body?: unknown
}

const PATIENCE_MS = 20_000
/** Who is told to come back does, this often; a run is no reason to hurry a live deployment. */
const MAX_WAITS = 4
const MAX_WAIT_S = 15

export class Http {
  readonly base: string
  readonly #observer: Observer | null

  constructor(base: string, observer: Observer | null) {
    this.base = base
    this.#observer = observer
  }

  /** Asks, and waits when it is told to. */
  async ask(trace: Trace, method: string, path: string, asked: Asked = {}): Promise<Answer> {
    for (let waited = 0; ; waited += 1) {
      const answer = await this.askOnce(trace, method, path, asked)
      const seconds = Number(answer.headers.get('retry-after') ?? '')
      const mayWait = answer.status === 429 && seconds > 0 && seconds <= MAX_WAIT_S
      if (!mayWait || waited >= MAX_WAITS) return answer
      await new Promise((done) => setTimeout(done, seconds * 1_000))
    }
  }

  async askOnce(trace: Trace, method: string, path: string, asked: Asked): Promise<Answer> {
    const { token, headers = {}, body } = asked
    const isRaw = typeof body === 'string' || body instanceof Uint8Array
    const text = isRaw ? (body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(body)
    trace.said('→', `${method} ${path} ${typeof text === 'string' ? text : ''}`)
    const response = await fetch(`${this.base}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...headers,
      },
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(text !== undefined && { body: text }),
    }).catch((error: unknown) => {
      const cause = error instanceof Error ? (error.cause ?? error) : error
      throw new Broken(`an answer to ${method} ${path}`, String(cause))
    })
    const answer = await read(response)
    trace.said('←', `${answer.status} ${answer.text}`)
    this.#observer?.sawAnswer(method, path, answer)
    return answer
  }
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text()
  const type = response.headers.get('content-type')?.split(';')[0] ?? ''
  const { status, headers } = response
  return { status, headers, type, text, json: parseJson(text) }
}
