// [WS9 to WS12] What a client says on an open socket: limits first, then the frames every hub understands.
import { countBadFrame, take } from '../core/token-bucket.ts'
import { errorFrame, readText, type Incoming } from '../core/incoming.ts'
import type { ClientFrame } from '../../protocol/client-frames.ts'
import type { ErrorCode } from '../../protocol/errors.ts'
import { verifyAccessToken } from '../access-token.ts'
import { now } from '../clock.ts'
import type { Hub } from './hub.ts'
import type { Conn } from './sockets.ts'

/** What became of a frame: fine, or an error that the client is told. */
export type Verdict = { ok: true } | { ok: false; code: ErrorCode; message: string }

export const fine: Verdict = { ok: true }
export const wrong = (code: ErrorCode, message: string): Verdict => ({ ok: false, code, message })

/** Frames of one kind of hub; what it does not know is a bad frame (WS9). */
export type Act = (conn: Conn, frame: ClientFrame) => Promise<Verdict> | Verdict

/** Handles one text, frame by frame in order. */
export async function handleText(
  hub: Hub,
  conn: Conn,
  data: string | ArrayBuffer,
  act: Act,
): Promise<void> {
  const at = now()
  if (conn.about.exp <= at) return hub.sockets.bye(conn, 4010)
  hub.sockets.update(conn, { heard: at })
  for (const incoming of readText(data)) {
    if (conn.ws.readyState !== 1) return
    if (!underRate(hub, conn, incoming)) continue
    if (incoming.kind === 'refused') refuse(hub, conn, incoming)
    else await handleFrame(hub, conn, incoming.frame, act)
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

async function handleFrame(hub: Hub, conn: Conn, frame: ClientFrame, act: Act): Promise<void> {
  const verdict = await perform(hub, conn, frame, act)
  const re = frame.id
  if (!verdict.ok) {
    const { code, message } = verdict
    return refuse(hub, conn, { kind: 'refused', code, message, ...(re !== undefined && { re }) })
  }
  if (re !== undefined) hub.sockets.send(conn, { type: 'ok', re })
}

/** [WS9] Bad frames are counted; other errors are answers. */
function refuse(hub: Hub, conn: Conn, refused: Extract<Incoming, { kind: 'refused' }>): void {
  const { code, message, re } = refused
  hub.sockets.send(conn, errorFrame(code, message, re === undefined ? {} : { re }))
  if (code !== 'bad_frame' && code !== 'too_large') return
  const counted = countBadFrame(conn.badFrames, now())
  conn.badFrames = counted.state
  if (counted.close) hub.sockets.bye(conn, 4500)
}

function perform(hub: Hub, conn: Conn, frame: ClientFrame, act: Act): Promise<Verdict> | Verdict {
  switch (frame.type) {
    case 'ack':
      return acknowledge(hub, conn, frame.seq)
    case 'auth':
      return renew(hub, conn, frame.token)
    default:
      return act(conn, frame)
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
async function renew(hub: Hub, conn: Conn, token: string): Promise<Verdict> {
  const verified = await verifyAccessToken(token, hub.keyring, now())
  if (!verified.ok) return wrong('unauthorized', 'The token is not valid.')
  const { sub, role, exp } = verified.identity
  if (sub !== conn.about.sub || role === 'service') {
    return wrong('forbidden', 'The token belongs to somebody else.')
  }
  conn.warnedOfExpiry = false
  hub.sockets.update(conn, { role, exp: exp * 1_000 })
  return fine
}
