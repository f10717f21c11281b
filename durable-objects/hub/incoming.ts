// [WS9 to WS12] What a client says on an open socket: limits first, then the frames every hub understands.
import { countBadFrame, take } from '../core/token-bucket.ts'
import { errorFrame, readText, type Incoming } from '../core/incoming.ts'
import type { ClientFrame } from '../../protocol/client-frames.ts'
import { ERRORS, type CloseCode, type ErrorCode } from '../../protocol/errors.ts'
import { verifyAccessToken } from '../access-token.ts'
import { now } from '../clock.ts'
import type { Identity } from '../rpc.ts'
import type { Hub } from './hub.ts'
import { logLine } from './log-line.ts'
import type { Attachment, Conn } from './sockets.ts'

/** What became of a frame: fine, or an error that the client is told, and may be the end of the socket. */
export type Verdict =
  | { ok: true }
  | { ok: false; code: ErrorCode; message: string; close?: CloseCode }

export const fine: Verdict = { ok: true }
export const wrong = (code: ErrorCode, message: string) => ({ ok: false, code, message }) as const

/** What one kind of hub adds. */
export interface Rules {
  /** Frames of its own; what it does not know is a bad frame (WS9). */
  act(conn: Conn, frame: ClientFrame): Promise<Verdict> | Verdict
  /** As whom somebody may listen here (AU7); null: not at all. */
  roleOf(identity: Identity): Attachment['role'] | null
}

/** Handles one text, frame by frame in order. */
export async function handleText(
  hub: Hub,
  conn: Conn,
  data: string | ArrayBuffer,
  rules: Rules,
): Promise<void> {
  const at = now()
  // This very wake may have closed it.
  if (conn.ws.readyState !== 1) return
  if (conn.about.exp <= at) return hub.sockets.bye(conn, 4010)
  hub.sockets.update(conn, { heard: at })
  hub.stats.count('received')
  for (const incoming of readText(data)) {
    if (conn.ws.readyState !== 1) return
    if (!underRate(hub, conn, incoming)) continue
    if (incoming.kind === 'refused') refuse(hub, conn, incoming)
    else await handleFrame(hub, conn, incoming.frame, rules)
  }
}

const reOf = (incoming: Incoming): string | undefined =>
  incoming.kind === 'refused' ? incoming.re : incoming.frame.id

/** [WS10] */
function underRate(hub: Hub, conn: Conn, incoming: Incoming): boolean {
  const taken = take(conn.bucket, now())
  conn.bucket = taken.state
  if (taken.ok) return true
  if (taken.close) {
    hub.sockets.bye(conn, 4029, taken.retryAfterMs)
    return false
  }
  hub.stats.count('errors')
  const re = reOf(incoming)
  hub.sockets.send(
    conn,
    errorFrame('rate_limited', 'Too many frames; this one was not taken.', {
      retry_after_ms: taken.retryAfterMs,
      ...(re !== undefined && { re }),
    }),
  )
  return false
}

async function handleFrame(hub: Hub, conn: Conn, frame: ClientFrame, rules: Rules): Promise<void> {
  const verdict = await perform(hub, conn, frame, rules)
  const re = frame.id
  if (!verdict.ok) {
    const { code, message, close } = verdict
    refuse(hub, conn, { kind: 'refused', code, message, ...(re !== undefined && { re }) })
    if (close !== undefined) hub.sockets.bye(conn, close)
    return
  }
  if (re !== undefined) hub.sockets.send(conn, { type: 'ok', re })
}

/** [WS9] Bad frames are counted; other errors are answers. */
function refuse(hub: Hub, conn: Conn, refused: Extract<Incoming, { kind: 'refused' }>): void {
  const { code, message, re } = refused
  hub.stats.count('errors')
  hub.sockets.send(conn, errorFrame(code, message, re === undefined ? {} : { re }))
  if (code !== 'bad_frame' && code !== 'too_large') return
  const counted = countBadFrame(conn.badFrames, now())
  conn.badFrames = counted.state
  if (counted.close) hub.sockets.bye(conn, 4500)
}

/** A frame that we cannot handle is our fault: its sender hears so, and the frames behind it are heard. */
async function perform(hub: Hub, conn: Conn, frame: ClientFrame, rules: Rules): Promise<Verdict> {
  try {
    switch (frame.type) {
      case 'ack':
        return acknowledge(hub, conn, frame.seq)
      case 'auth':
        return await renew(hub, conn, frame.token, rules)
      default:
        return await rules.act(conn, frame)
    }
  } catch (error) {
    logLine('frame.failed', { stream: hub.stream, type: frame.type }, error)
    return wrong('internal', ERRORS.internal.title)
  }
}

/** [WS12][AR6] Lives in the attachment: no row is written. */
function acknowledge(hub: Hub, conn: Conn, seq: number): Verdict {
  if (seq > hub.log.head) return wrong('bad_frame', 'seq: above the head of the stream')
  conn.unacked = conn.unacked.filter((sent) => sent > seq)
  if (seq > conn.about.ack) hub.sockets.update(conn, { ack: seq })
  return fine
}

/** [WS11] A fresh token of the same subject; the socket goes on with its rights. */
async function renew(hub: Hub, conn: Conn, token: string, rules: Rules): Promise<Verdict> {
  const verified = await verifyAccessToken(token, hub.keyring, now())
  if (!verified.ok) return wrong('unauthorized', 'The token is not valid.')
  const { sub, sid, exp } = verified.identity
  if (hub.signOuts.has(sid)) return wrong('unauthorized', 'The session has ended: sign in again.')
  if (sub !== conn.about.sub) return wrong('forbidden', 'The token belongs to somebody else.')
  const role = rules.roleOf(verified.identity)
  if (!role) {
    return { ...wrong('forbidden', 'The token does not let you in here.'), close: 4503 }
  }
  conn.warnedOfExpiry = false
  hub.sockets.update(conn, { role, sid, exp: exp * 1_000 })
  return fine
}
