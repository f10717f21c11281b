// WebSockets without a network. The test is the hub: it accepts or refuses, speaks, falls silent and drops, and
// reads what the client did from `sent` and from the server's `log`, as data.
import type { ServerFrame, WelcomeFrame } from '../../protocol/server-frames.ts'
import type { SocketLike } from '../../client/types.ts'

type Listener = (event: { data: unknown; code: number }) => void

const NORMAL_CLOSURE = 1000
/** What a browser says of a lost network and of a refused upgrade alike. */
const ABNORMAL_CLOSURE = 1006

export class FakeSocket implements SocketLike {
  readonly url: URL
  readonly protocols: readonly string[]
  state: 'connecting' | 'open' | 'closed' = 'connecting'
  /** Everything the client sent, heartbeats too. */
  readonly sent: string[] = []
  /** Answers pings like the runtime of a hub does; false is a dead link that still looks open. */
  answersPings = true
  readonly #listeners = new Map<string, Listener[]>()
  readonly #log: string[]

  constructor(url: string, protocols: string[], log: string[]) {
    this.url = new URL(url)
    this.protocols = protocols
    this.#log = log
    log.push('opening')
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener])
  }

  send(text: string): void {
    if (this.state === 'connecting') throw new Error('InvalidStateError: still connecting')
    // As in a browser: after the close it goes nowhere, without a word.
    if (this.state === 'closed') return
    this.sent.push(text)
    if (text === 'ping' && this.answersPings) queueMicrotask(() => this.text('pong'))
  }

  /** The client closes. Its close event comes later, as in a browser. */
  close(code = NORMAL_CLOSURE): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.#log.push('closed by client')
    queueMicrotask(() => this.#emit('close', { code }))
  }

  /** What the client sent, without heartbeats, as objects. */
  get frames(): unknown[] {
    return this.sent.filter((text) => text !== 'ping').map((text) => JSON.parse(text) as unknown)
  }

  get pings(): number {
    return this.sent.filter((text) => text === 'ping').length
  }

  // --- what the hub does

  /** The upgrade succeeds; nothing is said yet. */
  accept(): void {
    this.state = 'open'
    this.#log.push('open')
    this.#emit('open', {})
  }

  /** The upgrade succeeds and the hub says welcome, with what it replays in the same text. */
  welcome(welcome: Partial<WelcomeFrame> = {}, ...replayed: ServerFrame[]): void {
    this.accept()
    this.say({ ...WELCOME, ...welcome }, ...replayed)
  }

  /** One frame, or several in one text (WS3). */
  say(...frames: ServerFrame[]): void {
    this.text(JSON.stringify(frames.length === 1 ? frames[0] : frames))
  }

  /** Any text, or what is not text. */
  text(data: unknown): void {
    if (this.state === 'open') this.#emit('message', { data })
  }

  /** The upgrade is refused, or there is no network: to a browser both look like this. */
  refuse(): void {
    this.drop(ABNORMAL_CLOSURE)
  }

  /** The socket ends with this code. */
  drop(code = ABNORMAL_CLOSURE): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.#log.push(`closed ${code}`)
    this.#emit('error', {})
    this.#emit('close', { code })
  }

  #emit(type: string, event: { data?: unknown; code?: number }): void {
    for (const listener of this.#listeners.get(type) ?? []) {
      listener({ data: event.data, code: event.code ?? 0 })
    }
  }
}

export const WELCOME: WelcomeFrame = {
  type: 'welcome',
  protocol: 1,
  stream: 'user:ben',
  epoch: '01935a00-0000-7000-8000-000000000001',
  seq: 0,
  recovered: false,
  connection_id: 'c1',
  heartbeat_interval_s: 30,
  limits: { max_frame_bytes: 65_536, burst: 100, per_second: 20 },
  reconnect: { min_ms: 500, max_ms: 30_000, max_attempts: 10 },
  server_time: '2026-11-23T09:00:00.000Z',
  memberships: { downtown: 'staff' },
  heads: {},
}

export interface FakeSocketServer {
  /** Pass this where a WebSocket constructor is wanted. */
  readonly WebSocket: new (url: string, protocols: string[]) => FakeSocket
  /** Every socket that was ever opened, oldest first. */
  readonly sockets: FakeSocket[]
  /** What happened to them, in order. */
  readonly log: string[]
  /** The newest one; a test that asks for one which does not exist has failed. */
  readonly last: FakeSocket
  /** Sockets that neither side has closed. */
  readonly alive: FakeSocket[]
}

export function createFakeSockets(): FakeSocketServer {
  const sockets: FakeSocket[] = []
  const log: string[] = []
  class Socket extends FakeSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, log)
      sockets.push(this)
    }
  }
  return {
    WebSocket: Socket,
    sockets,
    log,
    get last() {
      const last = sockets.at(-1)
      if (!last) throw new Error('no socket was opened')
      return last
    },
    get alive() {
      return sockets.filter(({ state }) => state !== 'closed')
    },
  }
}
