// The shell of the connection: performs with a real (or fake) WebSocket, a clock and tokens what the
// machine in core/ decides. It decides nothing itself.
import { PING } from '../protocol/limits.ts'
import type { ServerFrame } from '../protocol/server-frames.ts'
import { BEARER_SUBPROTOCOL_PREFIX, SUBPROTOCOL } from '../protocol/version.ts'
import { assertNever } from './core/assert-never.ts'
import { connectionState, deadline, step } from './core/connection.ts'
import {
  INITIAL,
  type ConnectionEvent,
  type Cursor,
  type Effect,
  type Machine,
} from './core/machine.ts'
import { ShopbellError } from './errors.ts'
import { readText } from './frames.ts'
import { createListeners } from './listeners.ts'
import { browserHints, systemClock } from './system.ts'
import { createDeadline, inTurn } from './turns.ts'
import type {
  Clock,
  Connection,
  ConnectionState,
  GetToken,
  Hints,
  HttpWatch,
  Millis,
  SocketConstructor,
  SocketLike,
} from './types.ts'

export interface ConnectionOptions {
  /** The socket's address, `wss://.../api/v1/ws`. */
  url: string
  getToken: GetToken
  /** The stable id of this window (WS7). */
  device: string
  /** Opens this location's stream instead of the person's own (WS1). */
  location?: string
  /** Where the stream was left: it goes on from there (WS4). */
  cursor?: Pick<Cursor, 'epoch' | 'seq'> | null
  WebSocket?: SocketConstructor
  clock?: Clock
  random?: () => number
  hints?: Hints
  /** Whether HTTP works where sockets do not; without it nobody asks, and the connection is never `degraded`. */
  http?: HttpWatch
}

const NORMAL_CLOSURE = 1000

/** A connection that comes back by itself and goes on where it was. `start` opens it. */
export function createConnection(options: ConnectionOptions): Connection {
  const shell = new ConnectionShell(options)
  return {
    getState: () => shell.state,
    subscribe: (listener) => shell.states.add(listener),
    onFrames: (listener) => shell.frames.add(listener),
    send: (frame) => shell.send(JSON.stringify(frame)),
    serverNow: () => shell.clock.now() + shell.serverAhead,
    start: () => shell.start(),
    stop: () => shell.stop(),
    restart: () => shell.restart(),
  }
}

class ConnectionShell {
  readonly clock: Clock
  readonly states = createListeners<ConnectionState>()
  readonly frames = createListeners<ServerFrame[]>()
  state: ConnectionState = { name: 'idle' }
  serverAhead: Millis = 0
  readonly dispatch = inTurn<ConnectionEvent>(
    (event) => this.#step(event),
    () => this.#arm(deadline(this.#machine)),
  )

  readonly #options: ConnectionOptions
  readonly #hints: Hints
  readonly #random: () => number
  readonly #arm: (at: Millis | null) => void
  #machine: Machine = INITIAL
  /** The one opening whose events count; each new one, and each close, takes the place of the last. */
  #opening: { socket: SocketLike | null } | null = null
  #unlisten: (() => void)[] = []

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.clock = options.clock ?? systemClock()
    this.#hints = options.hints ?? browserHints()
    this.#random = options.random ?? Math.random
    this.#arm = createDeadline(this.clock, () => this.dispatch({ type: 'tick' }))
    const { cursor } = options
    if (cursor) this.#machine = { ...INITIAL, cursor: { ...cursor, acked: cursor.seq } }
  }

  start(): void {
    if (this.#unlisten.length === 0) {
      const { http } = this.#options
      this.#unlisten = [this.#hints.listen((hint) => this.dispatch({ type: 'hint', hint }))]
      if (http)
        this.#unlisten.push(http.listen((outcome) => this.dispatch({ type: 'http', outcome })))
    }
    const visible = this.#hints.isVisible()
    this.dispatch({ type: 'start', visible, online: this.#hints.isOnline() })
  }

  /** Of one that was never started, or was ended, it is a start: it hears the window again. */
  restart(): void {
    if (this.#unlisten.length > 0) this.dispatch({ type: 'restart' })
    else this.start()
  }

  stop(): void {
    for (const end of this.#unlisten.splice(0)) end()
    this.dispatch({ type: 'stop' })
  }

  send(text: string): boolean {
    if (this.#machine.phase.name !== 'live' || !this.#opening?.socket) return false
    this.#opening.socket.send(text)
    return true
  }

  #step(event: ConnectionEvent): void {
    const env = { now: this.clock.now(), roll: this.#random() }
    const { machine, effects } = step(this.#machine, event, env)
    this.#machine = machine
    for (const effect of effects) this.#perform(effect)
    const state = connectionState(machine)
    if (JSON.stringify(state) === JSON.stringify(this.state)) return
    this.state = state
    this.states.tell(state)
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'open':
        void this.#open(effect.refresh, effect.cursor)
        break
      case 'close':
        this.#close()
        break
      case 'ask_http':
        this.#options.http?.ask()
        break
      case 'ping':
        this.send(PING)
        break
      case 'send':
        this.send(JSON.stringify(effect.frame))
        break
      case 'authorize':
        void this.#authorize(effect.refresh)
        break
      case 'deliver':
        this.#deliver([...effect.frames])
        break
      default:
        assertNever(effect)
    }
  }

  async #open(refresh: boolean, cursor: Cursor | null): Promise<void> {
    this.#close()
    const opening: { socket: SocketLike | null } = { socket: null }
    this.#opening = opening
    try {
      const { token, expiresAt } = await this.#options.getToken({ refresh })
      if (this.#opening === opening)
        opening.socket = this.#socket(opening, token, cursor, expiresAt)
    } catch (error) {
      // No token, or an address that no socket can be made of: either way nothing was opened.
      if (this.#opening !== opening) return
      this.#opening = null
      this.dispatch({ type: 'token_failed', final: isFinal(error) })
    }
  }

  #socket(opening: object, token: string, cursor: Cursor | null, tokenEndsAt: Millis): SocketLike {
    const Socket: SocketConstructor = this.#options.WebSocket ?? WebSocket
    const socket = new Socket(socketUrl(this.#options, cursor), [
      SUBPROTOCOL,
      BEARER_SUBPROTOCOL_PREFIX + token,
    ])
    const ifCurrent = (event: () => ConnectionEvent) => {
      if (this.#opening === opening) this.dispatch(event())
    }
    socket.addEventListener('open', () => ifCurrent(() => ({ type: 'opened', tokenEndsAt })))
    socket.addEventListener('message', ({ data }) => ifCurrent(() => eventOf(data)))
    // An error says nothing that the close after it does not.
    socket.addEventListener('close', ({ code }) => ifCurrent(() => ({ type: 'closed', code })))
    return socket
  }

  #close(): void {
    const socket = this.#opening?.socket
    this.#opening = null
    socket?.close(NORMAL_CLOSURE)
  }

  async #authorize(refresh: boolean): Promise<void> {
    const opening = this.#opening
    try {
      const { token, expiresAt } = await this.#options.getToken({ refresh })
      if (this.#opening !== opening) return
      this.send(JSON.stringify({ type: 'auth', token }))
      this.dispatch({ type: 'authorized', tokenEndsAt: expiresAt })
    } catch (error) {
      if (this.#opening !== opening) return
      this.dispatch({ type: 'authorize_failed', final: isFinal(error) })
    }
  }

  #deliver(frames: ServerFrame[]): void {
    for (const frame of frames) {
      if (frame.type === 'welcome') this.serverAhead = aheadOf(frame.server_time, this.clock.now())
    }
    this.frames.tell(frames)
  }
}

function eventOf(data: unknown): ConnectionEvent {
  const heard = readText(data)
  return heard.kind === 'pong' ? { type: 'pong' } : { type: 'frames', frames: heard.frames }
}

/** [WS1] */
function socketUrl({ url, device, location }: ConnectionOptions, cursor: Cursor | null): string {
  const query = new URLSearchParams({ device })
  if (location !== undefined) query.set('location', location)
  if (cursor) {
    query.set('epoch', cursor.epoch)
    query.set('since', String(cursor.seq))
  }
  return `${url}?${query}`
}

/** Would the same sign-in fail again? Only then is there no use in asking by itself. */
const isFinal = (error: unknown): boolean =>
  error instanceof ShopbellError && error.reaction !== 'retry'

function aheadOf(serverTime: string, now: Millis): Millis {
  const at = Date.parse(serverTime)
  return Number.isNaN(at) ? 0 : at - now
}
