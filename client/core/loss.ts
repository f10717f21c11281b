// From a lost socket to the next one: which ladder, how long, and when to give up.
import { backoffMs, DEGRADED_RANGE, SLOW_RANGE } from './backoff.ts'
import type { HttpOutcome } from '../types.ts'
import type { Verdict } from './closing.ts'
import { assertNever } from './assert-never.ts'
import { andThen, to, type Env, type Machine, type Step } from './machine.ts'

/** Opening takes this long at most: token, handshake; and the same again for the welcome. */
export const OPEN_TIMEOUT_MS = 10_000

/** Only a connection that held this long counts as one: else a hub that drops everybody at once is hammered. */
export const STABLE_MS = 10_000

/** A browser may be wrong about being offline (VPNs, virtual adapters), so it is not the last word. */
export const OFFLINE_RETRY_MS = 30_000

/** This many openings in a row without a word of the hub look like a refusal, not like a bad moment. */
export const REFUSED_AFTER = 3

/** Hints shorten every wait, and a network may flap: no more openings than this within a minute. */
export const MAX_OPENINGS = 12
export const OPENINGS_WINDOW_MS = 60_000

/** Opens a socket, at once unless too many were opened just now. Whatever there was before is gone. */
export function connect(machine: Machine, env: Env): Step {
  const { openings } = machine
  const freeAt = (openings.at(-MAX_OPENINGS) ?? -Infinity) + OPENINGS_WINDOW_MS
  if (env.now < freeAt && env.now >= freeAt - OPENINGS_WINDOW_MS) {
    return to(machine, { name: 'waiting', retryAt: freeAt, notBefore: freeAt })
  }
  return open(machine, env)
}

/** Opens a socket now, since a person wants it. */
export function open(machine: Machine, env: Env): Step {
  const { refresh, cursor } = machine
  const openings = [...machine.openings, env.now].slice(-MAX_OPENINGS)
  return to(
    { ...machine, refresh: false, http: null, openings },
    { name: 'connecting', deadline: env.now + OPEN_TIMEOUT_MS },
    [{ kind: 'open', refresh, cursor }],
  )
}

/** A socket that was open, or about to be, is no more. */
export function lose(machine: Machine, verdict: Verdict, env: Env): Step {
  const stable = machine.phase.name === 'live' && env.now - machine.phase.since >= STABLE_MS
  const base = stable ? { ...machine, attempt: 0 } : machine
  switch (verdict.kind) {
    case 'never':
      return to(base, { name: 'stopped', reason: verdict.reason, code: verdict.code })
    case 'after_refresh':
      // Once at once; a hub that ends fresh tokens too gets the ladder.
      return base.attempt === 0 && base.visible && base.online
        ? connect({ ...base, refresh: true, attempt: 1 }, env)
        : comeBack({ ...base, refresh: true }, env, delay(base, env), 0)
    case 'at':
      return comeBack(base, env, verdict.delayMs, verdict.delayMs)
    case 'slowly': {
      const ms = backoffMs(base.attempt, SLOW_RANGE, env.roll)
      return comeBack(base, env, ms, ms)
    }
    case 'soon':
      return comeBack(base, env, delay(base, env), 0)
    default:
      return assertNever(verdict)
  }
}

/**
 * An opening ended before the hub said anything: no network, no server, a refused upgrade (WS2), or somebody in between
 * who refuses it, ends it, or lets nothing through.
 */
export function loseUnwelcomed(machine: Machine, env: Env): Step {
  const unwelcomed = machine.unwelcomed + 1
  // It may have been a 401: try once with a new token, not each time.
  const refresh = unwelcomed === REFUSED_AFTER - 1
  const next = { ...machine, unwelcomed, refresh }
  const isRow = unwelcomed >= REFUSED_AFTER || next.attempt >= next.maxAttempts
  if (!isRow || !next.visible || !next.online) return lose(next, { kind: 'soon' }, env)
  if (next.http === 'refused') return lose(next, REFUSED, env)
  if (next.http === 'answered' || next.isDegraded) return waitDegraded(next, env)
  return andThen(lose(next, { kind: 'soon' }, env), (lost) =>
    to(lost, lost.phase, [{ kind: 'ask_http' }]),
  )
}

const REFUSED: Verdict = { kind: 'never', reason: 'unauthorized', code: null }

/** Not an outage: nothing counts towards giving up, and an outage that comes later has all its tries. */
const degraded = (machine: Machine): Machine => ({
  ...machine,
  isDegraded: true,
  unwelcomed: REFUSED_AFTER,
  attempt: 0,
})

function waitDegraded(machine: Machine, env: Env): Step {
  const retryAt = env.now + backoffMs(0, DEGRADED_RANGE, env.roll)
  return to(degraded(machine), { name: 'waiting', retryAt, notBefore: 0 })
}

/** Sockets do not get through; a request has shown whether HTTP does. */
export function httpHeard(machine: Machine, http: HttpOutcome, env: Env): Step {
  const { phase, visible } = machine
  const told = { ...machine, http, isDegraded: machine.isDegraded && http !== 'unreachable' }
  if (phase.name === 'stopped') {
    // It gave up on a server that is there again.
    const isBack = phase.reason === 'gave_up' && http === 'answered' && visible
    return isBack ? connect(degraded(told), env) : to(told, phase)
  }
  if (phase.name !== 'waiting' || machine.unwelcomed < REFUSED_AFTER) return to(told, phase)
  if (http === 'refused') return lose(told, REFUSED, env)
  if (http === 'unreachable') {
    return machine.isDegraded ? lose(told, { kind: 'soon' }, env) : to(told, phase)
  }
  return told.isDegraded ? to(told, phase) : waitDegraded(told, env)
}

function delay(machine: Machine, env: Env) {
  const refusals = machine.unwelcomed - REFUSED_AFTER
  if (refusals < 0) return backoffMs(machine.attempt, machine.range, env.roll)
  return backoffMs(refusals, SLOW_RANGE, env.roll)
}

/** Waits, unless nobody looks, there is no network, or it was tried often enough. */
function comeBack(machine: Machine, env: Env, delayMs: number, patienceMs: number): Step {
  const notBefore = env.now + patienceMs
  if (!machine.visible) return to(machine, { name: 'paused', notBefore })
  const lost = { ...machine, isDegraded: false }
  if (!machine.online) return to(lost, { name: 'offline', retryAt: env.now + OFFLINE_RETRY_MS })
  if (machine.attempt >= machine.maxAttempts) {
    return to(lost, { name: 'stopped', reason: 'gave_up', code: null })
  }
  const counted = { ...lost, attempt: machine.attempt + 1 }
  return to(counted, { name: 'waiting', retryAt: env.now + delayMs, notBefore })
}
