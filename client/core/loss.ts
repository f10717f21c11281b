// From a lost socket to the next one: which ladder, how long, and when to give up.
import { backoffMs, SLOW_RANGE } from './backoff.ts'
import type { Verdict } from './closing.ts'
import { assertNever } from './assert-never.ts'
import { to, type Env, type Machine, type Step } from './machine.ts'

/** Opening takes this long at most: token, handshake; and the same again for the welcome. */
export const OPEN_TIMEOUT_MS = 10_000

/** Only a connection that held this long counts as one: else a hub that drops everybody at once is hammered. */
export const STABLE_MS = 10_000

/** A browser may be wrong about being offline (VPNs, virtual adapters), so it is not the last word. */
export const OFFLINE_RETRY_MS = 30_000

/** This many openings in a row that were never open look like a refusal, not like a bad moment. */
export const REFUSED_AFTER = 3

/** Opens a socket now. Whatever there was before is gone. */
export function connect(machine: Machine, env: Env): Step {
  const { refresh, cursor } = machine
  return to(
    { ...machine, refresh: false },
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

/** An opening failed before the socket was open: no network, no server, or a refused upgrade (WS2). */
export function loseUnopened(machine: Machine, env: Env): Step {
  const unopened = machine.unopened + 1
  // It may have been a 401: try once with a new token, not each time.
  const refresh = unopened === REFUSED_AFTER - 1
  return lose({ ...machine, unopened, refresh }, { kind: 'soon' }, env)
}

function delay(machine: Machine, env: Env) {
  const refusals = machine.unopened - REFUSED_AFTER
  if (refusals < 0) return backoffMs(machine.attempt, machine.range, env.roll)
  return backoffMs(refusals, SLOW_RANGE, env.roll)
}

/** Waits, unless nobody looks, there is no network, or it was tried often enough. */
function comeBack(machine: Machine, env: Env, delayMs: number, patienceMs: number): Step {
  const notBefore = env.now + patienceMs
  if (!machine.visible) return to(machine, { name: 'paused', notBefore })
  if (!machine.online) return to(machine, { name: 'offline', retryAt: env.now + OFFLINE_RETRY_MS })
  if (machine.attempt >= machine.maxAttempts) {
    return to(machine, { name: 'stopped', reason: 'gave_up', code: null })
  }
  const counted = { ...machine, attempt: machine.attempt + 1 }
  return to(counted, { name: 'waiting', retryAt: env.now + delayMs, notBefore })
}
