// One WebSocket as any client opens it, with everything that came on it in the order in which it came.
import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Observer } from './observer.ts'
import { Broken, must } from './outcome.ts'
import type { Trace } from './trace.ts'
import { type Answer, frameEntry, type Frame, isObject, parseJson, type Welcome } from './wire.ts'

export interface Knock {
  base: string
  /** Behind the question mark. */
  query: Record<string, string>
  protocols: string[]
  headers: Record<string, string>
}

const PATIENCE_MS = 5_000

type Match = (frame: Frame) => boolean

/** Knocks; a socket, or the answer that refused it. */
export async function knock(
  { base, query, protocols, headers }: Knock,
  trace: Trace,
  observer: Observer | null,
): Promise<Socket | Answer> {
  const search = new URLSearchParams(query).toString()
  const path = `/api/v1/ws${search === '' ? '' : `?${search}`}`
  const ws = new WebSocket(`${base.replace(/^http/, 'ws')}${path}`, protocols, { headers })
  trace.said('→', `(socket) GET ${path}`)
  const socket = new Socket(ws, trace, observer)
  const refused = new Promise<Answer>((resolve) => {
    ws.once('unexpected-response', (_request, response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const given = new Headers()
        for (const [name, value] of Object.entries(response.headers)) {
          if (value !== undefined) given.set(name, String(value))
        }
        const type = given.get('content-type')?.split(';')[0] ?? ''
        const { statusCode: status = 0 } = response
        trace.said('←', `${status} ${text}`)
        resolve({ status, headers: given, type, text, json: parseJson(text) })
      })
    })
  })
  const broken = once(ws, 'error').then(([error]: unknown[]) => {
    throw new Broken('a socket, or an answer that refuses it', String(error))
  })
  broken.catch(() => {})
  const opened = new Promise<Socket>((resolve) => ws.once('open', () => resolve(socket)))
  const came = await Promise.race([opened, refused, broken])
  if (!(came instanceof Socket)) observer?.sawAnswer('GET', path, came)
  return came
}

export class Socket {
  readonly ws: WebSocket
  readonly frames: Frame[] = []
  /** As they came, with the heartbeat's answers. */
  readonly texts: string[] = []
  closed: { code: number; reason: string } | null = null
  readonly #trace: Trace
  readonly #wakes = new Set<() => void>()
  #asked = 0
  #heart: NodeJS.Timeout | undefined

  constructor(ws: WebSocket, trace: Trace, observer: Observer | null) {
    this.ws = ws
    this.#trace = trace
    ws.on('message', (data: Buffer) => {
      const text = data.toString()
      trace.said('←', text)
      this.texts.push(text)
      const value = text === 'pong' ? [] : parseJson(text)
      for (const one of Array.isArray(value) ? value : [value]) {
        const frame: Frame = isObject(one) ? (one as Frame) : { type: '(not a frame)', text }
        observer?.sawFrame(frame)
        this.frames.push(frame)
      }
      this.#wake()
    })
    ws.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() }
      clearInterval(this.#heart)
      trace.said('←', `(closed ${code} ${reason.toString()})`)
      this.#wake()
    })
    ws.on('error', () => {})
  }

  get welcome(): Welcome {
    return this.frames[0] as Welcome
  }

  /** [WS5] Pings as every client does, well within the interval that the welcome names. */
  beat(): void {
    const everyMs = Math.max(200, this.welcome.heartbeat_interval_s * 600)
    this.#heart = setInterval(() => {
      if (this.ws.readyState === WebSocket.OPEN) this.ws.send('ping')
    }, everyMs)
  }

  say(what: unknown): void {
    const text = typeof what === 'string' ? what : JSON.stringify(what)
    this.#trace.said('→', `(socket) ${text}`)
    this.ws.send(text)
  }

  sayBytes(bytes: Uint8Array): void {
    this.#trace.said('→', `(socket) ${bytes.length} bytes`)
    this.ws.send(bytes)
  }

  /** Says a frame with an id of its own, and waits for what answers it. */
  async ask(frame: Record<string, unknown>): Promise<Frame> {
    this.#asked += 1
    const id = `q${this.#asked}`
    this.say({ ...frame, id })
    return this.frame((one) => one.re === id, `an answer with re ${id} to ${String(frame['type'])}`)
  }

  async askWell(frame: Record<string, unknown>): Promise<void> {
    const answer = await this.ask(frame)
    must(answer.type === 'ok', `ok to ${String(frame['type'])}`, answer)
  }

  /** The first frame of this kind, of those that came (from a place on) or come in time. */
  async frame(match: Match, what: string, { from = 0, ms = PATIENCE_MS } = {}): Promise<Frame> {
    const found = () => this.frames.slice(from).find(match)
    await this.until(() => found() !== undefined || this.closed !== null, ms)
    const frame = found()
    if (frame === undefined) {
      throw new Broken(`${what}, within ${ms} ms`, this.closed ?? 'nothing of the kind')
    }
    return frame
  }

  entry(id: string, ms?: number): Promise<Frame> {
    const isIt = (frame: Frame) => frame.type === 'notification' && frameEntry(frame).id === id
    return this.frame(isIt, `the notification ${id}`, ms === undefined ? {} : { ms })
  }

  /** Waits for the bye with this code. The close itself may come late, but never with another one. */
  async bye(code: number, ms = PATIENCE_MS): Promise<Frame> {
    const bye = await this.frame((one) => one.type === 'bye', `a bye with ${code}`, { ms })
    must(bye.code === code, `a bye with ${code}`, bye)
    const { closed } = this
    must(closed === null || closed.code === code, `closed with ${code}`, closed)
    return bye
  }

  /** The notifications that came, in their order. */
  entries(): { seq: number; id: string }[] {
    return this.frames
      .filter(({ type }) => type === 'notification')
      .map((frame) => ({ seq: frame.seq ?? -1, id: frameEntry(frame).id }))
  }

  has(id: string): boolean {
    return this.entries().some((one) => one.id === id)
  }

  /** Returns when it is so, or when time is up. */
  async until(isSo: () => boolean, ms = PATIENCE_MS): Promise<void> {
    const end = performance.now() + ms
    while (!isSo()) {
      const left = end - performance.now()
      if (left <= 0) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, left)
        const wakes = this.#wakes
        function done() {
          clearTimeout(timer)
          wakes.delete(done)
          resolve()
        }
        wakes.add(done)
      })
    }
  }

  get pongs(): number {
    return this.texts.filter((text) => text === 'pong').length
  }

  /** It lives. */
  async pong(): Promise<void> {
    const before = this.pongs
    this.say('ping')
    await this.until(() => this.pongs > before || this.closed !== null)
    must(this.pongs > before, 'the text pong', this.closed ?? this.texts.at(-1))
  }

  /** As a phone that falls into the sea. */
  drop(): void {
    clearInterval(this.#heart)
    this.ws.terminate()
  }

  close(): void {
    clearInterval(this.#heart)
    if (this.ws.readyState === WebSocket.OPEN) this.ws.close(1000)
    // The other side may take its time; nobody waits for it.
    setTimeout(() => this.ws.terminate(), 300).unref()
  }

  #wake(): void {
    for (const wake of this.#wakes) wake()
  }
}
