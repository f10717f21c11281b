// People and shops of the run's own, under one random prefix, and gone when it ends.
import { randomBytes } from 'node:crypto'
import type { Access } from './access.ts'
import type { Http } from './http.ts'
import { NotChecked } from './outcome.ts'
import { Trace } from './trace.ts'
import { asObject } from './wire.ts'

export interface Person {
  id: string
  token: string
}

export interface Shop {
  id: string
  stream: string
  manager: Person
  staff: Person
}

const AT_ONCE = 6

export class World {
  readonly http: Http
  readonly access: Access
  readonly prefix = `conform-${randomBytes(4).toString('hex')}`
  readonly #made: string[] = []
  #count = 0

  constructor(http: Http, access: Access) {
    this.http = http
    this.access = access
  }

  name(what: string): string {
    this.#count += 1
    return `${this.prefix}-${what}${this.#count}`
  }

  /** What a check made itself and wants gone at the end. */
  willRemove(path: string): void {
    this.#made.push(path)
  }

  async shop(trace: Trace): Promise<Shop> {
    this.access.demandPeople()
    const id = await this.location(trace)
    const [manager, staff] = await Promise.all([
      this.person(trace, { [id]: 'manager' }),
      this.person(trace, { [id]: 'staff' }),
    ])
    return { id, stream: `location:${id}`, manager, staff }
  }

  async location(trace: Trace): Promise<string> {
    const id = this.name('shop')
    await this.put(trace, `/api/v1/locations/${id}`, { name: 'A shop', time_zone: 'Europe/Madrid' })
    this.willRemove(`/api/v1/locations/${id}`)
    return id
  }

  /** Somebody new, with their roles; the token knows them. */
  async person(trace: Trace, roles: Record<string, string> = {}, more = {}): Promise<Person> {
    this.access.demandPeople()
    const id = await this.user(trace, more)
    for (const [location, role] of Object.entries(roles)) await this.join(trace, location, id, role)
    return { id, token: await this.access.person(trace, id) }
  }

  async user(trace: Trace, more = {}): Promise<string> {
    const id = this.name('user')
    await this.put(trace, `/api/v1/users/${id}`, { name: 'Somebody', ...more })
    this.willRemove(`/api/v1/users/${id}`)
    return id
  }

  async join(trace: Trace, location: string, user: string, role: string): Promise<void> {
    await this.put(trace, `/api/v1/locations/${location}/members/${user}`, { role })
  }

  /** A write of the directory that has to work before anything else can be looked at. */
  async put(trace: Trace, path: string, body: object): Promise<void> {
    const token = await this.access.service(trace)
    const answer = await this.http.ask(trace, 'PUT', path, { token, body })
    if (answer.status === 200 || answer.status === 201) return
    const { code, detail } = asObject(answer.json)
    throw new NotChecked(`PUT ${path} answers ${answer.status} ${String(code)}: ${String(detail)}`)
  }

  /** Newest first, a few side by side; what does not go is named. */
  async remove(): Promise<string[]> {
    const trace = new Trace()
    const left: string[] = []
    const paths = this.#made.toReversed()
    const next = async (): Promise<void> => {
      for (let path = paths.shift(); path !== undefined; path = paths.shift()) {
        if (!(await this.#removeOne(trace, path))) left.push(path)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, next))
    return left
  }

  async #removeOne(trace: Trace, path: string): Promise<boolean> {
    try {
      const isKey = path.startsWith('/api/v1/service-keys')
      const token = isKey
        ? await this.access.person(trace, this.access.admin())
        : await this.access.service(trace)
      const { status } = await this.http.ask(trace, 'DELETE', path, { token })
      return status === 204 || status === 404
    } catch {
      return false
    }
  }
}
