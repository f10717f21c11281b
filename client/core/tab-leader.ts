// The tab that leads: it has the connection, tells the others all that comes, and speaks for them.
import type { ClientFrame } from '../../protocol/client-frames.ts'
import type { EventType } from '../../protocol/events.ts'
import type { ServerFrame } from '../../protocol/server-frames.ts'
import type { ConnectionState, Hint, Millis } from '../types.ts'
import { follow, heardLeader, isOlder } from './tab-follower.ts'
import { hear, keepWelcome, startFrames } from './tab-frames.ts'
import {
  isLookedAt,
  noticed,
  post,
  stay,
  type Leader,
  type LeaderMessage,
  type TabMessage,
  type Tabs,
  type TabsEffect,
  type TabsEnv,
  type TabsEvent,
  type TabsStep,
} from './tabs.ts'

/** A tab that is looked at asks every 10 s; one that does not any more was closed without a word. */
export const LOOK_ENDS_MS = 35_000

/** The socket of the last leader may be replaced late, and take the new one for the older (WS7). */
const HAND_OVER_MS = 60_000

/** It has the lock. Goes on where this tab was. */
export function lead(before: Tabs, env: TabsEnv): TabsStep {
  const role: Leader = {
    name: 'leader',
    since: env.now,
    tabs: {},
    welcome: null,
    loose: [],
    asked: [],
    cameBack: false,
  }
  const state: ConnectionState = { name: 'connecting', attempt: 0 }
  const term = Math.max(before.term + 1, env.now)
  const tabs: Tabs = { ...before, role, state, term, led: before.me, ids: {} }
  return stay(tabs, say(tabs), { kind: 'open', device: tabs.device, cursor: tabs.cursor })
}

export function leaderStep(tabs: Tabs, role: Leader, event: TabsEvent, env: TabsEnv): TabsStep {
  switch (event.type) {
    case 'robbed':
      return stepDown(tabs, env)
    case 'message':
      return messageCame(tabs, role, event.message, env)
    case 'inner_frames':
      return framesCame({ ...tabs, ahead: event.ahead }, role, event.frames)
    case 'inner_state':
      return stateCame({ ...tabs, ahead: event.ahead }, role, event.state, env)
    case 'send':
      return settle(tabs, tabs, event.frame ? relay(tabs, role, event.frame) : [])
    case 'restart':
      return stay(tabs, { kind: 'restart' })
    case 'hint': {
      const now = noticed(tabs, event.hint)
      return settle(tabs, now, now === tabs ? [] : [say(now)], event.hint)
    }
    case 'tick':
      return settle(tabs, { ...tabs, role: withoutOverdue(role, env) }, [])
    default:
      return stay(tabs)
  }
}

/** A tab that went without a word is looked at by nobody. */
export const leaderDeadline = ({ tabs }: Leader): Millis =>
  Math.min(
    ...Object.values(tabs).flatMap(({ visible, heardAt }) =>
      visible ? [heardAt + LOOK_ENDS_MS] : [],
    ),
    Infinity,
  )

const withoutOverdue = (role: Leader, { now }: TabsEnv): Leader => ({
  ...role,
  tabs: Object.fromEntries(
    Object.entries(role.tabs).filter(
      ([, { visible, heardAt }]) => !visible || now < heardAt + LOOK_ENDS_MS,
    ),
  ),
})

function say(
  { me, term, device, look, state, ahead, cursor }: Tabs,
  more: Partial<Pick<LeaderMessage, 'at' | 'frames' | 'to'>> = {},
): TabsEffect {
  const { visible } = look
  const standing = { kind: 'leader', from: me, term, device, visible, state, ahead } as const
  return post({ ...standing, at: cursor, frames: [], to: null, ...more })
}

/** Somebody else has the lock. */
function stepDown(tabs: Tabs, env: TabsEnv): TabsStep {
  const { tabs: following, effects } = follow(tabs, env)
  return stay(following, { kind: 'close' }, { kind: 'unlock' }, ...effects)
}

function messageCame(
  tabs: Tabs,
  role: Leader,
  message: Extract<TabsEvent, { type: 'message' }>['message'],
  env: TabsEnv,
): TabsStep {
  switch (message.kind) {
    case 'leader': {
      if (isOlder(tabs, message)) return stay(tabs)
      const down = stepDown(tabs, env)
      if (down.tabs.role.name !== 'follower') return down
      const { tabs: now, effects } = heardLeader(down.tabs, down.tabs.role, message, env)
      return stay(now, ...down.effects, ...effects)
    }
    case 'tab':
      return tabSaid(tabs, role, message, env)
    case 'gone': {
      const { [message.from]: _, ...others } = role.tabs
      return settle(tabs, { ...tabs, role: { ...role, tabs: others } }, [])
    }
  }
}

function tabSaid(tabs: Tabs, role: Leader, message: TabMessage, env: TabsEnv): TabsStep {
  const { from, look, asks, frame, restart, hint } = message
  const known = { ...role, tabs: { ...role.tabs, [from]: { ...look, heardAt: env.now } } }
  const isAhead = message.term > tabs.term
  // It listens to a leader that was, whose clock was ahead.
  const now: Tabs = { ...tabs, role: known, term: isAhead ? message.term + 1 : tabs.term }
  const effects: TabsEffect[] = isAhead ? [say(now)] : []
  if (asks) {
    const frames = asks === 'start' ? startFrames(known, now.cursor, env.now + now.ahead) : []
    effects.push(say(now, { to: from, frames }))
  }
  if (frame) effects.push(...relay(now, known, frame))
  if (restart) effects.push({ kind: 'restart' })
  return settle(tabs, now, effects, hint)
}

/** [WS9] What goes out under its id. While another tab still wants a live event, its end is none for the hub. */
function relay(tabs: Tabs, role: Leader, frame: ClientFrame): TabsEffect[] {
  if (frame.type !== 'unsubscribe') return [{ kind: 'send', frame }]
  const isWanted = wantedBy(tabs, role).has(frame.event_type)
  return [{ kind: 'send', frame: isWanted ? { ...frame, type: 'subscribe' } : frame }]
}

const wantedBy = ({ look }: Tabs, role: Leader): ReadonlySet<EventType> =>
  new Set([look, ...Object.values(role.tabs)].flatMap(({ types }) => types))

/** What changed with the tabs, as the hub sees it: is one looked at, and which live events do they want (NO7). */
function settle(before: Tabs, after: Tabs, effects: TabsEffect[], hint?: Hint): TabsStep {
  if (after.role.name !== 'leader') return stay(after, ...effects)
  const looks = hintOf(isLookedAt(before), isLookedAt(after), hint)
  if (looks) effects.push({ kind: 'hint', hint: looks })
  const { role } = after
  if (!role.welcome) return stay(after, ...effects)
  const wanted = wantedBy(after, role)
  for (const event_type of wanted) {
    if (role.asked.includes(event_type)) continue
    effects.push({ kind: 'send', frame: { type: 'subscribe', event_type } })
  }
  for (const event_type of role.asked) {
    if (wanted.has(event_type)) continue
    effects.push({ kind: 'send', frame: { type: 'unsubscribe', event_type } })
  }
  return stay({ ...after, role: { ...role, asked: [...wanted] } }, ...effects)
}

function hintOf(before: boolean, after: boolean, hint: Hint | undefined): Hint | null {
  if (before !== after) return after ? 'visible' : 'hidden'
  // One more that is looked at, or one less.
  if (hint === 'visible') return 'focus'
  return hint === undefined || hint === 'hidden' ? null : hint
}

function framesCame(tabs: Tabs, role: Leader, frames: readonly ServerFrame[]): TabsStep {
  const heard = hear(tabs, tabs.cursor, frames)
  const now = { ...(heard?.tabs ?? tabs), role: keepWelcome(role, frames) }
  const effects: TabsEffect[] = [say(tabs, { frames })]
  if (heard && heard.frames.length > 0) effects.push({ kind: 'deliver', frames: heard.frames })
  return settle(tabs, now, effects)
}

function stateCame(tabs: Tabs, role: Leader, state: ConnectionState, env: TabsEnv): TabsStep {
  if (state.name === 'live') {
    const live = { ...tabs, state }
    return stay(live, say(live))
  }
  const lost: Leader = { ...role, welcome: null, loose: [], asked: [] }
  if (state.name === 'stopped' && state.reason !== 'gave_up') {
    if (state.reason !== 'replaced') return abdicate(tabs, state)
    if (!role.cameBack && env.now - role.since < HAND_OVER_MS) {
      return stay({ ...tabs, role: { ...lost, cameBack: true } }, { kind: 'restart' })
    }
  }
  const now = { ...tabs, role: lost, state, ids: {} }
  return stay(now, say(now))
}

/** This tab is refused, its token or its build: whether the others are too, they find out by themselves. */
const abdicate = (tabs: Tabs, state: ConnectionState): TabsStep =>
  stay(
    { ...tabs, role: { name: 'out' }, state, ids: {} },
    { kind: 'close' },
    post({ kind: 'gone', from: tabs.me }),
    { kind: 'unlock' },
    { kind: 'part' },
  )
