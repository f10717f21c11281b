// Listens on a person's own stream, as their phone would, and says when a notification was there.
import * as v from 'valibot'
import { WebSocket } from 'ws'
import { ServerFrame } from '../protocol/server-frames.ts'
import { BEARER_SUBPROTOCOL_PREFIX, SUBPROTOCOL } from '../protocol/version.ts'
import type { Api } from './api.ts'
import { sleep, Stop } from './api.ts'

/** Called for each notification that reaches a socket of this person. */
export type Heard = (userId: string, notificationId: string) => void

/** Acknowledging keeps a long play from looking like a slow consumer (WS12). */
const ACK_EVERY = 200
const WELCOME_WITHIN_MS = 10_000
const COME_BACK_AFTER_MS = 500

export class Ear {
  readonly #api: Pick<Api, 'url' | 'devToken'>
  readonly #userId: string
  readonly #heard: Heard
  #socket: WebSocket | null = null
  #ping: NodeJS.Timeout | undefined
  /** Where to resume (WS4). */
  #place: { epoch: string; seq: number } | null = null
  #unacked = 0
  #isClosed = false

  constructor(api: Pick<Api, 'url' | 'devToken'>, userId: string, heard: Heard) {
    this.#api = api
    this.#userId = userId
    this.#heard = heard
  }

  /** Resolves with the hub's welcome; from then on it comes back by itself. */
  async open(): Promise<void> {
    const { closed } = await this.#connect()
    void this.#stay(closed)
  }

  async #stay(firstClose: Promise<number>) {
    let code = await firstClose
    // [WS8] From 4500 on a client does not come back by itself.
    while (!this.#isClosed && code < 4500) {
      await sleep(COME_BACK_AFTER_MS)
      try {
        const { closed } = await this.#connect()
        code = await closed
      } catch (error) {
        // The server is away; what is missed meanwhile comes with the resume.
        if (!(error instanceof Stop)) throw error
      }
    }
  }

  /** An object, because a promise that holds a promise would wait for both. */
  async #connect(): Promise<{ closed: Promise<number> }> {
    const token = await this.#api.devToken(this.#userId)
    const socket = new WebSocket(this.#address(), [SUBPROTOCOL, BEARER_SUBPROTOCOL_PREFIX + token])
    this.#socket = socket
    const closed = new Promise<number>((resolve) => {
      socket.on('close', (code) => {
        clearInterval(this.#ping)
        resolve(code)
      })
    })
    await new Promise<void>((resolve, reject) => {
      const fail = (reason: string) => {
        clearTimeout(late)
        socket.terminate()
        reject(new Stop(`Could not listen as ${this.#userId}: ${reason}.`))
      }
      const late = setTimeout(() => fail('no welcome came'), WELCOME_WITHIN_MS)
      socket.on('error', (error) => fail(error.message))
      socket.on('close', (code) => fail(`the socket was closed with ${code}`))
      socket.on('message', (data) => {
        for (const frame of framesOf(String(data))) {
          if (frame.type === 'welcome') {
            clearTimeout(late)
            resolve()
          }
          this.#take(frame)
        }
      })
    })
    return { closed }
  }

  #address(): string {
    const query = new URLSearchParams({ device: `demo-player-${process.pid}` })
    if (this.#place) {
      query.set('epoch', this.#place.epoch)
      query.set('since', String(this.#place.seq))
    }
    return `${this.#api.url.replace(/^http/, 'ws')}/api/v1/ws?${query}`
  }

  close() {
    this.#isClosed = true
    clearInterval(this.#ping)
    this.#socket?.close(1000)
  }

  #take(frame: ServerFrame) {
    if (frame.type === 'welcome') {
      const from = frame.recovered ? this.#place?.seq : frame.seq
      this.#place = { epoch: frame.epoch, seq: from ?? frame.seq }
      clearInterval(this.#ping)
      this.#ping = setInterval(() => this.#say('ping'), frame.heartbeat_interval_s * 1_000)
      // Nobody looks here, so a push to the person's phone is still in order (RE1).
      this.#say(JSON.stringify({ type: 'state', visible: false }))
    }
    if (frame.type !== 'notification' && frame.type !== 'notification_state') return
    if (this.#place) this.#place.seq = frame.seq
    if (frame.type === 'notification') this.#heard(this.#userId, frame.data.id)
    this.#unacked += 1
    if (this.#unacked < ACK_EVERY) return
    this.#unacked = 0
    this.#say(JSON.stringify({ type: 'ack', seq: frame.seq }))
  }

  #say(text: string) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(text)
  }
}

/** One frame, or an array of them (WS3); what we do not know is left out (CO3). */
function framesOf(text: string): ServerFrame[] {
  if (text === 'pong') return []
  const message: unknown = JSON.parse(text)
  return (Array.isArray(message) ? message : [message]).flatMap((one) => {
    const read = v.safeParse(ServerFrame, one)
    return read.success ? [read.output] : []
  })
}
