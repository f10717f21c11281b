// Our side of a comparison: people and locations made through the directory routes, tokens as anybody gets them, and sends
// as the SDK makes them.
import { mapAtOnce } from './load/at-once.ts'
import type { Ask } from './load/requests.ts'
import { STAMP } from './load/stamps.ts'
import type { SocketPlan } from './load/swarm.ts'
import { BEARER_SUBPROTOCOL_PREFIX, SUBPROTOCOL } from '../protocol/version.ts'
import type { Server } from './servers/server.ts'

/** Tokens live 15 minutes; one in use is exchanged well before. */
const TOKEN_MS = 8 * 60_000
const AT_ONCE = 8

/** What is sent everywhere, to the floor too: a sentence, and the mark that it is timed by. */
export const NOTICE = {
  type: 'custom',
  title: 'A table for four at eight',
  message:
    'Mrs Almeida called: they come half an hour earlier, and one of them needs a high chair.',
  data: STAMP,
}

export class Shop {
  readonly origin: string
  #service: { token: string; at: number } | null = null

  constructor({ origin }: Server) {
    this.origin = origin
  }

  /** People of one location, each with the role of staff. */
  async open(location: string, people: readonly string[]): Promise<void> {
    await this.#put(`/locations/${location}`, { name: location, time_zone: 'Europe/Lisbon' })
    await this.addPeople(people)
    await mapAtOnce(people, AT_ONCE, (id) =>
      this.#put(`/locations/${location}/members/${id}`, { role: 'staff' }),
    )
  }

  async addPeople(people: readonly string[]): Promise<void> {
    await mapAtOnce(people, AT_ONCE, (id) => this.#put(`/users/${id}`, { name: id }))
  }

  /**
   * So many sockets for each person, to the location's stream or to their own. Each has a token of its own, as devices do:
   * one that many share would be verified for the first of them only.
   */
  async sockets(people: readonly string[], each: number, location?: string): Promise<SocketPlan[]> {
    const query = location === undefined ? '' : `?location=${location}`
    const url = `${this.origin.replace('http', 'ws')}/api/v1/ws${query}`
    const owners = people.flatMap((id) => Array.from({ length: each }, () => id))
    return mapAtOnce(owners, AT_ONCE, async (id) => {
      const protocols = [SUBPROTOCOL, `${BEARER_SUBPROTOCOL_PREFIX}${await this.personToken(id)}`]
      return { url, protocols, welcomes: true }
    })
  }

  async send(to: { user_id: string } | { location_id: string }): Promise<Ask> {
    return this.post('/notifications', { ...NOTICE, to })
  }

  async sendBatch(to: readonly ({ user_id: string } | { location_id: string })[]): Promise<Ask> {
    return this.post('/notifications/batch', {
      notifications: to.map((one) => ({ ...NOTICE, to: one })),
    })
  }

  async post(path: string, body: object): Promise<Ask> {
    return {
      method: 'POST',
      url: `${this.origin}/api/v1${path}`,
      headers: await this.headers(),
      body: JSON.stringify(body),
    }
  }

  async headers(): Promise<Record<string, string>> {
    if (this.#service === null || Date.now() - this.#service.at > TOKEN_MS) {
      const token = await this.#token('/auth/token', {
        grant_type: 'client_credentials',
        client_id: 'demo-booking',
        client_secret: 'demo-booking-secret',
      })
      this.#service = { token, at: Date.now() }
    }
    return { Authorization: `Bearer ${this.#service.token}` }
  }

  personToken(user_id: string): Promise<string> {
    return this.#token('/auth/dev', { user_id })
  }

  /** As a browser: the cookie that a session is renewed with. */
  async signIn(user_id: string): Promise<string> {
    const response = await this.#ask('POST', '/api/v1/auth/dev', { user_id }, {})
    return cookieOf(response)
  }

  /** The next access token of a session. */
  async renew(cookie: string): Promise<string> {
    const headers = { Cookie: cookie, Origin: this.origin }
    const body = { grant_type: 'refresh_token' }
    const response = await this.#ask('POST', '/api/v1/auth/token', body, headers)
    return ((await response.json()) as { access_token: string }).access_token
  }

  /** [AR8] Until the next call. */
  async setD1(d1: { delay_ms?: number; down?: boolean }): Promise<void> {
    await this.#call('PUT', '/__faults', { d1 }, {})
  }

  async #token(path: string, body: object): Promise<string> {
    const answer = await this.#call('POST', `/api/v1${path}`, body, {})
    return (answer as { access_token: string }).access_token
  }

  async #put(path: string, body: object): Promise<void> {
    await this.#call('PUT', `/api/v1${path}`, body, await this.headers())
  }

  async #call(
    method: string,
    path: string,
    body: object,
    headers: Record<string, string>,
  ): Promise<unknown> {
    const text = await (await this.#ask(method, path, body, headers)).text()
    return text === '' ? null : JSON.parse(text)
  }

  async #ask(
    method: string,
    path: string,
    body: object,
    headers: Record<string, string>,
  ): Promise<Response> {
    const response = await fetch(`${this.origin}${path}`, {
      method,
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (response.ok) return response
    const said = await response.text()
    throw new Error(`${method} ${path} is answered with ${response.status}: ${said}`)
  }
}

const cookieOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')

/** Names that no other row uses. */
export const namesOf = (row: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${row}-${index}`)
