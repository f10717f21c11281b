// Two shops and four people of one run's own, on a server that many runs share; and what they can do.
import { locationStream, userStream } from '../../protocol/ids.ts'
import type { Role } from '../../protocol/notification.ts'
import { AppDevice } from './app-device.ts'
import { Browser } from './browser.ts'
import { Device } from './device.ts'
import { startFaultProxy, type FaultProxy } from './fault-proxy.ts'
import type { Address, MarkOp } from './history.ts'
import { Producer, type Outgoing } from './producer.ts'
import { wait, type Recorder } from './recorder.ts'
import { personToken, serviceToken, untilAnswered, type Line, type TokenSource } from './rest.ts'
import { APPS, DEVICES, PEOPLE, SHOPS, type Person, type SendPlan, type Shop } from './schedule.ts'

const MEMBERS: readonly (readonly [Person, Shop, Role])[] = [
  ['mia', 'a', 'manager'],
  ['sam', 'a', 'staff'],
  ['sue', 'a', 'staff'],
  ['tim', 'a', 'staff'],
  ['tim', 'b', 'staff'],
]
/** Neighbours on the same server may have taken D1 away already. */
const SETTLED_MS = 3_000

export interface WorldOptions {
  /** Makes its ids its own. */
  name: string
  port: number
  signal: AbortSignal
  random: () => number
  recorder: Recorder
  /** For the device of this name alone. */
  tamper?: { device: string; with: (text: string) => string[] }
}

export class World {
  readonly devices: Device[] = []
  readonly apps: AppDevice[] = []
  /** One for each device, in the order of devices and apps, then one for those who send. */
  readonly proxies: FaultProxy[] = []
  /** Without faults of the network: what is judged, and what the directory does. */
  readonly direct: Line
  readonly #options: WorldOptions
  readonly #admin: TokenSource
  readonly #tokens = new Map<Person, TokenSource>()
  /** What one person does, and what is done to their membership, comes one after the other. */
  readonly #turns = new Map<string, Promise<void>>()
  #producers: Record<SendPlan['from'], Producer> | null = null
  #runs: Promise<void>[] = []

  constructor(options: WorldOptions) {
    this.#options = options
    this.direct = this.#line(options.port)
    this.#admin = personToken(this.direct, 'olivia')
  }

  idOf(one: Person | Shop): string {
    return `${this.#options.name}-${one}`
  }

  tokenOf(person: Person): TokenSource {
    const known = this.#tokens.get(person) ?? personToken(this.direct, this.idOf(person))
    this.#tokens.set(person, known)
    return known
  }

  async open(): Promise<void> {
    const put = (path: string, body: object) =>
      this.#must({ method: 'PUT', path: `/api/v1${path}`, body })
    await Promise.all([
      ...PEOPLE.map((person) => put(`/users/${this.idOf(person)}`, { name: person })),
      ...SHOPS.map((shop) =>
        put(`/locations/${this.idOf(shop)}`, { name: shop, time_zone: 'Europe/Lisbon' }),
      ),
    ])
    for (const [person, shop, role] of MEMBERS) await this.changeMember(person, shop, role)
    await this.#openDevices()
    await this.#untilSettled()
    this.#producers = await this.#openProducers()
  }

  /** A schedule is short: what it spoils should be there. */
  async #untilSettled(): Promise<void> {
    const own = this.devices.filter(({ stream }) => stream.startsWith('user:'))
    const giveUpAt = Date.now() + SETTLED_MS
    while ([...own, ...this.apps].some(({ isSettled }) => !isSettled) && Date.now() < giveUpAt) {
      await wait(20)
    }
  }

  async close(): Promise<void> {
    for (const app of this.apps) app.stop()
    await Promise.all(this.#runs)
    await Promise.all([...new Set(this.proxies)].map((proxy) => proxy.stop()))
  }

  get senderProxy(): FaultProxy | undefined {
    return this.proxies[this.devices.length + this.apps.length]
  }

  /** The hubs of one person, one shop, or everybody. */
  streamsOf(whose: Person | Shop | 'everybody'): string[] {
    const all = [
      ...PEOPLE.map((person) => [person, userStream(this.idOf(person))] as const),
      ...SHOPS.map((shop) => [shop, locationStream(this.idOf(shop))] as const),
    ]
    return all.flatMap(([one, stream]) => (whose === 'everybody' || whose === one ? stream : []))
  }

  async send({ from, ...plan }: SendPlan, copies: number): Promise<void> {
    await this.#producers?.[from].send(this.#outgoing(plan), copies)
  }

  async sendBatch(plans: readonly SendPlan[]): Promise<void> {
    await this.#producers?.service.sendBatch(plans.map((plan) => this.#outgoing(plan)))
  }

  /** `which` is a place among all that was accepted so far; a stranger's entry is answered 404. */
  mark(person: Person, op: MarkOp, which: number): Promise<void> {
    return this.#inTurn(person, async () => {
      const { recorder } = this.#options
      const ids = recorder.events.flatMap((event) => (event.kind === 'accepted' ? event.id : []))
      const id = op === 'read_all' ? null : ids[Math.floor((which / 1_000) * ids.length)]
      if (id === undefined) return
      const mark = recorder.nextNumber()
      const user = this.idOf(person)
      recorder.add({ kind: 'marking', mark, user, op, id })
      const { status } = await untilAnswered(this.direct, this.tokenOf(person), markRequest(op, id))
      if (status !== 404 && status >= 300) throw new Error(`${op} was answered with ${status}`)
      recorder.add({ kind: 'marked', mark, outcome: status === 404 ? 'unknown' : 'done' })
    })
  }

  /**
   * By the client in one of the windows, which keeps it until somebody answers: it waits for nothing else that the person
   * does, nor the other way round.
   */
  async markInApp(index: number, op: MarkOp, which: number): Promise<void> {
    const made = this.apps[index]?.mark(op, which)
    const [person] = APPS[index] ?? []
    if (!made || !person) return
    const { id, shown, done } = made
    const { recorder } = this.#options
    const mark = recorder.nextNumber()
    const user = this.idOf(person)
    recorder.add({ kind: 'marking', mark, user, op, id, ...(id === null && { shown }) })
    if (!(await done)) return
    recorder.add({ kind: 'marked', mark, outcome: op === 'deleted' ? 'unknown' : 'done' })
  }

  changeMember(person: Person, shop: Shop, role: Role | null): Promise<void> {
    return this.#inTurn(person, async () => {
      const { recorder } = this.#options
      const change = recorder.nextNumber()
      const [user, location] = [this.idOf(person), this.idOf(shop)]
      recorder.add({ kind: 'changing', change, user, location, role })
      const path = `/api/v1/locations/${location}/members/${user}`
      await this.#must(
        role === null ? { method: 'DELETE', path } : { method: 'PUT', path, body: { role } },
      )
      recorder.add({ kind: 'changed', change })
    })
  }

  #inTurn(person: Person, act: () => Promise<void>): Promise<void> {
    const turn = (this.#turns.get(person) ?? Promise.resolve()).then(act)
    this.#turns.set(person, turn)
    return turn
  }

  async #must(request: { method: string; path: string; body?: object }): Promise<void> {
    const { status } = await untilAnswered(this.direct, this.#admin, request)
    // A second try of something that was done already finds it gone.
    const isDone = status < 300 || (request.method === 'DELETE' && status === 404)
    if (!isDone) throw new Error(`${request.method} ${request.path} is answered with ${status}`)
  }

  #outgoing({ to, collapseKey }: Omit<SendPlan, 'from'>): Outgoing {
    const address: Address =
      'person' in to
        ? { user_id: this.idOf(to.person) }
        : { location_id: this.idOf(to.shop), ...(to.roles && { roles: to.roles }) }
    return { to: address, collapseKey }
  }

  async #openDevices(): Promise<void> {
    const { port, recorder, tamper, random } = this.#options
    for (const [person, kind, shop] of DEVICES) {
      const proxy = await this.#proxy(port)
      const line = this.#line(proxy.port)
      const user = this.idOf(person)
      const device = new Device({
        name: `${user}-${kind}`,
        user,
        ...(shop && { location: this.idOf(shop) }),
        line,
        token: personToken(line, user),
        recorder,
        ...(tamper?.device === `${person}-${kind}` && { tamper: tamper.with }),
      })
      this.devices.push(device)
      this.#runs.push(device.run())
    }
    const browsers = new Map<Person, { browser: Browser; proxy: FaultProxy }>()
    for (const [person, kind] of APPS) {
      const known = browsers.get(person)
      // Tabs share what they share where one address is one page.
      if (known) this.proxies.push(known.proxy)
      const { browser, proxy } = known ?? { browser: new Browser(), proxy: await this.#proxy(port) }
      browsers.set(person, { browser, proxy })
      const user = this.idOf(person)
      const base = `http://127.0.0.1:${proxy.port}`
      this.apps.push(new AppDevice({ name: `${user}-${kind}`, user, base, random, browser }))
    }
  }

  async #openProducers() {
    const { port, recorder } = this.#options
    const proxy = await this.#proxy(port)
    const line = this.#line(proxy.port)
    return {
      service: new Producer(line, serviceToken(line), recorder),
      mia: new Producer(line, personToken(line, this.idOf('mia')), recorder),
    }
  }

  async #proxy(port: number): Promise<FaultProxy> {
    const proxy = await startFaultProxy(port)
    this.proxies.push(proxy)
    return proxy
  }

  #line(port: number): Line {
    const { signal, random } = this.#options
    return { origin: `http://127.0.0.1:${port}`, signal, random }
  }
}

function markRequest(op: MarkOp, id: string | null) {
  const path = `/api/v1/notifications/${id}`
  if (id === null) return { method: 'POST', path: '/api/v1/notifications/read-all', body: {} }
  if (op === 'deleted') return { method: 'DELETE', path }
  if (op === 'unread') return { method: 'DELETE', path: `${path}/read` }
  return { method: 'PUT', path: `${path}/${op}` }
}
