// A tab that follows: it hears what the leader hears, and takes the lead from one that does not answer.
import type { ServerFrame } from '../../protocol/server-frames.ts'
import type { ConnectionState, Hint, Millis } from '../types.ts'
import { hasHeard, hear, hearStart } from './tab-frames.ts'
import {
  noticed,
  stay,
  tell,
  type Follower,
  type LeaderMessage,
  type Tabs,
  type TabsEffect,
  type TabsEnv,
  type TabsEvent,
  type TabsStep,
} from './tabs.ts'

/** A tab that is looked at asks this often whether there is a leader. */
export const ASK_EVERY_MS = 10_000

/** A leader that says nothing for so long is asleep. Each waits a little more, so that not all take the lead at once. */
export const PATIENCE_MS = 3_000
const SPREAD_MS = 1_000

/** A timer this late means that this tab slept itself: it has not heard what the leader may have said. */
const SLEPT_MS = 2_000

/** Comes to the others: waits for the lead, and asks who has it. */
export function follow(tabs: Tabs, env: TabsEnv): TabsStep {
  const role: Follower = {
    name: 'follower',
    lacks: true,
    askAt: env.now,
    answerBy: null,
    downSince: null,
  }
  const state: ConnectionState = { name: 'connecting', attempt: 0 }
  const waiting = ask({ ...tabs, state, ids: {} }, role, env)
  return stay(waiting.tabs, { kind: 'meet' }, { kind: 'lock', steal: false }, ...waiting.effects)
}

export function followerStep(tabs: Tabs, role: Follower, event: TabsEvent, env: TabsEnv): TabsStep {
  switch (event.type) {
    case 'message':
      return event.message.kind === 'leader'
        ? heardLeader(tabs, role, event.message, env)
        : stay(tabs)
    case 'send':
      return stay(tabs, tell(tabs, event.frame ? { frame: event.frame } : {}))
    case 'restart':
      return ask(tabs, role, env, { restart: true })
    case 'hint':
      return hinted(noticed(tabs, event.hint), role, event.hint, env)
    case 'robbed':
      // It slept from before it had the lock until after it was taken.
      return stay(tabs, { kind: 'lock', steal: false })
    case 'tick':
      return tick(tabs, role, env)
    default:
      return stay(tabs)
  }
}

/** Nobody misses what a hidden tab does not show: it asks when it is looked at. */
export function followerDeadline({ look }: Tabs, { askAt, answerBy, downSince }: Follower): Millis {
  if (!look.visible) return Infinity
  return Math.min(answerBy ?? askAt, downSince === null ? Infinity : downSince + PATIENCE_MS)
}

/** Wants to hear of the leader soon, or else it takes its place. */
function ask(
  tabs: Tabs,
  role: Follower,
  env: TabsEnv,
  more: { hint?: Hint; restart?: boolean } = {},
): TabsStep {
  const patience = PATIENCE_MS + env.roll * SPREAD_MS
  const answerBy = tabs.look.visible ? (role.answerBy ?? env.now + patience) : null
  const asking = { ...tabs, role: { ...role, answerBy, askAt: env.now + ASK_EVERY_MS } }
  return stay(asking, tell(tabs, { ...more, asks: role.lacks ? 'start' : 'answer' }))
}

/** The leader hears its own window; what a tab adds is that somebody looks at it, or not any more. */
function hinted(tabs: Tabs, role: Follower, hint: Hint, env: TabsEnv): TabsStep {
  if (tabs.look.visible) {
    // A leader that slept as long as nobody looked has its time from now on.
    const downSince = hint === 'visible' && role.downSince !== null ? env.now : role.downSince
    return ask(tabs, { ...role, downSince }, env, { hint })
  }
  const idle = { ...tabs, role: { ...role, answerBy: null } }
  return hint === 'hidden' ? stay(idle, tell(tabs, { hint })) : stay(tabs)
}

function tick(tabs: Tabs, role: Follower, env: TabsEnv): TabsStep {
  const { now } = env
  if (now < followerDeadline(tabs, role)) return stay(tabs)
  const { answerBy, downSince } = role
  if (answerBy !== null && now >= answerBy + SLEPT_MS) {
    return ask(tabs, { ...role, answerBy: null, downSince: null }, env)
  }
  const isSilent = answerBy !== null && now >= answerBy
  const isDown = downSince !== null && now >= downSince + PATIENCE_MS
  if (!isSilent && !isDown) return ask(tabs, role, env)
  const taking: Follower = { ...role, answerBy: null, downSince: null, askAt: now + PATIENCE_MS }
  return stay({ ...tabs, role: taking }, { kind: 'lock', steal: true })
}

export const isOlder = (tabs: Tabs, { term, from }: LeaderMessage) =>
  term < tabs.term || (term === tabs.term && from < tabs.led)

const isDownAndHidden = ({ visible, state }: LeaderMessage) =>
  !visible && !['live', 'degraded', 'stopped', 'idle'].includes(state.name)

/** Each message of the leader says how things stand; older leaders are not listened to. */
export function heardLeader(
  tabs: Tabs,
  role: Follower,
  message: LeaderMessage,
  env: TabsEnv,
): TabsStep {
  if (isOlder(tabs, message)) return stay(tabs)
  const { term, from, device, state, ahead, to } = message
  const isNew = term !== tabs.term || from !== tabs.led
  const ids = state.name === 'live' ? tabs.ids : {}
  const told: Tabs = { ...tabs, term, led: from, device, state, ahead, ids }
  const next: Follower = {
    ...role,
    askAt: env.now + ASK_EVERY_MS,
    answerBy: null,
    downSince: isDownAndHidden(message) ? (role.downSince ?? env.now) : null,
  }
  const heard = to === null || to === tabs.me ? take(told, message) : null
  const frames = heard?.frames ?? []
  const deliver: TabsEffect[] = frames.length > 0 ? [{ kind: 'deliver', frames }] : []
  const lacks = heard?.isStart ? false : role.lacks || (heard?.isBehind ?? false)
  const now: Tabs = { ...(heard?.tabs ?? told), role: { ...next, lacks } }
  const isAll = to === null
  // Each leader is told once, and asked once when something is missing.
  if (lacks && (!role.lacks || (isNew && isAll))) {
    const asking = ask(now, { ...next, lacks }, env)
    return stay(asking.tabs, ...deliver, ...asking.effects)
  }
  return isNew && isAll ? stay(now, ...deliver, tell(now, {})) : stay(now, ...deliver)
}

interface Taken {
  tabs: Tabs
  frames: ServerFrame[]
  isStart: boolean
  isBehind: boolean
}

function take(tabs: Tabs, { at, frames, to, state }: LeaderMessage): Taken {
  const heard = to === null ? hear(tabs, at, frames) : hearStart(tabs, frames)
  const now = heard?.tabs ?? tabs
  return {
    tabs: now,
    frames: heard?.frames ?? [],
    isStart: heard?.frames[0]?.type === 'welcome',
    // A leader that is not live yet will bring a welcome.
    isBehind: (frames.length > 0 || state.name === 'live') && !hasHeard(now.cursor, at),
  }
}
