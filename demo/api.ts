// What the player asks of a Shopbell server. It sends with shopbell/server, as an outside booking
// system would; for listening it uses development tokens, which such a system could not.
import * as v from 'valibot'
import { createSender, ShopbellError, type Notice, type Sender } from '../client/server/index.ts'
import { Location, Member, TokenAnswer, User } from '../protocol/api.ts'
import type { Person } from './plan.ts'
import { reasonOf } from './watchdog.ts'

/** Ends the play with one sentence. */
export class Stop extends Error {}

export interface Accepted {
  id: string
  isReplay: boolean
}

export interface ShopFacts {
  zone: string
  people: Person[]
  /** Who sees everything that is sent to the shop. */
  watcher: string | null
}

const MAX_TRIES = 6
const REFRESH_BEFORE_MS = 60_000
const STARTING_UP_MS = 60_000

const Members = v.object({
  data: v.array(Member),
  page: v.object({ after: v.nullable(v.string()) }),
})
const ProblemAnswer = v.object({ detail: v.optional(v.string()), title: v.optional(v.string()) })

export class Api {
  readonly url: string
  readonly #sender: Sender
  readonly #tokens = new Map<string, { token: string; until: number }>()

  constructor(url: string, key: { client_id: string; client_secret: string }) {
    this.url = url
    this.#sender = createSender({
      url,
      clientId: key.client_id,
      clientSecret: key.client_secret,
      retry: { maxAttempts: MAX_TRIES, maxTotalMs: 60_000 },
    })
  }

  /** Waits for a server that is starting, and stops where there is none. */
  async ready(): Promise<void> {
    const until = Date.now() + STARTING_UP_MS
    for (;;) {
      const answer = await this.#fetch('/healthz', {})
      if (answer.ok) return
      if (answer.status !== 503 || Date.now() > until) {
        throw new Stop(`${this.url} answers ${answer.status}; this is not a Shopbell that is up.`)
      }
      await sleep(500)
    }
  }

  /** Sends one notification; sent again under its key it is still one (CO5). */
  async send(notice: Notice, key: string): Promise<Accepted> {
    try {
      const sent = await this.#sender.sendNotification(notice, { idempotencyKey: key })
      return { id: sent.id, isReplay: sent.replayed }
    } catch (error) {
      if (!(error instanceof ShopbellError)) throw error
      if (error.code === 'network') throw this.#noServer(error)
      if (error.code === 'unauthorized') {
        throw new Stop(`No token for the service key: ${error.message}`, { cause: error })
      }
      throw new Error(`${error.status ?? error.code} ${error.message}`, { cause: error })
    }
  }

  /** The people of a shop and its clock, as somebody who may look them up. */
  async shop(location: string, as: string): Promise<ShopFacts> {
    try {
      return await this.#lookUp(location, as)
    } catch (error) {
      if (error instanceof Stop) throw error
      const why = reasonOf(error)
      throw new Stop(`The shop "${location}" could not be looked up as ${as}: ${why}`, {
        cause: error,
      })
    }
  }

  async #lookUp(location: string, as: string): Promise<ShopFacts> {
    const place = v.parse(Location, await this.#get(`/api/v1/locations/${location}`, as))
    const members: Member[] = []
    let after: string | null = ''
    while (after !== null) {
      const query: string = after === '' ? '' : `&after=${encodeURIComponent(after)}`
      const path = `/api/v1/locations/${location}/members?limit=100${query}`
      const page = v.parse(Members, await this.#get(path, as))
      members.push(...page.data)
      ;({ after } = page.page)
    }
    const people: Person[] = []
    for (const { user_id, name } of members) {
      const { email } = v.parse(User, await this.#get(`/api/v1/users/${user_id}`, as))
      people.push({
        id: user_id,
        name,
        emails: [(email ?? `${user_id}@example.com`).toLowerCase()],
      })
    }
    const watcher = members.find((one) => one.role === 'manager') ?? members[0]
    return { zone: place.time_zone, people, watcher: watcher?.user_id ?? null }
  }

  /** A person's access token, as only a development server gives it (AU3). */
  devToken(userId: string): Promise<string> {
    return this.#token(userId, '/api/v1/auth/dev', { user_id: userId })
  }

  #headers(token: string) {
    return { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  }

  async #token(whose: string, path: string, body: object): Promise<string> {
    const held = this.#tokens.get(whose)
    if (held && held.until - REFRESH_BEFORE_MS > Date.now()) return held.token
    const token = await this.#newToken(path, body).catch((error: unknown) => {
      if (error instanceof Stop) throw error
      throw new Stop(`No token for ${whose}: ${reasonOf(error)}`, { cause: error })
    })
    this.#tokens.set(whose, {
      token: token.access_token,
      until: Date.now() + token.expires_in * 1_000,
    })
    return token.access_token
  }

  async #newToken(path: string, body: object): Promise<TokenAnswer> {
    const answer = await this.#withRetry(path, async () => ({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }))
    return v.parse(TokenAnswer, await answer.json())
  }

  async #get(path: string, as: string): Promise<unknown> {
    const answer = await this.#withRetry(path, async () => ({
      headers: this.#headers(await this.devToken(as)),
    }))
    return answer.json()
  }

  /** Tries again what is temporary, as the answer asks; anything else that is no success throws. */
  async #withRetry(path: string, request: () => Promise<RequestInit>): Promise<Response> {
    for (let tries = 1; ; tries += 1) {
      const init = await request()
      const answer = await this.#fetch(path, init).catch((error: unknown) => {
        if (tries >= MAX_TRIES) throw error
        return null
      })
      if (answer?.ok) return answer
      if (answer && !isTemporary(answer.status, tries)) throw new Error(await problemOf(answer))
      // A server that came back on another store knows the old tokens no more.
      if (answer?.status === 401) this.#tokens.clear()
      const seconds = Number(answer?.headers.get('retry-after') ?? 1)
      await sleep(Math.min(30, Number.isFinite(seconds) ? Math.max(0.2, seconds) : 1) * 1_000)
    }
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(this.url + path, init)
    } catch (error) {
      throw this.#noServer(error)
    }
  }

  #noServer(error: unknown): Stop {
    const code = systemCodeOf(error)
    const where = code === null ? this.url : `${this.url} (${code})`
    return new Stop(`No Shopbell answers at ${where}. Start one with npm start.`, { cause: error })
  }
}

/** Like ECONNREFUSED, from whichever layer knows it. */
function systemCodeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  const code = 'code' in error ? String(error.code) : ''
  return /^E[A-Z_]+$/.test(code) ? code : systemCodeOf(error.cause)
}

function isTemporary(status: number, tries: number): boolean {
  if (status === 401) return tries === 1
  return status !== 501 && (status === 429 || status >= 500) && tries < MAX_TRIES
}

export const sleep = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs))

async function problemOf(answer: Response): Promise<string> {
  const text = await answer.text()
  try {
    const problem = v.parse(ProblemAnswer, JSON.parse(text))
    return `${answer.status} ${problem.detail ?? problem.title ?? ''}`.trim()
  } catch {
    return `${answer.status} ${answer.statusText}`.trim()
  }
}
