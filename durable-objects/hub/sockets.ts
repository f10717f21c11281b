// A hub's hibernating sockets (WS6 to WS13): who they are, when they were last heard, how they are closed.
// What must survive hibernation is in the attachment; what may be forgotten is beside it, in memory.
import * as v from 'valibot'
import { CLOSE_CODES, type CloseCode } from '../../protocol/errors.ts'
import type { Connection } from '../../protocol/api.ts'
import { MAX_UNACKED_ENTRIES } from '../../protocol/limits.ts'
import type { ServerFrame } from '../../protocol/server-frames.ts'
import { fromRuntimeTime, now } from '../clock.ts'
import { isStale } from '../core/presence.ts'
import type { BadFrames, BucketState } from '../core/token-bucket.ts'
import { logLine } from './log-line.ts'

/** Times in milliseconds. Read with suspicion: a socket may have been accepted by an older build. */
const Attachment = v.object({
  v: v.literal(1),
  id: v.string(),
  sub: v.string(),
  role: v.picklist(['admin', 'member', 'display']),
  device: v.nullable(v.string()),
  /** [AU8] The session that the token came from. */
  sid: v.optional(v.string()),
  /** The token's end. */
  exp: v.number(),
  connected: v.number(),
  /** The last frame. */
  heard: v.number(),
  visible: v.boolean(),
  ack: v.number(),
  /** [OP1] What the hub has counted and not reported, on one of its sockets. */
  tally: v.optional(v.record(v.string(), v.number())),
  /** [NO7] Types of live event it listens to; sockets of older builds listen to none. */
  events: v.optional(v.array(v.string()), []),
})
export type Attachment = v.InferOutput<typeof Attachment>

export interface Conn {
  ws: WebSocket
  about: Attachment
  /** Seqs sent since the last acknowledgement (WS12); forgotten by hibernation. */
  unacked: number[]
  bucket: BucketState | null
  badFrames: BadFrames
  warnedOfExpiry: boolean
}

const OPEN = 1

/** A close code that the runtime refuses (1005, 1006, 1015 are never sent) becomes an ordinary one. */
const sendable = (code: number): number =>
  code === 1000 || (code >= 3000 && code < 5000) ? code : 1000

/** [WS11] */
const WARN_BEFORE_EXPIRY_MS = 60_000

/** Looking at every socket's heartbeat costs; this often is often enough. */
const SWEEP_EVERY_MS = 5_000

/** [OP1] Who counts. */
interface Heard {
  /** A text went out. */
  onSent(): void
  /** Silent and expired ones were closed. */
  onSwept(): void
}

export class Sockets {
  #ctx: DurableObjectState
  #heartbeatMs: number
  #heard: Heard
  #known = new WeakMap<WebSocket, Conn>()
  #sweptAt = 0
  /** The earliest end of a token among the sockets, as far as the last sweep and what came since know. */
  #expiryAt = 0

  constructor(ctx: DurableObjectState, heartbeatMs: number, heard: Heard) {
    this.#ctx = ctx
    this.#heartbeatMs = heartbeatMs
    this.#heard = heard
  }

  /** Open sockets, in no order; `of`: one person's, which costs the same however many others there are. */
  open(of?: string): Conn[] {
    const sockets =
      of === undefined ? this.#ctx.getWebSockets() : this.#ctx.getWebSockets(tagOf(of))
    const conns: Conn[] = []
    for (const ws of sockets) {
      if (ws.readyState !== OPEN) continue
      const conn = this.of(ws)
      if (conn) conns.push(conn)
    }
    return conns
  }

  /** [WS11] Open sockets that may still be told something. */
  listening(): Conn[] {
    const at = now()
    return this.open().filter((conn) => conn.about.exp > at)
  }

  /** Null: a socket of an older build, which is asked to come back. */
  of(ws: WebSocket): Conn | null {
    const known = this.#known.get(ws)
    if (known) return known
    const read = v.safeParse(Attachment, ws.deserializeAttachment())
    if (!read.success) {
      closeSafely(ws, 4001, CLOSE_CODES[4001].reason)
      return null
    }
    return this.#remember(ws, read.output)
  }

  /** Accepts without an await, so that nothing is sent between reading the head and here (WS4). */
  accept(ws: WebSocket, about: Attachment): Conn {
    this.#ctx.acceptWebSocket(ws, [tagOf(about.sub)])
    ws.serializeAttachment(about)
    this.#expiryAt = Math.min(this.#expiryAt, about.exp)
    return this.#remember(ws, about)
  }

  update(conn: Conn, change: Partial<Attachment>): void {
    conn.about = { ...conn.about, ...change }
    conn.ws.serializeAttachment(conn.about)
    this.#expiryAt = Math.min(this.#expiryAt, conn.about.exp)
  }

  send(conn: Conn, frame: ServerFrame): void {
    this.sendText(conn, JSON.stringify(frame))
  }

  sendText(conn: Conn, text: string): void {
    try {
      conn.ws.send(text)
      this.#heard.onSent()
    } catch (error) {
      // The one thing that send throws for: the socket closed under us. Resume brings what it missed.
      logLine('socket.send', { connection: conn.about.id }, error)
    }
  }

  /** [WS8] Says why before it closes: locally the close itself reaches a client only after ten seconds. */
  bye(conn: Conn, code: CloseCode, retryAfterMs?: number): void {
    const { reason, retry } = CLOSE_CODES[code]
    this.send(conn, {
      type: 'bye',
      code,
      reason,
      retry: retry !== 'never',
      ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }),
    })
    closeSafely(conn.ws, code, reason)
  }

  /** [WS12] Counts what was sent; a socket that acknowledges nothing is closed. */
  countSent(conn: Conn, seqs: readonly number[]): void {
    conn.unacked.push(...seqs)
    if (conn.unacked.length > MAX_UNACKED_ENTRIES) this.bye(conn, 4008)
  }

  lastSeen(conn: Conn): number {
    const ping = this.#ctx.getWebSocketAutoResponseTimestamp(conn.ws)
    const pinged = ping === null ? 0 : fromRuntimeTime(ping.getTime())
    return Math.max(conn.about.connected, conn.about.heard, pinged)
  }

  isStale(conn: Conn, at: number): boolean {
    return isStale(this.lastSeen(conn), at, this.#heartbeatMs)
  }

  /**
   * [WS6][WS11] At a wake: closes the silent and the expired, warns those about to expire. `beforeClosing` runs first
   * where there is something to look at: presence must still see the silent ones to tell them from a leave.
   */
  sweep(beforeClosing: () => void = () => {}): void {
    const at = now()
    if (Math.abs(at - this.#sweptAt) < SWEEP_EVERY_MS && at < this.#expiryAt) return
    this.#sweptAt = at
    beforeClosing()
    const conns = this.open()
    this.#expiryAt = Math.min(...conns.flatMap(({ about }) => (about.exp > at ? about.exp : [])))
    for (const conn of conns) {
      if (conn.about.exp <= at) this.bye(conn, 4010)
      else if (this.isStale(conn, at)) this.bye(conn, 4009)
      else if (conn.about.exp - at <= WARN_BEFORE_EXPIRY_MS && !conn.warnedOfExpiry) {
        conn.warnedOfExpiry = true
        this.send(conn, { type: 'auth_expiring', at: new Date(conn.about.exp).toISOString() })
      }
    }
    this.#heard.onSwept()
  }

  /** [WS7] Room for one more of this person: the same device's socket and the oldest beyond the limit make way. */
  makeRoom(sub: string, device: string | null, max: number): void {
    const same =
      device === null ? [] : this.open(sub).filter((conn) => conn.about.device === device)
    for (const conn of same) this.bye(conn, 4509)
    const rest = this.#oldestFirst(sub)
    for (const conn of rest.slice(0, Math.max(0, rest.length - max + 1))) this.bye(conn, 4509)
  }

  closeAll(code: CloseCode): void {
    for (const conn of this.open()) this.bye(conn, code)
  }

  /** [OP1] Open sockets; of one person, or all. */
  describe(stream: string, sub?: string): Connection[] {
    return this.#oldestFirst(sub).map((conn) => ({
      connection_id: conn.about.id,
      device: conn.about.device,
      stream,
      connected_at: new Date(conn.about.connected).toISOString(),
      last_seen: new Date(this.lastSeen(conn)).toISOString(),
      visible: conn.about.visible,
    }))
  }

  #oldestFirst(of?: string): Conn[] {
    return this.open(of).toSorted((a, b) => a.about.connected - b.about.connected)
  }

  #remember(ws: WebSocket, about: Attachment): Conn {
    const conn: Conn = {
      ws,
      about,
      unacked: [],
      bucket: null,
      badFrames: [],
      warnedOfExpiry: false,
    }
    this.#known.set(ws, conn)
    return conn
  }
}

/** A person's sockets are found by this tag; a display's `sub` holds a colon, which a tag may. */
const tagOf = (sub: string): string => `sub:${sub}`

/** Closing twice, or a socket that is gone, is no error. */
export function closeSafely(ws: WebSocket, code: number, reason: string): void {
  try {
    ws.close(sendable(code), reason)
  } catch (error) {
    logLine('socket.close', { code }, error)
  }
}
