// A recording client: one raw WebSocket, a cursor, snapshots where the hub advises one, and every frame written down.
import { WebSocket } from 'ws'
import type { InboxAnswer, TokenAnswer } from '../../protocol/api.ts'
import { locationStream, userStream } from '../../protocol/ids.ts'
import type { LoggedFrame, ServerFrame, WelcomeFrame } from '../../protocol/server-frames.ts'
import { fold, type Snapshot } from './device-fold.ts'
import type { DeviceEnding } from './history.ts'
import { wait, type Recorder } from './recorder.ts'
import { ask, backOffMs, type Line, type TokenSource } from './rest.ts'
import { isWhole, takeSnapshot } from './snapshot.ts'

const PING_MS = 700
const SILENT_MS = 2_500
const ACK_MS = 1_000
/** A crowd that asks without a pause would itself be what is slow. */
const ASK_AGAIN_MS = 150
const ASK_AGAIN_MAX_MS = 1_500

export interface DeviceOptions {
  name: string
  user: string
  /** Opens this location's stream instead of the person's own. */
  location?: string
  line: Line
  token: TokenSource
  recorder: Recorder
  /** What becomes of each text that comes: a client that loses, doubles or mixes up. */
  tamper?: (text: string) => string[]
}

export class Device {
  readonly name: string
  readonly user: string
  readonly stream: string
  readonly #options: DeviceOptions
  #socket: WebSocket | null = null
  #epoch: string | null = null
  #cursor = 0
  #ackedUpTo = 0
  #isLive = false
  /** Since the last welcome. */
  #tries = -1
  #expiresIn = 900
  #frames: LoggedFrame[] = []
  #snapshot: Snapshot | null = null
  /** Rises with each reason to ask; a snapshot asked for an older reason is not whole. */
  #reasons = 0
  #answered = 0
  #isAsking = false
  #heads: InboxAnswer['as_of'] = {}
  #memberships: string | null = null
  #shops = new Set<string>()

  constructor(options: DeviceOptions) {
    this.#options = options
    this.name = options.name
    this.user = options.user
    this.stream =
      options.location === undefined ? userStream(options.user) : locationStream(options.location)
  }

  /** Comes back for ever, until its line is ended. */
  async run(): Promise<void> {
    const { signal, random } = this.#options.line
    while (!signal.aborted) {
      this.#tries += 1
      try {
        await this.#connect()
      } catch {
        // No token or no socket: the same again.
      }
      await wait(backOffMs(this.#tries, random()))
    }
  }

  /** The next socket has a token that ends in a second. */
  expireSoon(): void {
    this.#expiresIn = 1
    this.#socket?.terminate()
  }

  /** It has a socket, and knows of nothing that it lacks. */
  get isSettled(): boolean {
    return this.#isLive && this.#snapshot !== null && this.#answered === this.#reasons
  }

  ending(): DeviceEnding {
    const entries = this.#snapshot ? fold(this.#snapshot, this.#frames, this.#shops) : []
    const { name, user, stream } = this
    return { device: name, user, stream, entries, unread: null }
  }

  async #connect(): Promise<void> {
    const { line, user, location, name } = this.#options
    const body = { user_id: user, expires_in: this.#expiresIn }
    this.#expiresIn = 900
    const answer = await ask(line, { method: 'POST', path: '/api/v1/auth/dev', body })
    const token = (answer.body as TokenAnswer).access_token
    const query = new URLSearchParams({ device: name })
    if (location !== undefined) query.set('location', location)
    const since = this.#epoch === null ? null : this.#cursor
    if (this.#epoch !== null) {
      query.set('epoch', this.#epoch)
      query.set('since', String(since))
    }
    const url = `${line.origin.replace(/^http/, 'ws')}/api/v1/ws?${query}`
    const socket = new WebSocket(url, ['shopbell.v1', `bearer.${token}`], {
      handshakeTimeout: 3_000,
    })
    this.#socket = socket
    await this.#listen(socket, since)
  }

  /** Until the socket ends. */
  async #listen(socket: WebSocket, since: number | null): Promise<void> {
    const { line, recorder, tamper = (text) => [text] } = this.#options
    const number = recorder.nextNumber()
    let heardAt = Date.now()
    let ackedAt = 0
    const heart = setInterval(() => {
      if (Date.now() - heardAt > SILENT_MS) {
        recorder.add({ kind: 'silent', socket: number })
        return socket.terminate()
      }
      if (socket.readyState !== WebSocket.OPEN) return
      socket.send('ping')
      if (this.#cursor <= this.#ackedUpTo || Date.now() - ackedAt < ACK_MS) return
      ackedAt = Date.now()
      this.#ackedUpTo = this.#cursor
      socket.send(JSON.stringify({ type: 'ack', seq: this.#cursor }))
    }, PING_MS)
    socket.on('error', () => {})
    socket.on('message', (data) => {
      heardAt = Date.now()
      const said = String(data)
      if (said === 'pong') return
      for (const text of tamper(said)) {
        for (const frame of [JSON.parse(text) as ServerFrame | ServerFrame[]].flat()) {
          this.#hear(frame, number, since)
        }
      }
    })
    const end = () => socket.terminate()
    line.signal.addEventListener('abort', end)
    await new Promise((done) => socket.once('close', done))
    line.signal.removeEventListener('abort', end)
    clearInterval(heart)
    this.#isLive = false
  }

  #hear(frame: ServerFrame, socket: number, since: number | null): void {
    if (frame.type === 'welcome') this.#welcome(frame, socket, since)
    else if (frame.type === 'membership') {
      const { location_id, role } = frame.data
      if (role === null) this.#shops.delete(locationStream(location_id))
      else this.#shops.add(locationStream(location_id))
      this.#memberships = null
      this.#ask()
    } else if (frame.type === 'notification' || frame.type === 'notification_state') {
      const { seq, data } = frame
      const id = frame.type === 'notification' ? frame.data.id : null
      const home = { stream: data.stream, seq: data.seq }
      this.#options.recorder.add({ kind: 'frame', socket, seq, id, home })
      this.#cursor = Math.max(this.#cursor, seq)
      this.#frames.push(frame)
    } else if (frame.type === 'bye') {
      this.#isLive = false
    }
  }

  #welcome(frame: WelcomeFrame, socket: number, since: number | null): void {
    const { stream, epoch, seq: head, recovered } = frame
    const { name: device, user, recorder } = this.#options
    const told = { stream, epoch, head, since, recovered }
    recorder.add({ kind: 'welcome', socket, device, user, ...told })
    this.#epoch = epoch
    this.#isLive = true
    this.#tries = -1
    this.#heads = Object.fromEntries(
      Object.entries(frame.heads ?? { [stream]: { seq: head } }).map(([at, { seq }]) => [at, seq]),
    )
    if (!recovered) {
      this.#cursor = head
      this.#frames = []
      this.#snapshot = null
      this.#ask()
    }
    this.#shops = new Set(Object.keys(frame.memberships ?? {}).map(locationStream))
    const memberships = JSON.stringify(Object.entries(frame.memberships ?? {}).toSorted())
    if (memberships !== this.#memberships) this.#ask()
    this.#memberships = memberships
  }

  #ask(): void {
    this.#reasons += 1
    if (!this.#isAsking) void this.#askUntilWhole()
  }

  async #askUntilWhole(): Promise<void> {
    const { line, token, location } = this.#options
    this.#isAsking = true
    let patienceMs = ASK_AGAIN_MS
    while (this.#answered < this.#reasons && !line.signal.aborted) {
      const reason = this.#reasons
      const frames = [...this.#frames]
      const heads = this.#heads
      try {
        const snapshot = await takeSnapshot(line, token, location)
        // Asked before the newest welcome: what it advised is not answered by this.
        if (reason !== this.#reasons) continue
        this.#snapshot = snapshot
        const only = location === undefined ? null : this.stream
        if (isWhole(snapshot, heads, frames, only)) this.#answered = reason
      } catch {
        // D1 away, or the line is dead.
      }
      await wait(patienceMs)
      patienceMs = Math.min(2 * patienceMs, ASK_AGAIN_MAX_MS)
    }
    this.#isAsking = false
  }
}
