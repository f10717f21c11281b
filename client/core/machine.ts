// The connection's whole state, what can happen to it, and what it asks its shell to do. Types and small helpers.
import type { ClientFrame } from '../../protocol/client-frames.ts'
import type { ServerFrame } from '../../protocol/server-frames.ts'
import type { Hint, HttpOutcome, Millis, StopReason } from '../types.ts'
import { DEFAULT_RANGE, type DelayRange } from './backoff.ts'

/** Where the stream was left: resume goes on from here (WS4). `acked` is the newest seq the hub was told of. */
export interface Cursor {
  epoch: string
  seq: number
  acked: number
}

export interface Live {
  name: 'live'
  connectionId: string
  stream: string
  since: Millis
  heartbeatMs: Millis
  pingAt: Millis
  /** Pings that wait for their pongs. `probe`: after a wake-up, where less patience is due (WS5). */
  pong: { deadline: Millis; probe: boolean; owed: number } | null
  /** No acknowledgement before this (WS12). */
  ackAt: Millis
  /** When to bring a new token; null while one is on its way. */
  authAt: Millis | null
}

export type Phase =
  | { name: 'idle' }
  | { name: 'offline'; retryAt: Millis }
  | { name: 'connecting'; deadline: Millis }
  | { name: 'resuming'; deadline: Millis; tokenEndsAt: Millis }
  | Live
  /** `notBefore`: the hub asked for this much patience; no hint shortens it. */
  | { name: 'waiting'; retryAt: Millis; notBefore: Millis }
  | { name: 'paused'; notBefore: Millis }
  | { name: 'stopped'; reason: StopReason; code: number | null }

export interface Machine {
  phase: Phase
  cursor: Cursor | null
  /** Failures since the connection was last stable. */
  attempt: number
  /** Openings in a row that ended without a word of the hub: a browser does not say why (WS2). */
  unwelcomed: number
  /** Such a row while HTTP answers: sockets are blocked here. The tries go on, the inbox asks for itself. */
  isDegraded: boolean
  /** What HTTP last said, since the newest opening began. */
  http: HttpOutcome | null
  /** When the newest openings began. */
  openings: readonly Millis[]
  /** The next opening needs a new token. */
  refresh: boolean
  visible: boolean
  online: boolean
  range: DelayRange
  maxAttempts: number
}

export type ConnectionEvent =
  | { type: 'start'; visible: boolean; online: boolean }
  | { type: 'stop' }
  | { type: 'restart' }
  /** The socket is open; its token ends then. */
  | { type: 'opened'; tokenEndsAt: Millis }
  | { type: 'frames'; frames: readonly ServerFrame[] }
  | { type: 'pong' }
  | { type: 'closed'; code: number }
  /** No token for an opening. `final`: asking again by itself is of no use. */
  | { type: 'token_failed'; final: boolean }
  /** A new token went out on the open socket. */
  | { type: 'authorized'; tokenEndsAt: Millis }
  | { type: 'authorize_failed'; final: boolean }
  | { type: 'hint'; hint: Hint }
  /** How a request over HTTP went. */
  | { type: 'http'; outcome: HttpOutcome }
  /** The deadline that the machine named has come. */
  | { type: 'tick' }

export type Effect =
  /** Get a token, open a socket. Any other socket was closed before. */
  | { kind: 'open'; refresh: boolean; cursor: Cursor | null }
  | { kind: 'close' }
  /** Find out whether HTTP works; an `http` event says so. */
  | { kind: 'ask_http' }
  | { kind: 'ping' }
  | { kind: 'send'; frame: ClientFrame }
  /** Bring a token that lives on, in an `auth` frame (WS11). `refresh`: the hub says that the one we have does not. */
  | { kind: 'authorize'; refresh: boolean }
  | { kind: 'deliver'; frames: readonly ServerFrame[] }

export interface Step {
  machine: Machine
  effects: Effect[]
}

/** The outer world of one step: the time, and one roll of the dice from 0 up to 1. */
export interface Env {
  now: Millis
  roll: number
}

export const INITIAL: Machine = {
  phase: { name: 'idle' },
  cursor: null,
  attempt: 0,
  unwelcomed: 0,
  isDegraded: false,
  http: null,
  openings: [],
  refresh: false,
  visible: true,
  online: true,
  range: DEFAULT_RANGE,
  maxAttempts: 10,
}

/** A step that only moves on to another phase. */
export const to = (machine: Machine, phase: Phase, effects: Effect[] = []): Step => ({
  machine: { ...machine, phase },
  effects,
})

/** One step after the other, their effects in order. */
export function andThen(first: Step, next: (machine: Machine) => Step): Step {
  const second = next(first.machine)
  return { machine: second.machine, effects: [...first.effects, ...second.effects] }
}
