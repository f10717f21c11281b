// A browser with tabs of people, and a hub that gives each person a stream: what every tab makes of it is judged by a fold
// that believes a welcome and nothing else.
import { createSharedConnection } from '../../client/share.ts'
import type { Connection, GetToken, SocketConstructor } from '../../client/types.ts'
import type { ServerFrame } from '../../protocol/server-frames.ts'
import { createFakeClock, flush } from '../fakes/fake-clock.ts'
import { FakeSocket, WELCOME } from '../fakes/fake-socket.ts'
import { FakeBrowser, type FakeTab } from './fake-tabs.ts'

export const tokenOf = (sub: string) => `h.${btoa(JSON.stringify({ sub })).replaceAll('=', '')}.s`

const subjectOf = ({ protocols }: FakeSocket) => {
  const [, payload = ''] = (protocols[1] ?? '').split('.').slice(1)
  return (JSON.parse(atob(payload)) as { sub: string }).sub
}

/** Everybody's stream, and the sockets on it. A second socket of a device takes the place of the first (WS7). */
export class Hub {
  isUp = true
  readonly #now: () => number
  readonly heads = new Map<string, number>()
  readonly sockets: HubSocket[] = []
  /** What came, as `<person> <frame type>`. */
  readonly heard: string[] = []
  readonly WebSocket: SocketConstructor

  constructor(now: () => number) {
    this.#now = now
    this.WebSocket = socketsOn(this)
  }

  head = (person: string) => this.heads.get(person) ?? 0
  alive = (person: string) =>
    this.sockets.filter((one) => one.state !== 'closed' && one.person === person)

  opened(socket: HubSocket): void {
    if (!this.isUp) return socket.refuse()
    const { searchParams } = socket.url
    for (const other of this.alive(socket.person)) {
      const isSame = other.url.searchParams.get('device') === searchParams.get('device')
      if (other === socket || !isSame || other.state !== 'open') continue
      other.say({ type: 'bye', code: 4509, reason: 'replaced', retry: false })
      other.drop(4509)
    }
    const head = this.head(socket.person)
    const stream = `user:${socket.person}`
    const since = searchParams.get('since')
    const from = since === null ? null : Number(since)
    const recovered = from !== null && from <= head && head - from <= 5
    const replayed = recovered ? this.#entries(socket.person, from, head) : []
    const heads = { [stream]: { epoch: WELCOME.epoch, seq: head } }
    const server_time = new Date(this.#now() + 5_000).toISOString()
    const connection_id = `c${this.sockets.indexOf(socket)}`
    socket.welcome({ stream, seq: head, recovered, heads, connection_id, server_time }, ...replayed)
  }

  publish(person: string): void {
    const seq = this.head(person) + 1
    this.heads.set(person, seq)
    for (const socket of this.alive(person)) {
      if (socket.state === 'open') socket.say(...this.#entries(person, seq - 1, seq))
    }
  }

  event(person: string, event_type: string): void {
    for (const socket of this.alive(person)) {
      if (socket.types.has(event_type)) socket.say({ type: 'event', event_type, data: {} })
    }
  }

  #entries(person: string, from: number, to: number): ServerFrame[] {
    return Array.from({ length: to - from }, (_, i) => {
      const seq = from + i + 1
      const data = {
        notification_ids: ['a'],
        state: 'read',
        at: 'now',
        stream: `user:${person}`,
        seq,
      }
      return { type: 'notification_state', seq, data } as const
    }) as ServerFrame[]
  }
}

const socketsOn = (hub: Hub): SocketConstructor =>
  class extends HubSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, hub)
    }
  }

class HubSocket extends FakeSocket {
  readonly person: string
  readonly types = new Set<string>()
  readonly #hub: Hub

  constructor(url: string, protocols: string[], hub: Hub) {
    super(url, protocols, [])
    this.#hub = hub
    this.person = subjectOf(this)
    hub.sockets.push(this)
    setImmediate(() => this.state === 'connecting' && hub.opened(this))
  }

  override send(text: string): void {
    super.send(text)
    if (this.state !== 'open' || text === 'ping') return
    const frame = JSON.parse(text) as { type: string; event_type?: string; id?: string }
    this.#hub.heard.push(`${this.person} ${frame.type}`)
    if (frame.type === 'subscribe') this.types.add(frame.event_type ?? '')
    if (frame.type === 'unsubscribe') this.types.delete(frame.event_type ?? '')
    const { id } = frame
    if (id !== undefined) queueMicrotask(() => this.say({ type: 'ok', re: id }))
  }
}

/** One tab of one person, with what it makes of the frames that it hears. */
export class PersonTab {
  readonly connection: Connection
  readonly tab: FakeTab
  readonly person: string
  /** What it holds: everything up to here. */
  last: number | null = null
  starts = 0
  readonly faults: string[] = []
  /** Live events and answers that came. */
  readonly others: string[] = []
  readonly states: string[] = []

  constructor(world: TabWorld, person: string, getToken: GetToken) {
    this.person = person
    this.tab = world.browser.tab()
    this.connection = createSharedConnection(
      {
        url: 'ws://bell.test/api/v1/ws',
        device: `device-of-${this.tab.system.id}`,
        getToken,
        WebSocket: this.tab.socketsOf(world.hub.WebSocket),
        clock: this.tab.clock,
        hints: this.tab.window,
        random: () => 0.5,
      },
      this.tab.system,
    )
    this.connection.onFrames((frames) => frames.forEach((frame) => this.#hear(frame)))
    this.connection.subscribe(({ name }) => this.states.push(name))
  }

  #hear(frame: ServerFrame): void {
    const fault = (what: string) => void this.faults.push(`${this.tab.system.id}: ${what}`)
    if (frame.type === 'welcome') {
      if (frame.stream !== `user:${this.person}`) fault(`welcome to ${frame.stream}`)
      if (frame.recovered) {
        if (this.last === null) fault('resumed without a start')
        return
      }
      this.starts += 1
      if (
        frame.heads?.[frame.stream]?.seq !== undefined &&
        frame.heads[frame.stream]!.seq < frame.seq
      )
        fault('heads below the start')
      // The snapshot that it takes reaches to where the welcome says, and no further.
      if (this.last !== null && frame.seq < this.last)
        fault(`start at ${frame.seq}, held ${this.last}`)
      this.last = frame.seq
    } else if (frame.type === 'notification_state') {
      if (frame.data.stream !== `user:${this.person}`) fault(`an entry of ${frame.data.stream}`)
      if (this.last === null) fault(`entry ${frame.seq} without a start`)
      else if (frame.seq !== this.last + 1) fault(`entry ${frame.seq} after ${this.last}`)
      this.last = frame.seq
    } else if (frame.type === 'event') this.others.push(frame.event_type)
    else if (frame.type === 'ok') this.others.push(`ok ${frame.re}`)
  }
}

export class TabWorld {
  readonly clock = createFakeClock()
  readonly browser = new FakeBrowser(this.clock)
  readonly hub = new Hub(() => this.clock.now())
  readonly tabs: PersonTab[] = []

  /** A tab is opened; `visible: false`: in the background. */
  open(
    person = 'ben',
    { visible = true, getToken }: { visible?: boolean; getToken?: GetToken } = {},
  ) {
    const token: GetToken = async () => ({
      token: tokenOf(person),
      expiresAt: this.clock.now() + 86_400_000,
    })
    const made = new PersonTab(this, person, getToken ?? token)
    if (!visible) made.tab.window.say('hidden')
    this.tabs.push(made)
    made.connection.start()
    return made
  }

  /** Everything that was started is done. */
  async settle(): Promise<void> {
    // What is loaded late comes within a moment.
    await import('../../client/tab-group.ts')
    for (let i = 0; i < 4; i++) await flush()
  }

  async pass(ms: number): Promise<void> {
    await this.settle()
    // Step by step: what one timer starts is done before the next one is due.
    for (let left = ms; left > 0; left -= 500) {
      await this.clock.advance(Math.min(left, 500))
      await this.settle()
    }
  }
}
