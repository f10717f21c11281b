// The same worker with other settings: what a deployment has that the one under test has not.
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { app } from '../../../worker/app.ts'
import type { Env } from '../../../worker/env.ts'
import { ORIGIN, type Answer } from './api.ts'

export interface Ask {
  token?: string | undefined
  body?: unknown
  headers?: Record<string, string>
  /** The cookies of a browser, on a page of this deployment. */
  browser?: Browser
  at?: string
}

export type Deployment = <Body = unknown>(route: string, ask?: Ask) => Promise<Answer<Body>>

/** A worker that differs in these settings; what it goes on with after an answer is waited for. */
export function deploy(settings: Partial<Env> = {}): Deployment {
  const bindings: Env = { ...env, ...settings }
  return async <Body>(route: string, ask: Ask = {}) => {
    const [method = 'GET', path = '/'] = route.split(' ')
    const { token, body, headers = {}, browser, at = ORIGIN } = ask
    const request = new Request(`${at}${path}`, {
      method,
      headers: {
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...browser?.headers(),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const context = createExecutionContext()
    const response = await app.fetch(request, bindings, context)
    await waitOnExecutionContext(context)
    browser?.take(response)
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? null : JSON.parse(text)) as Body,
    }
  }
}

/** Keeps the refresh cookie as a browser does, and says which page asks. */
export class Browser {
  cookie: string | null = null
  /** As the server sent it last, with what it says about itself. */
  set: string | null = null
  readonly #origin: string

  constructor(origin = ORIGIN) {
    this.#origin = origin
  }

  headers(): Record<string, string> {
    return { Origin: this.#origin, ...(this.cookie !== null && { Cookie: this.cookie }) }
  }

  take(response: Response): void {
    const set = response.headers.get('Set-Cookie')
    if (set === null) return
    this.set = set
    const [pair = ''] = set.split(';')
    this.cookie = /Max-Age=0(;|$)/.test(set) ? null : pair
  }
}
