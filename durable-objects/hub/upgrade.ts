// [WS1 to WS7] A new socket on a hub. The worker has verified the token; the hub decides by its own copy of the directory.
import { uuidv7 } from 'uuidv7'
import { ERRORS, problemType, type ErrorCode } from '../../protocol/errors.ts'
import { FRAME_BURST, FRAMES_PER_SECOND, MAX_FRAME_BYTES } from '../../protocol/limits.ts'
import type { WelcomeFrame } from '../../protocol/server-frames.ts'
import { PROTOCOL_VERSION, SUBPROTOCOL } from '../../protocol/version.ts'
import { now } from '../clock.ts'
import { joinFrames } from '../core/batches.ts'
import { planResume } from '../core/resume.ts'
import { SOCKET_HEADER, type SocketRequest } from '../rpc.ts'
import type { LogEntry } from '../store/log.ts'
import type { Hub } from './hub.ts'
import type { Attachment, Conn } from './sockets.ts'

/** First retries are spread over this range; a client starts its ladder here (WS3). */
const RECONNECT_MIN_MS = 500
const RECONNECT_MAX_MS = 30_000

/** The worker wrote this header after it dropped any that came from outside. */
export function readSocketRequest(request: Request): SocketRequest {
  return JSON.parse(request.headers.get(SOCKET_HEADER) ?? '') as SocketRequest
}

/** A refused upgrade is an ordinary HTTP answer (WS2). */
export function refuseUpgrade(request: Request, code: ErrorCode, detail: string): Response {
  const { status, title, temporary } = ERRORS[code]
  const body = {
    type: problemType(code),
    title,
    status,
    detail,
    code,
    request_id: request.headers.get('x-request-id') ?? '',
  }
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(temporary && { 'retry-after': '1' }),
    },
  })
}

export interface Opening {
  asked: SocketRequest
  role: Attachment['role']
  /** What the welcome says besides what every welcome says. */
  extra: Partial<WelcomeFrame>
  /** The serialised frame of a kept entry for this reader; null: it may not see it. */
  frameFor(entry: LogEntry, conn: Conn): string | null
}

/**
 * Accepts a socket: room, resume, welcome and what was missed, in one go. Synchronous on purpose: from reading
 * the head to accepting nothing is awaited, so no entry falls between replay and live (WS4).
 */
export function acceptSocket(hub: Hub, request: Request, opening: Opening): Response {
  const { identity, device } = opening.asked
  if (hub.signOuts.has(identity.sid)) {
    return refuseUpgrade(request, 'unauthorized', 'The session has ended: sign in again.')
  }
  hub.outbound.flush()
  hub.sockets.makeRoom(identity.sub, device, hub.settings.maxConnections)
  const { 0: client, 1: server } = new WebSocketPair()
  const at = now()
  const conn = hub.sockets.accept(server, {
    v: 1,
    id: uuidv7(),
    sub: identity.sub,
    role: opening.role,
    device,
    sid: identity.sid,
    exp: identity.exp * 1_000,
    connected: at,
    heard: at,
    visible: true,
    ack: 0,
    events: [],
  })
  const resume = planResume(
    {
      epoch: hub.epoch,
      head: hub.log.head,
      trimmed: hub.log.trimmed,
      floor: hub.meta.get('floor'),
    },
    opening.asked,
  )
  const welcome = welcomeFrame(hub, conn, resume.recovered, opening.extra)
  const missed = resume.recovered ? replay(hub, conn, resume.after, opening) : []
  for (const text of joinFrames([JSON.stringify(welcome), ...missed])) {
    hub.sockets.sendText(conn, text)
  }
  hub.stats.count('opened')
  if (opening.asked.since !== null) hub.stats.count('reconnections')
  if (resume.recovered) hub.stats.count('resumes')
  hub.stats.settle()
  const offered = request.headers.get('sec-websocket-protocol')?.split(/\s*,\s*/) ?? []
  return new Response(null, {
    status: 101,
    webSocket: client,
    ...(offered.includes(SUBPROTOCOL) && { headers: { 'sec-websocket-protocol': SUBPROTOCOL } }),
  })
}

function welcomeFrame(
  hub: Hub,
  conn: Conn,
  recovered: boolean,
  extra: Partial<WelcomeFrame>,
): WelcomeFrame {
  return {
    type: 'welcome',
    protocol: PROTOCOL_VERSION,
    stream: hub.stream,
    epoch: hub.epoch,
    seq: hub.log.head,
    recovered,
    connection_id: conn.about.id,
    heartbeat_interval_s: hub.settings.heartbeatMs / 1_000,
    limits: {
      max_frame_bytes: MAX_FRAME_BYTES,
      burst: FRAME_BURST,
      per_second: FRAMES_PER_SECOND,
    },
    reconnect: {
      min_ms: RECONNECT_MIN_MS,
      max_ms: RECONNECT_MAX_MS,
      max_attempts: hub.settings.reconnectAttempts,
    },
    server_time: new Date(now()).toISOString(),
    ...extra,
  }
}

/** [WS4] Replaced and cancelled ones are skipped, and expired ones that replaced nothing. */
function replay(hub: Hub, conn: Conn, after: number, opening: Opening): string[] {
  const at = now()
  return hub.log
    .since(after, hub.log.head - after)
    .filter((entry) => isNews(entry, at))
    .flatMap((entry) => opening.frameFor(entry, conn) ?? [])
}

/** Neither replaced nor cancelled nor expired. */
export const isShown = (entry: LogEntry, at: number): boolean =>
  entry.gone === 0 && (entry.expires_at === null || entry.expires_at > at)

/**
 * Is there something in it for who was away? An entry that is over still is, where it may have taken the place of one
 * that the reader holds (NO6).
 */
export const isNews = (entry: LogEntry, at: number): boolean =>
  isShown(entry, at) || (entry.gone === 0 && entry.collapse_key !== null)
