// Many sockets in one process: they open, count what they hear, drop and come back.
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { spreadOf, type Spread } from '../report/statistics.ts'
import { mapAtOnce } from './at-once.ts'
import { clockUs, lastSeqIn, stampsIn } from './stamps.ts'

export interface SocketPlan {
  url: string
  /** Ours says welcome; the floor says nothing. */
  welcomes: boolean
  protocols?: string[]
}

interface Heard {
  plan: SocketPlan
  ws: WebSocket | null
  entries: number
  texts: number
  lastText: Buffer | null
  epoch: string | null
  /** From the first text of this connection: the head then. */
  seq: number
  /** Entries since the last connect or reset; the time at which `awaited` were there. */
  caughtUpAt: number | null
  /** Called when the hub has answered. */
  answered: (() => void) | null
}

/** What all sockets heard since the last reset. */
export interface Delivered {
  entries: number
  texts: number
  bytes: number
  /** From the stamp in the entry to the socket's event, milliseconds. */
  latency: Spread
  /** Clock, microseconds: when the last entry came. */
  lastAt: number
  /** Sockets that did not hear exactly what was awaited. */
  wrong: number
}

export interface Opened {
  /** From the first attempt to the last welcome. */
  ms: number
  /** Of each socket, from the first attempt of all: open with its welcome, and everything awaited heard. */
  caughtUp: Spread
}

const HEARTBEAT_MS = 30_000

export class Swarm {
  #all: Heard[] = []
  #latencies: number[] = []
  #texts = 0
  #bytes = 0
  #entries = 0
  #lastAt = 0
  #awaited = 0
  #missing = 0
  #whole: (() => void) | null = null
  #beat: NodeJS.Timeout | null = null

  async open(plans: readonly SocketPlan[], atOnce: number): Promise<Opened> {
    const fresh = plans.map((plan): Heard => ({
      plan,
      ws: null,
      entries: 0,
      texts: 0,
      lastText: null,
      epoch: null,
      seq: 0,
      caughtUpAt: null,
      answered: null,
    }))
    this.#all.push(...fresh)
    this.#beat ??= setInterval(() => this.#ping(), HEARTBEAT_MS)
    return this.#connect(fresh, atOnce, (one) => one.plan.url)
  }

  /** All at once, with where they were; each is awaited to hear `each` entries. */
  async resume(each: number, timeoutMs: number): Promise<Opened & { delivered: Delivered }> {
    this.reset(each)
    const opened = await this.#connect(
      this.#all,
      this.#all.length,
      (one) => {
        const separator = one.plan.url.includes('?') ? '&' : '?'
        return `${one.plan.url}${separator}epoch=${one.epoch}&since=${one.seq}`
      },
      timeoutMs,
    )
    return { ...opened, delivered: this.delivered() }
  }

  /** From now on each socket is awaited to hear `each`; `goOn` keeps the times and sums of what was heard before. */
  reset(each: number, goOn = false): void {
    if (!goOn) {
      this.#latencies = []
      this.#texts = this.#bytes = this.#entries = this.#lastAt = 0
    }
    this.#awaited = each
    this.#missing = each === 0 ? 0 : this.#all.length
    for (const one of this.#all) one.entries = one.texts = 0
  }

  /** Until every socket heard what is awaited, or the time is up; `delivered().wrong` tells. */
  async whole(timeoutMs: number): Promise<void> {
    if (this.#missing === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      this.#whole = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#whole = null
  }

  delivered(): Delivered {
    return {
      entries: this.#entries,
      texts: this.#texts,
      bytes: this.#bytes,
      latency: spreadOf(this.#latencies),
      lastAt: this.#lastAt,
      wrong: this.#all.filter(({ entries }) => entries !== this.#awaited).length,
    }
  }

  /** Tells the hub how far each is, as clients do once a second (WS12); done when all are answered. */
  acknowledge(): Promise<void> {
    return this.say(this.#all.map((one) => ({ type: 'ack', seq: this.#learn(one) })))
  }

  /** A frame for each socket, in the order in which they were opened; done when all are answered. */
  async say(frames: readonly object[]): Promise<void> {
    const answers = this.#all.map(async (one, index) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      one.answered = resolve
      one.ws?.send(JSON.stringify({ ...frames[index], id: 'bench' }))
      await promise
    })
    await Promise.all(answers)
  }

  /** Every connection breaks in this moment, without a word. */
  async drop(): Promise<void> {
    const gone = this.#all.map(async (one) => {
      this.#learn(one)
      const { ws } = one
      one.ws = null
      if (ws === null || ws.readyState === WebSocket.CLOSED) return
      const closed = once(ws, 'close')
      ws.terminate()
      await closed
    })
    await Promise.all(gone)
  }

  /** As if each had seen up to here. */
  setSeen(seq: number): void {
    for (const one of this.#all) one.seq = seq
  }

  async close(): Promise<void> {
    if (this.#beat) clearInterval(this.#beat)
    this.#beat = null
    await this.drop()
    this.#all = []
  }

  async #connect(
    sockets: readonly Heard[],
    atOnce: number,
    urlOf: (one: Heard) => string,
    timeoutMs = 60_000,
  ): Promise<Opened> {
    const from = clockUs()
    await mapAtOnce(sockets, atOnce, (one) => this.#connectOne(one, urlOf(one)))
    const ms = (clockUs() - from) / 1_000
    await this.whole(timeoutMs)
    const times = sockets.map(({ caughtUpAt }) => ((caughtUpAt ?? Infinity) - from) / 1_000)
    return { ms, caughtUp: spreadOf(times) }
  }

  async #connectOne(one: Heard, url: string): Promise<void> {
    const ws = new WebSocket(url, one.plan.protocols ?? [], {
      perMessageDeflate: false,
      skipUTF8Validation: true,
    })
    one.ws = ws
    one.caughtUpAt = null
    const first = one.plan.welcomes ? once(ws, 'message') : null
    ws.on('message', (data: Buffer) => this.#hear(one, data))
    // A socket that breaks later shows as entries that did not come.
    ws.on('error', () => undefined)
    await once(ws, 'open')
    await first
    if (this.#awaited === 0) one.caughtUpAt ??= clockUs()
  }

  #hear(one: Heard, text: Buffer): void {
    const at = clockUs()
    if (one.epoch === null && one.plan.welcomes) one.epoch = epochIn(text)
    const stamps = stampsIn(text)
    if (stamps.length === 0) {
      if (text.includes(ANSWER)) this.#answered(one, text)
      // A welcome names the head, which is where this socket is.
      if (one.plan.welcomes && isWelcome(text)) one.seq = lastSeqIn(headOf(text)) ?? one.seq
      return
    }
    one.lastText = text
    this.#texts += 1
    this.#bytes += text.length
    this.#entries += stamps.length
    this.#lastAt = at
    for (const stamp of stamps) this.#latencies.push((at - stamp) / 1_000)
    const before = one.entries
    one.entries += stamps.length
    if (before < this.#awaited && one.entries >= this.#awaited) {
      one.caughtUpAt = at
      this.#missing -= 1
      if (this.#missing === 0) this.#whole?.()
    }
  }

  /** Nothing that the bench says is wrong, so an error is one of the bench's own. */
  #answered(one: Heard, text: Buffer): void {
    if (text.includes('"type":"error"')) throw new Error(`a hub answers ${text.toString()}`)
    one.answered?.()
  }

  #learn(one: Heard): number {
    if (one.lastText !== null) one.seq = Math.max(one.seq, lastSeqIn(one.lastText.toString()) ?? 0)
    one.lastText = null
    return one.seq
  }

  #ping(): void {
    for (const { ws } of this.#all) if (ws?.readyState === WebSocket.OPEN) ws.send('ping')
  }
}

const ANSWER = Buffer.from('"re":"bench"')
const WELCOME = Buffer.from('"type":"welcome"')
const isWelcome = (text: Buffer) => text.subarray(0, 64).includes(WELCOME)

/** The welcome without what may follow it: presence and heads name seqs, too. */
const headOf = (text: Buffer) => text.toString().split('"recovered"')[0] ?? ''

function epochIn(text: Buffer): string | null {
  return /"epoch":"([^"]+)"/.exec(text.subarray(0, 512).toString())?.[1] ?? null
}
