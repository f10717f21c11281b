// What the player asks of a Shopbell server besides sending: whether it is up, who works in a shop,
// and the development tokens with which it listens.
import * as v from 'valibot'
import { Location, Member, TokenAnswer, User } from '../protocol/api.ts'
import type { Colleague } from './plan.ts'
import { reasonOf } from './watchdog.ts'

/** Ends the play with one sentence. */
export class Stop extends Error {}

export interface ShopFacts {
  zone: string
  people: Colleague[]
}

const STARTING_UP_MS = 60_000

const Members = v.object({
  data: v.array(Member),
  page: v.object({ after: v.nullable(v.string()) }),
})
const ProblemAnswer = v.object({ detail: v.optional(v.string()), title: v.optional(v.string()) })

export class Api {
  readonly url: string

  constructor(url: string) {
    this.url = url
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

  /** The people of a shop and its clock, as somebody who may look them up. */
  async shop(location: string, as: string): Promise<ShopFacts> {
    const token = await this.devToken(as)
    try {
      return await this.#lookUp(location, token)
    } catch (error) {
      if (error instanceof Stop) throw error
      const why = reasonOf(error)
      throw new Stop(`The shop "${location}" could not be looked up as ${as}: ${why}`, {
        cause: error,
      })
    }
  }

  async #lookUp(location: string, token: string): Promise<ShopFacts> {
    const get = (path: string) =>
      this.#json(`/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })
    const { time_zone } = v.parse(Location, await get(`/locations/${location}`))
    const members: Member[] = []
    let after: string | null = ''
    while (after !== null) {
      const query: string = after === '' ? '' : `&after=${encodeURIComponent(after)}`
      const page = v.parse(Members, await get(`/locations/${location}/members?limit=100${query}`))
      members.push(...page.data)
      ;({ after } = page.page)
    }
    const people: Colleague[] = []
    for (const { user_id: id, name, role } of members) {
      const { email } = v.parse(User, await get(`/users/${id}`))
      people.push({ id, name, role, emails: [(email ?? `${id}@example.com`).toLowerCase()] })
    }
    return { zone: time_zone, people }
  }

  /** A person's access token, as only a development server gives it (AU3). */
  async devToken(userId: string): Promise<string> {
    try {
      const answer = await this.#json('/api/v1/auth/dev', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ user_id: userId }),
      })
      return v.parse(TokenAnswer, answer).access_token
    } catch (error) {
      if (error instanceof Stop) throw error
      throw new Stop(`No token for ${userId}: ${reasonOf(error)}`, { cause: error })
    }
  }

  async #json(path: string, init: RequestInit): Promise<unknown> {
    const answer = await this.#fetch(path, init)
    if (!answer.ok) throw new Error(await problemOf(answer))
    return answer.json()
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(this.url + path, init)
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
      throw new Stop(`No Shopbell answers at ${this.url}${code}. Start one with npm start.`, {
        cause: error,
      })
    }
  }
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
