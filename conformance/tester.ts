// What a check works with: asking, sockets, people, and what is said in it. One for each check.
import { randomUUID } from 'node:crypto'
import type { Access, Key } from './access.ts'
import type { Documents } from './documents.ts'
import type { Asked } from './http.ts'
import type { Observer } from './observer.ts'
import { Broken, must, NotBuilt, NotChecked } from './outcome.ts'
import { knock, Socket } from './socket.ts'
import { Trace } from './trace.ts'
import { type Answer, asObject, type Counts, type Entry, type Inbox, type Sent } from './wire.ts'
import type { Person, Shop, World } from './world.ts'

export interface Wishes {
  /** Also what takes more than ten seconds. */
  slow: boolean
  /** Also what makes the archive play dead (AR8). */
  faults: boolean
  /** A page on the deployment's allow-list. */
  origin: string
}

export interface Opening {
  query?: Record<string, string>
  protocols?: string[]
  headers?: Record<string, string>
  /** Each socket of a check is another device's, unless it says so. */
  device?: string
  /** Sends no heartbeat by itself. */
  silent?: boolean
}

const UPGRADE_WAITS = 4

export class Tester {
  readonly trace = new Trace()
  readonly world: World
  readonly wishes: Wishes
  readonly documents: Documents
  readonly #observer: Observer
  readonly #shop: () => Promise<Shop>
  readonly #sockets: Socket[] = []

  constructor(world: World, wishes: Wishes, observer: Observer, shop: () => Promise<Shop>) {
    this.world = world
    this.wishes = wishes
    this.documents = observer.documents
    this.#observer = observer
    this.#shop = shop
  }

  get access(): Access {
    return this.world.access
  }

  // --- who

  /** The shop of the chapter: others write there, too. */
  shop(): Promise<Shop> {
    return this.#shop()
  }

  newShop(): Promise<Shop> {
    return this.world.shop(this.trace)
  }

  person(roles: Record<string, string> = {}, more = {}): Promise<Person> {
    return this.world.person(this.trace, roles, more)
  }

  service(): Promise<string> {
    return this.access.service(this.trace)
  }

  async admin(): Promise<Person> {
    const id = this.access.admin()
    return { id, token: await this.access.person(this.trace, id) }
  }

  /** A service key of the run's own. */
  async newKey(scopes: string[]): Promise<Key> {
    const { token } = await this.admin()
    const body = { name: this.world.name('key'), scopes }
    const answer = await this.ask('POST', '/api/v1/service-keys', { token, body })
    must(answer.status === 201, '201', answer.text)
    const { client_id, client_secret } = answer.json as Key
    this.world.willRemove(`/api/v1/service-keys/${client_id}`)
    return { client_id, client_secret }
  }

  async tokenOfKey(key: Key): Promise<string> {
    const body = { grant_type: 'client_credentials', ...key }
    const answer = await this.ask('POST', '/api/v1/auth/token', { body })
    must(answer.status === 200, '200 with a token', answer.text)
    return String(asObject(answer.json)['access_token'])
  }

  // --- what is not for every run

  demandSlow(seconds: number): void {
    if (!this.wishes.slow) throw new NotChecked(`needs --slow: it takes ${seconds} s`)
  }

  demandDevelopment(why: string): void {
    if (!this.access.isDevelopment) throw new NotChecked(`needs a development server: ${why}`)
  }

  demandProduction(why: string): void {
    if (this.access.isDevelopment) throw new NotChecked(`needs a production server: ${why}`)
  }

  skip(why: string): never {
    throw new NotChecked(why)
  }

  notBuilt(): never {
    throw new NotBuilt('not_available')
  }

  // --- asking

  ask(method: string, path: string, asked?: Asked): Promise<Answer> {
    return this.world.http.ask(this.trace, method, path, asked)
  }

  askOnce(method: string, path: string, asked: Asked): Promise<Answer> {
    return this.world.http.askOnce(this.trace, method, path, asked)
  }

  get(path: string, token: string): Promise<Answer> {
    return this.ask('GET', path, { token })
  }

  /** Asks, and goes on only with this status. */
  async well<Body>(
    method: string,
    path: string,
    asked: Asked,
    ...statuses: number[]
  ): Promise<Body> {
    const answer = await this.ask(method, path, asked)
    const wanted = statuses.length === 0 ? [200, 201, 202, 204] : statuses
    must(wanted.includes(answer.status), wanted.join(' or '), `${answer.status} ${answer.text}`)
    return answer.json as Body
  }

  /** Asks, and goes on only if it is refused like this. */
  async refused(
    method: string,
    path: string,
    asked: Asked,
    status: number,
    code: string,
  ): Promise<Answer> {
    const answer = await this.ask(method, path, asked)
    mustRefuse(answer, status, code)
    return answer
  }

  /** Refused with 422, with a pointer at this field. */
  async invalid(method: string, path: string, asked: Asked, pointer: string): Promise<Answer> {
    const answer = await this.refused(method, path, asked, 422, 'invalid')
    const errors = asObject(answer.json)['errors']
    const pointers = Array.isArray(errors) ? errors.map((one) => asObject(one)['pointer']) : []
    must(pointers.includes(pointer), `an error with the pointer ${pointer}`, answer.text)
    return answer
  }

  /** Sends as the service. The entry is called after what it is for. */
  async send(to: object, more: object = {}, key?: string): Promise<Sent> {
    return this.sendAs(await this.service(), to, more, key)
  }

  sendAs(token: string, to: object, more: object = {}, key?: string): Promise<Sent> {
    const body = { to, type: 'custom', title: 'A word', ...more }
    const headers: Record<string, string> = key === undefined ? {} : { 'Idempotency-Key': key }
    return this.well('POST', '/api/v1/notifications', { token, body, headers }, 201, 202)
  }

  async batch(notifications: object[], key?: string): Promise<Record<string, unknown>[]> {
    const headers: Record<string, string> = key === undefined ? {} : { 'Idempotency-Key': key }
    const asked = { token: await this.service(), body: { notifications }, headers }
    const path = '/api/v1/notifications/batch'
    const { results } = await this.well<{ results: Record<string, unknown>[] }>(
      'POST',
      path,
      asked,
      207,
    )
    must(results?.length === notifications.length, 'a result for each item', results)
    return results
  }

  key(): string {
    return randomUUID()
  }

  // --- an inbox

  inbox({ token }: Person, query = ''): Promise<Inbox> {
    return this.well('GET', `/api/v1/notifications${query}`, { token }, 200)
  }

  count({ token }: Person): Promise<Counts> {
    return this.well('GET', '/api/v1/notifications/unread/count', { token }, 200)
  }

  entry({ token }: Person, id: string): Promise<Entry> {
    return this.well('GET', `/api/v1/notifications/${id}`, { token }, 200)
  }

  async state(person: Person, id: string): Promise<NonNullable<Entry['state']>> {
    const { state } = await this.archived(person, id)
    must(state !== null, 'a state: it is an inbox', state)
    return state
  }

  /** [AR3] An entry that was answered 202 is found as soon as the log has drained. */
  archived(person: Person, id: string, ms = 10_000): Promise<Entry> {
    const path = `/api/v1/notifications/${id}`
    return this.soon(ms, `the entry ${id} in the archive`, async () => {
      const answer = await this.get(path, person.token)
      return answer.status === 200 ? (answer.json as Entry) : null
    })
  }

  /** Sets or unsets a mark; 202 says that the archive lags. */
  mark(method: 'PUT' | 'DELETE', { token }: Person, id: string, mark: string): Promise<unknown> {
    return this.well(method, `/api/v1/notifications/${id}/${mark}`, { token }, 200, 202)
  }

  /** Asks again until something comes of it. */
  async soon<T>(ms: number, what: string, look: () => Promise<T | null>): Promise<T> {
    const end = performance.now() + ms
    for (;;) {
      const found = await look()
      if (found !== null) return found
      if (performance.now() > end) throw new Broken(`${what}, within ${ms} ms`, 'it was not so')
      await this.wait(100)
    }
  }

  wait(ms: number): Promise<void> {
    return new Promise((done) => setTimeout(done, ms))
  }

  // --- sockets

  async knockOnce(opening: Opening): Promise<Socket | Answer> {
    const { query = {}, protocols = [], headers = {} } = opening
    const { base } = this.world.http
    const came = await knock({ base, query, protocols, headers }, this.trace, this.#observer)
    if (came instanceof Socket) this.#sockets.push(came)
    return came
  }

  /** Knocks, and waits where it is told to come later. */
  async knock(opening: Opening = {}): Promise<Socket | Answer> {
    for (let waited = 0; ; waited += 1) {
      const came = await this.knockOnce(opening)
      if (came instanceof Socket || came.status !== 429 || waited >= UPGRADE_WAITS) return came
      await this.wait(Number(came.headers.get('retry-after') ?? 1) * 1_000)
    }
  }

  /** A socket of somebody's, welcomed. */
  async open(token: string, opening: Opening = {}): Promise<Socket> {
    const device = opening.device ?? `device-${this.#sockets.length}`
    const came = await this.knock({
      ...opening,
      query: { device, ...opening.query },
      protocols: ['shopbell.v1', `bearer.${token}`],
    })
    if (!(came instanceof Socket))
      throw new Broken('101 and a socket', `${came.status} ${came.text}`)
    await came.until(() => came.frames.length > 0 || came.closed !== null)
    must(
      came.frames[0]?.type === 'welcome',
      'welcome as the first frame',
      came.texts[0] ?? came.closed,
    )
    if (!opening.silent) came.beat()
    return came
  }

  openAt(shop: string, token: string, opening: Opening = {}): Promise<Socket> {
    return this.open(token, { ...opening, query: { location: shop, ...opening.query } })
  }

  /** Comes back to where a socket was. */
  resume(token: string, old: Socket, since: number, opening: Opening = {}): Promise<Socket> {
    const { epoch, stream } = old.welcome
    const at = stream.startsWith('location:') ? { location: stream.slice('location:'.length) } : {}
    const query = { ...at, epoch, since: String(since), ...opening.query }
    return this.open(token, { ...opening, query })
  }

  async refusedUpgrade(opening: Opening, status: number, code: string): Promise<void> {
    const came = await this.knock(opening)
    if (came instanceof Socket) throw new Broken(`${status} ${code}`, 'a socket')
    mustRefuse(came, status, code)
  }

  /** Ends what the check left open. */
  finish(): void {
    for (const socket of this.#sockets) socket.close()
  }
}

export function mustRefuse(answer: Answer, status: number, code: string): void {
  const came = asObject(answer.json)['code']
  const isBuilt = answer.status !== 501 || came !== 'not_available' || status === 501
  if (!isBuilt) throw new NotBuilt(String(asObject(answer.json)['detail']))
  must(
    answer.status === status && came === code,
    `${status} ${code}`,
    `${answer.status} ${answer.text}`,
  )
}
