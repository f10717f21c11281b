// One step of a tab: what happened goes in, what it is now and what has to be done come out.
import type { ClientFrame } from '../../protocol/client-frames.ts'
import type { Millis } from '../types.ts'
import { assertNever } from './assert-never.ts'
import { follow, followerDeadline, followerStep } from './tab-follower.ts'
import { lead, leaderDeadline, leaderStep } from './tab-leader.ts'
import {
  noticed,
  post,
  stay,
  type Tabs,
  type TabsEffect,
  type TabsEnv,
  type TabsEvent,
  type TabsStep,
} from './tabs.ts'

/** What happens next. Events that a role has no use for change nothing. */
export function tabsStep(before: Tabs, event: TabsEvent, env: TabsEnv): TabsStep {
  if (event.type === 'stop') return leave(before)
  const { tabs, event: readied } =
    event.type === 'send' ? ready(before, event) : { tabs: before, event }
  const { role } = tabs
  switch (role.name) {
    case 'out':
      return outStep(tabs, readied, env)
    case 'follower':
      return readied.type === 'granted' ? lead(tabs, env) : followerStep(tabs, role, readied, env)
    case 'leader':
      return leaderStep(tabs, role, readied, env)
    default:
      return assertNever(role)
  }
}

/** When the shell has to call `tick`; null: nothing happens by itself. */
export function tabsDeadline(tabs: Tabs): Millis | null {
  const { role } = tabs
  if (role.name === 'out') return null
  const at = role.name === 'leader' ? leaderDeadline(role) : followerDeadline(tabs, role)
  return at === Infinity ? null : at
}

/** Whether a frame of the app goes out: to a connection that is live as far as this tab was told, as with a socket. */
export const takes = ({ role, state }: Tabs, { type }: ClientFrame): boolean =>
  role.name !== 'out' && state.name === 'live' && !OF_THE_CONNECTION.has(type)

/** The connection says these itself, for all of its tabs. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set(['ack', 'auth', 'state'])

function outStep(tabs: Tabs, event: TabsEvent, env: TabsEnv): TabsStep {
  if (event.type === 'start')
    return follow(noticed(tabs, event.visible ? 'visible' : 'hidden'), env)
  // The lock came too late.
  if (event.type === 'granted') return stay(tabs, { kind: 'unlock' })
  return stay(event.type === 'hint' ? noticed(tabs, event.hint) : tabs)
}

/** The others go on; a leader's place is free. */
function leave(tabs: Tabs): TabsStep {
  const left: Tabs = { ...tabs, role: { name: 'out' }, state: { name: 'idle' }, ids: {} }
  if (tabs.role.name === 'out') return stay(left)
  const close: TabsEffect[] = tabs.role.name === 'leader' ? [{ kind: 'close' }] : []
  const gone = post({ kind: 'gone', from: tabs.me })
  // Closed before somebody else may open theirs.
  return stay(left, ...close, gone, { kind: 'unlock' }, { kind: 'part' })
}

/** What this tab wants to hear is noted, live or not; ids become its own, so that only it hears the answers (WS9). */
function ready(tabs: Tabs, { frame }: Extract<TabsEvent, { type: 'send' }>) {
  const event = (out: ClientFrame | null) => ({ type: 'send', frame: out }) as const
  const wanting = { ...tabs, look: { ...tabs.look, types: wanted(tabs, frame) } }
  if (frame === null || !takes(tabs, frame)) return { tabs: wanting, event: event(null) }
  if (frame.id === undefined) {
    const isInLook = frame.type === 'subscribe' || frame.type === 'unsubscribe'
    return { tabs: wanting, event: event(isInLook ? null : frame) }
  }
  const id = `${tabs.me}.${tabs.nextId}`
  const ids = { ...tabs.ids, [id]: frame.id }
  return { tabs: { ...wanting, ids, nextId: tabs.nextId + 1 }, event: event({ ...frame, id }) }
}

function wanted({ look: { types } }: Tabs, frame: ClientFrame | null) {
  if (frame?.type !== 'subscribe' && frame?.type !== 'unsubscribe') return types
  const others = types.filter((type) => type !== frame.event_type)
  return frame.type === 'subscribe' ? [...others, frame.event_type] : others
}
