// The connection as a pure state machine: state, event and time in, state and effects out. It knows
// nothing of sockets, timers or browsers; the shell in ../connection.ts performs what it asks for.
import type { ServerFrame } from '../../protocol/server-frames.ts'
import type { ConnectionState, Hint, Millis } from '../types.ts'
import { assertNever } from './assert-never.ts'
import { isOfHub, verdictOfClose, verdictOfBye } from './closing.ts'
import {
  authAt,
  authorizeFailed,
  heard,
  liveDeadline,
  liveTick,
  ponged,
  probe,
  tellVisible,
  welcomed,
} from './live.ts'
import { connect, httpHeard, lose, loseUnwelcomed, open, OPEN_TIMEOUT_MS } from './loss.ts'
import { andThen, to, type ConnectionEvent, type Env, type Machine, type Step } from './machine.ts'

type Started = Extract<ConnectionEvent, { type: 'start' }>

const stay = (machine: Machine): Step => ({ machine, effects: [] })

/** What happens next. Events that a phase has no use for change nothing. */
export function step(machine: Machine, event: ConnectionEvent, env: Env): Step {
  switch (event.type) {
    case 'start':
      return start(machine, event, env)
    case 'stop':
      return machine.phase.name === 'idle' ? stay(machine) : stop(machine)
    case 'restart':
      return restart(machine, env)
    case 'opened':
      return opened(machine, event.tokenEndsAt, env)
    case 'frames':
      return framesCame(machine, event.frames, env)
    case 'pong':
      return machine.phase.name === 'live' ? ponged(machine, machine.phase) : stay(machine)
    case 'closed':
      return closed(machine, event.code, env)
    case 'token_failed':
      return tokenFailed(machine, event.final, env)
    case 'authorized':
      return machine.phase.name === 'live'
        ? to(machine, { ...machine.phase, authAt: authAt(event.tokenEndsAt, env) })
        : stay(machine)
    case 'authorize_failed':
      return machine.phase.name === 'live'
        ? authorizeFailed(machine, machine.phase, event.final, env)
        : stay(machine)
    case 'hint':
      return hinted(machine, event.hint, env)
    case 'http':
      return httpHeard(machine, event.outcome, env)
    case 'tick':
      return tick(machine, env)
    default:
      return assertNever(event)
  }
}

/** When the shell has to call `tick`; null: nothing happens by itself. */
export function deadline(machine: Machine): Millis | null {
  const { phase } = machine
  switch (phase.name) {
    case 'connecting':
    case 'resuming':
      return phase.deadline
    case 'waiting':
    case 'offline':
      return phase.retryAt
    case 'live': {
      const at = liveDeadline(machine, phase)
      return at === Infinity ? null : at
    }
    case 'idle':
    case 'paused':
    case 'stopped':
      return null
    default:
      return assertNever(phase)
  }
}

/** What others may see of it. */
export function connectionState(machine: Machine): ConnectionState {
  const { phase, attempt } = machine
  if (isDegradedNow(machine)) {
    return { name: 'degraded', retryAt: phase.name === 'waiting' ? phase.retryAt : null }
  }
  switch (phase.name) {
    case 'connecting':
    case 'resuming':
      return { name: phase.name, attempt }
    case 'waiting':
      return { name: 'waiting', attempt, retryAt: phase.retryAt }
    case 'live': {
      const { connectionId, stream, since } = phase
      return { name: 'live', connectionId, stream, since }
    }
    case 'stopped':
      return { name: 'stopped', reason: phase.reason, code: phase.code }
    case 'idle':
    case 'offline':
    case 'paused':
      return { name: phase.name }
    default:
      return assertNever(phase)
  }
}

/** A try in the background changes nothing for who looks; whoever does not look needs nothing. */
const isDegradedNow = ({ phase: { name }, isDegraded, visible }: Machine): boolean =>
  isDegraded && visible && (name === 'waiting' || name === 'connecting' || name === 'resuming')

/** Of what has begun it only tells how the window is. */
function start(machine: Machine, { visible, online }: Started, env: Env): Step {
  if (machine.phase.name === 'idle') {
    return connect({ ...afresh(machine), visible, online }, env)
  }
  const told = { ...machine, online }
  return visible === machine.visible
    ? stay(told)
    : hinted(told, visible ? 'visible' : 'hidden', env)
}

const afresh = (machine: Machine): Machine => ({
  ...machine,
  attempt: 0,
  unwelcomed: 0,
  isDegraded: false,
})

const stop = (machine: Machine): Step => to(machine, { name: 'idle' }, [{ kind: 'close' }])

/** A person wants it now. What is on its way already is not started again. */
function restart(machine: Machine, env: Env): Step {
  const { phase } = machine
  switch (phase.name) {
    case 'connecting':
    case 'resuming':
      return stay(machine)
    case 'live':
      return probe(machine, phase, env)
    case 'stopped':
      // Whatever stopped it, the token may be part of it.
      return open({ ...afresh(machine), refresh: phase.reason !== 'gave_up' }, env)
    case 'waiting':
      // Where sockets are blocked they may still be: until one is welcome, nothing else changes.
      return open(machine.isDegraded ? machine : afresh(machine), env)
    default:
      return open(afresh(machine), env)
  }
}

function opened(machine: Machine, tokenEndsAt: Millis, env: Env): Step {
  if (machine.phase.name !== 'connecting') return stay(machine)
  return to(machine, { name: 'resuming', deadline: env.now + OPEN_TIMEOUT_MS, tokenEndsAt })
}

function framesCame(machine: Machine, frames: readonly ServerFrame[], env: Env): Step {
  const { phase } = machine
  if (phase.name === 'live') return heard(machine, frames, env)
  if (phase.name !== 'resuming') return stay(machine)
  const [first] = frames
  if (first?.type === 'welcome') {
    return andThen(welcomed(machine, first, phase.tokenEndsAt, env), (next) =>
      heard(next, frames, env),
    )
  }
  // A hub may say goodbye before it says welcome; nothing else counts before it.
  if (first?.type !== 'bye') return stay(machine)
  return andThen(to(machine, phase, [{ kind: 'close' }]), (next) =>
    lose(next, verdictOfBye(first), env),
  )
}

function closed(machine: Machine, code: number, env: Env): Step {
  switch (machine.phase.name) {
    case 'connecting':
      return loseUnwelcomed(machine, env)
    case 'resuming':
      return isOfHub(code) ? lose(machine, verdictOfClose(code), env) : loseUnwelcomed(machine, env)
    case 'live':
      return lose(machine, verdictOfClose(code), env)
    default:
      return stay(machine)
  }
}

function tokenFailed(machine: Machine, final: boolean, env: Env): Step {
  if (machine.phase.name !== 'connecting') return stay(machine)
  if (final) return lose(machine, { kind: 'never', reason: 'unauthorized', code: null }, env)
  return loseUnwelcomed(machine, env)
}

function hinted(machine: Machine, said: Hint, env: Env): Step {
  // A browser may forget to say that a window is visible again; only a visible one gets the focus.
  const hint = said === 'focus' && !machine.visible ? 'visible' : said
  const told = {
    ...machine,
    visible: hint === 'visible' ? true : hint === 'hidden' ? false : machine.visible,
    online: hint === 'online' ? true : hint === 'offline' ? false : machine.online,
  }
  const { phase } = told
  switch (phase.name) {
    case 'live':
      return hintedLive(told, hint, told.visible !== machine.visible, env)
    case 'waiting':
      // What is asked instead of the socket is asked for somebody who looks.
      if (hint === 'hidden' && told.isDegraded) {
        return to(told, { name: 'paused', notBefore: phase.notBefore })
      }
      return hint === 'hidden' || hint === 'offline' ? stay(told) : hasten(told, hint, phase, env)
    case 'paused':
      return hint === 'hidden' || hint === 'offline' ? stay(told) : hasten(told, hint, phase, env)
    case 'offline':
      return isChange(told, hint) ? connect(afresh(told), env) : stay(told)
    case 'stopped':
      // It gave up on a world that has changed since.
      return phase.reason === 'gave_up' && isChange(told, hint)
        ? connect(afresh(told), env)
        : stay(told)
    default:
      return stay(told)
  }
}

/** There is network again, or somebody who looks; while nobody does, the next look is soon enough. */
const isChange = ({ visible }: Machine, hint: Hint): boolean =>
  visible && (hint === 'online' || hint === 'visible')

function hintedLive(machine: Machine, hint: Hint, turned: boolean, env: Env): Step {
  const { phase } = machine
  if (phase.name !== 'live') return stay(machine)
  const told = to(machine, phase, turned ? [tellVisible(machine.visible)] : [])
  // A change of network, also its end, is a reason to look whether the socket still lives.
  return hint === 'hidden' ? told : andThen(told, (next) => probe(next, phase, env))
}

/** Somebody looks again, or there is network again: no reason to wait on, unless the hub asked for it. */
function hasten(machine: Machine, hint: Hint, phase: { notBefore: Millis }, env: Env): Step {
  if (!machine.visible) return stay(machine)
  if (env.now < phase.notBefore) {
    return to(machine, { name: 'waiting', retryAt: phase.notBefore, notBefore: phase.notBefore })
  }
  return connect(hint === 'focus' ? machine : { ...machine, attempt: 0 }, env)
}

function tick(machine: Machine, env: Env): Step {
  const { phase } = machine
  const due = deadline(machine)
  if (due === null || env.now < due) return stay(machine)
  switch (phase.name) {
    case 'connecting':
    case 'resuming':
      return andThen(to(machine, phase, [{ kind: 'close' }]), (next) => loseUnwelcomed(next, env))
    case 'live':
      return liveTick(machine, phase, env)
    case 'waiting':
    case 'offline':
      // Nobody looks: what a push cannot bring can wait until somebody does.
      return machine.visible ? connect(machine, env) : to(machine, { name: 'paused', notBefore: 0 })
    default:
      return stay(machine)
  }
}
