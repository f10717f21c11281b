// A live connection: heartbeat and probe (WS5), acknowledgements (WS12), tokens (WS11), and what frames do to it.
import { PONG_TIMEOUT_MS, WAKE_PONG_TIMEOUT_MS } from '../../protocol/limits.ts'
import type { ServerFrame, WelcomeFrame } from '../../protocol/server-frames.ts'
import type { Millis } from '../types.ts'
import { verdictOfBye } from './closing.ts'
import { lose } from './loss.ts'
import {
  andThen,
  to,
  type Cursor,
  type Effect,
  type Env,
  type Live,
  type Machine,
  type Step,
} from './machine.ts'

/** [WS12] */
export const ACK_INTERVAL_MS = 1_000

/** [WS11] The hub asks for a new token this long before the old one ends; so does this side by itself. */
export const AUTH_AHEAD_MS = 60_000

/** A token source that fails for a moment is asked again after this. */
const AUTH_RETRY_MS = 10_000

/** A timer this late means that the machine slept: the network it had may be gone. */
const SLEPT_MS = 5_000

/** [WS3][WS4] The hub's first frame: the stream goes on where it was left, or from its head. */
export function welcomed(machine: Machine, welcome: WelcomeFrame, endsAt: Millis, env: Env): Step {
  const { heartbeat_interval_s, reconnect } = welcome
  const heartbeatMs = heartbeat_interval_s * 1_000
  const live: Live = {
    name: 'live',
    connectionId: welcome.connection_id,
    stream: welcome.stream,
    since: env.now,
    heartbeatMs,
    pingAt: env.now + heartbeatMs,
    pong: null,
    ackAt: env.now,
    authAt: authAt(endsAt, env),
  }
  const next: Machine = {
    ...machine,
    phase: live,
    cursor: resumedCursor(machine.cursor, welcome),
    unwelcomed: 0,
    isDegraded: false,
    range: { min: reconnect.min_ms, max: reconnect.max_ms },
    maxAttempts: reconnect.max_attempts,
  }
  // A socket counts as visible until it says otherwise.
  const effects: Effect[] = machine.visible ? [] : [tellVisible(false)]
  return { machine: next, effects }
}

function resumedCursor(cursor: Cursor | null, welcome: WelcomeFrame): Cursor {
  if (welcome.recovered && cursor && cursor.epoch === welcome.epoch) return cursor
  return { epoch: welcome.epoch, seq: welcome.seq, acked: welcome.seq }
}

/** Frames of a live connection, in order. A bye ends it: what came before it counts, nothing after it. */
export function heard(machine: Machine, frames: readonly ServerFrame[], env: Env): Step {
  const bye = frames.findIndex((frame) => frame.type === 'bye')
  const heardFrames = bye === -1 ? frames : frames.slice(0, bye + 1)
  const delivered = deliver(machine, heardFrames)
  const last = heardFrames.at(-1)
  if (last?.type === 'bye') {
    return andThen({ ...delivered, effects: [...delivered.effects, { kind: 'close' }] }, (next) =>
      lose(next, verdictOfBye(last), env),
    )
  }
  const expiring = heardFrames.some((frame) => frame.type === 'auth_expiring')
  const asked = expiring ? andThen(delivered, (next) => authorize(next, true)) : delivered
  return andThen(asked, (next) => acknowledge(next, env))
}

/** [ST3] A seq at or below the cursor was delivered before. */
function deliver(machine: Machine, frames: readonly ServerFrame[]): Step {
  let cursor = machine.cursor
  const fresh = frames.filter((frame) => {
    if (!cursor || frame.type === 'welcome' || !('seq' in frame)) return true
    if (frame.seq <= cursor.seq) return false
    cursor = { ...cursor, seq: frame.seq }
    return true
  })
  const effects: Effect[] = fresh.length > 0 ? [{ kind: 'deliver', frames: fresh }] : []
  return { machine: { ...machine, cursor }, effects }
}

function acknowledge(machine: Machine, env: Env): Step {
  const { phase, cursor } = machine
  if (phase.name !== 'live' || !cursor || cursor.seq <= cursor.acked || env.now < phase.ackAt) {
    return { machine, effects: [] }
  }
  return to(
    { ...machine, cursor: { ...cursor, acked: cursor.seq } },
    { ...phase, ackAt: env.now + ACK_INTERVAL_MS },
    [{ kind: 'send', frame: { type: 'ack', seq: cursor.seq } }],
  )
}

/** Asks for a new token once; while one is on its way nothing is asked again. */
function authorize(machine: Machine, refresh: boolean): Step {
  const { phase } = machine
  if (phase.name !== 'live' || phase.authAt === null) return { machine, effects: [] }
  return to(machine, { ...phase, authAt: null }, [{ kind: 'authorize', refresh }])
}

export const authAt = (endsAt: Millis, env: Env): Millis =>
  Math.max(endsAt - AUTH_AHEAD_MS, env.now + AUTH_RETRY_MS)

/** No token came. For good: the hub will end the socket when the old one ends, and that says why. */
export function authorizeFailed(machine: Machine, live: Live, final: boolean, env: Env): Step {
  return to(machine, { ...live, authAt: final ? Infinity : env.now + AUTH_RETRY_MS })
}

/** [WS5] Wake-up: never trust an open socket after sleep. A probe that runs is not started again. */
export function probe(machine: Machine, live: Live, env: Env): Step {
  if (live.pong?.probe) return { machine, effects: [] }
  const owed = (live.pong?.owed ?? 0) + 1
  const pong = { deadline: env.now + WAKE_PONG_TIMEOUT_MS, probe: true, owed }
  return to(machine, { ...live, pong, pingAt: env.now + live.heartbeatMs }, [{ kind: 'ping' }])
}

/** A pong from before the sleep may have waited in a buffer: only the one for the last ping counts. */
export function ponged(machine: Machine, live: Live): Step {
  const { pong } = live
  return to(machine, {
    ...live,
    pong: pong && pong.owed > 1 ? { ...pong, owed: pong.owed - 1 } : null,
  })
}

export const tellVisible = (visible: boolean): Effect => ({
  kind: 'send',
  frame: { type: 'state', visible },
})

/** The soonest thing that a live connection has to do by itself. */
export function liveDeadline(machine: Machine, live: Live): Millis {
  const { cursor } = machine
  const acknowledgeAt = cursor && cursor.seq > cursor.acked ? live.ackAt : Infinity
  return Math.min(
    live.pingAt,
    live.pong?.deadline ?? Infinity,
    acknowledgeAt,
    live.authAt ?? Infinity,
  )
}

/** One of those is due. */
export function liveTick(machine: Machine, live: Live, env: Env): Step {
  const { pong } = live
  if (pong && env.now >= pong.deadline) {
    // An ordinary pong may have been missed asleep; a probe's was waited for wide awake.
    const slept = !pong.probe && env.now - pong.deadline >= SLEPT_MS
    if (slept) return probe(machine, live, env)
    return andThen(to(machine, live, [{ kind: 'close' }]), (next) =>
      lose(next, { kind: 'soon' }, env),
    )
  }
  const beaten = env.now >= live.pingAt ? beat(machine, live, env) : to(machine, live)
  const due = live.authAt !== null && env.now >= live.authAt
  const asked = due ? andThen(beaten, (next) => authorize(next, false)) : beaten
  return andThen(asked, (next) => acknowledge(next, env))
}

function beat(machine: Machine, live: Live, env: Env): Step {
  if (env.now - live.pingAt >= SLEPT_MS) return probe(machine, live, env)
  const pingAt = env.now + live.heartbeatMs
  if (live.pong) return to(machine, { ...live, pingAt })
  const pong = { deadline: env.now + PONG_TIMEOUT_MS, probe: false, owed: 1 }
  return to(machine, { ...live, pingAt, pong }, [{ kind: 'ping' }])
}
