// A socket as a client holds it. Tests wait for frames, never for time.
import { exports } from 'cloudflare:workers'
import type { ServerFrame, WelcomeFrame } from '../../../protocol/server-frames.ts'
import { ORIGIN } from './api.ts'

/** What a test waits for and does not get; only a failing test waits this long. */
const PATIENCE_MS = 5_000

export interface Closed {
  code: number
  reason: string
}

interface Waiter {
  wants(frame: ServerFrame): boolean
  take(frame: ServerFrame): void
}

export interface OpenOptions {
  token?: string | undefined
  location?: string
  device?: string
  epoch?: string
  since?: number | string
  headers?: Record<string, string>
}

/** The answer of the upgrade, whatever it is. */
export function upgrade({ token, headers = {}, ...query }: OpenOptions): Promise<Response> {
  const url = new URL(`${ORIGIN}/api/v1/ws`)
  for (const [name, value] of Object.entries({ token, ...query })) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  return exports.default.fetch(url.href, { headers: { Upgrade: 'websocket', ...headers } })
}

/** Opens a socket and waits for its welcome. */
export async function openSocket(options: OpenOptions): Promise<TestSocket> {
  const response = await upgrade(options)
  if (response.webSocket === null) {
    throw new Error(`the upgrade answers ${response.status}: ${await response.text()}`)
  }
  const socket = new TestSocket(response.webSocket)
  socket.welcome = await socket.frame('welcome')
  return socket
}

export class TestSocket {
  welcome!: WelcomeFrame
  /** Everything that came, in order. */
  readonly all: ServerFrame[] = []
  /** Texts as they came, before they were taken apart. */
  readonly texts: string[] = []
  readonly closed: Promise<Closed>
  #untaken: ServerFrame[] = []
  #waiters: Waiter[] = []
  #pongs: (() => void)[] = []
  #asked = 0
  readonly #socket: WebSocket

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => this.#hear(data))
    this.closed = new Promise((resolve) => {
      socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }))
    })
    socket.accept()
  }

  /** The first frame of this type that nobody has taken, come or to come, that passes the test. */
  frame<Type extends ServerFrame['type'], Frame extends Extract<ServerFrame, { type: Type }>>(
    type: Type,
    test: (frame: Frame) => boolean = () => true,
  ): Promise<Frame> {
    const wants = (frame: ServerFrame) => frame.type === type && test(frame as Frame)
    return this.#take(wants, type) as Promise<Frame>
  }

  send(frame: object | string): void {
    this.#socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  sendBinary(bytes: Uint8Array): void {
    this.#socket.send(bytes)
  }

  /** Sends a frame with an id and waits for what is said to it; everything sent before has come by then. */
  ask(frame: object): Promise<Extract<ServerFrame, { type: 'ok' | 'error' }>> {
    const id = `ask-${++this.#asked}`
    this.send({ ...frame, id })
    const isAnswer = (one: ServerFrame) =>
      (one.type === 'ok' || one.type === 'error') && one.re === id
    return this.#take(isAnswer, `answer to ${id}`) as Promise<
      Extract<ServerFrame, { type: 'ok' | 'error' }>
    >
  }

  /** Asks something harmless: what a hub had sent before has come by then. */
  async settled(): Promise<void> {
    await this.ask({ type: 'state', visible: true })
  }

  /** [WS5] */
  ping(): Promise<void> {
    const pong = new Promise<void>((resolve) => this.#pongs.push(resolve))
    this.#socket.send('ping')
    return pong
  }

  close(code = 1000): void {
    this.#socket.close(code)
  }

  /** Frames of a type that have come, taken or not. */
  of<Type extends ServerFrame['type']>(type: Type): Extract<ServerFrame, { type: Type }>[] {
    return this.all.filter(
      (frame): frame is Extract<ServerFrame, { type: Type }> => frame.type === type,
    )
  }

  #take(wants: (frame: ServerFrame) => boolean, what: string): Promise<ServerFrame> {
    const at = this.#untaken.findIndex(wants)
    const [found] = at < 0 ? [] : this.#untaken.splice(at, 1)
    if (found !== undefined) return Promise.resolve(found)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const came = JSON.stringify(this.all).slice(0, 2_000)
        reject(new Error(`no ${what} within ${PATIENCE_MS} ms; came: ${came}`))
      }, PATIENCE_MS)
      const take = (frame: ServerFrame) => {
        clearTimeout(timer)
        resolve(frame)
      }
      this.#waiters.push({ wants, take })
    })
  }

  #hear(data: string | ArrayBuffer): void {
    if (typeof data !== 'string') throw new TypeError('a hub sends no binary frames')
    if (data === 'pong') return this.#pongs.shift()?.()
    this.texts.push(data)
    const parsed = JSON.parse(data) as ServerFrame | ServerFrame[]
    for (const frame of Array.isArray(parsed) ? parsed : [parsed]) this.#heard(frame)
  }

  #heard(frame: ServerFrame): void {
    this.all.push(frame)
    const at = this.#waiters.findIndex(({ wants }) => wants(frame))
    const [waiter] = at < 0 ? [] : this.#waiters.splice(at, 1)
    if (waiter) waiter.take(frame)
    else this.#untaken.push(frame)
  }
}
