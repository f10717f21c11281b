// Tabs of one person in one browser as a pure machine's state: one of them leads and has the connection, the others
// follow. What they say to each other, and what the machine asks of its shell.
import type { ClientFrame } from '../../protocol/client-frames.ts'
import type { EventType } from '../../protocol/events.ts'
import type { LoggedFrame, ServerFrame, WelcomeFrame } from '../../protocol/server-frames.ts'
import type { ConnectionState, Hint, Millis } from '../types.ts'
import type { Head } from './cover.ts'

/** Part of the names of lock and channel: tabs whose builds talk differently do not share. Raise it with the messages, and with the frames in them. */
export const TABS_VERSION = 1

/** What the leader has to know of each tab. */
export interface Look {
  visible: boolean
  /** The live events that it wants (NO7). */
  types: readonly EventType[]
}

/** From the leader, to all or to one. Each says all of how it stands, so that none has to be waited for. */
export interface LeaderMessage {
  kind: 'leader'
  from: string
  /** Rises with each leader: one who was robbed of the lock and does not know it yet is not listened to. */
  term: number
  /** Its device (WS7): the next leader takes its place at the hub, not a second one. */
  device: string
  /** Is the leader's own tab looked at? */
  visible: boolean
  state: ConnectionState
  /** How far the server's clock is ahead. */
  ahead: Millis
  /** Where the stream stood before these frames. */
  at: Head | null
  frames: readonly ServerFrame[]
  /** An answer to this tab alone: its frames, if any, are a start. */
  to: string | null
}

/** From a tab to the leader. */
export interface TabMessage {
  kind: 'tab'
  from: string
  term: number
  look: Look
  hint?: Hint
  /** Wants a sign of life; `lacking`: and a start. */
  asks?: 'answer' | 'start'
  frame?: ClientFrame
  restart?: boolean
}

export type TabsMessage = LeaderMessage | TabMessage | { kind: 'gone'; from: string }

export interface Follower {
  name: 'follower'
  /** It has not heard everything from some place on: frames mean nothing to it until it has a start. */
  lacks: boolean
  /** When to look whether the leader lives; a hidden tab does not. */
  askAt: Millis
  answerBy: Millis | null
  /** Since when a leader that nobody looks at has no live connection. */
  downSince: Millis | null
}

export interface Leader {
  name: 'leader'
  since: Millis
  tabs: Readonly<Record<string, Look & { heardAt: Millis }>>
  /** While live: the welcome as it would be now, for tabs that come. */
  welcome: WelcomeFrame | null
  /** Since the welcome, of streams that it did not name: no snapshot can be compared with them, so who comes gets them. */
  loose: readonly LoggedFrame[]
  /** The live events that the hub was asked for on this connection. */
  asked: readonly EventType[]
  cameBack: boolean
}

export interface Tabs {
  /** This tab. */
  me: string
  device: string
  role: { name: 'out' } | Follower | Leader
  /** The newest leader that was heard of, and who it is. */
  term: number
  led: string
  /** Up to here this tab has heard everything. */
  cursor: Head | null
  state: ConnectionState
  ahead: Millis
  look: Look
  /** Ids of own frames that wait for their answers, by the name they have on the wire. */
  ids: Readonly<Record<string, string>>
  nextId: number
}

export type TabsEvent =
  | { type: 'start'; visible: boolean }
  | { type: 'stop' }
  | { type: 'granted' }
  /** Another tab has taken the lock. */
  | { type: 'robbed' }
  | { type: 'message'; message: TabsMessage }
  | { type: 'inner_frames'; frames: readonly ServerFrame[]; ahead: Millis }
  | { type: 'inner_state'; state: ConnectionState; ahead: Millis }
  /** Null: nothing to relay, but what this tab wants to hear may be another. */
  | { type: 'send'; frame: ClientFrame | null }
  | { type: 'restart' }
  | { type: 'hint'; hint: Hint }
  /** The deadline that the machine named has come. */
  | { type: 'tick' }

export type TabsEffect =
  /** From now on it hears the others, until it parts. */
  | { kind: 'meet' }
  | { kind: 'part' }
  /** Waits for the lock; `steal`: takes it. */
  | { kind: 'lock'; steal: boolean }
  | { kind: 'unlock' }
  | { kind: 'post'; message: TabsMessage }
  | { kind: 'deliver'; frames: ServerFrame[] }
  /** Opens the connection, going on from there. */
  | { kind: 'open'; device: string; cursor: Head | null }
  | { kind: 'close' }
  /** To the connection. */
  | { kind: 'send'; frame: ClientFrame }
  | { kind: 'hint'; hint: Hint }
  | { kind: 'restart' }

export interface TabsStep {
  tabs: Tabs
  effects: TabsEffect[]
}

export interface TabsEnv {
  now: Millis
  roll: number
}

export const firstTabs = (me: string, device: string): Tabs => ({
  me,
  device,
  role: { name: 'out' },
  term: 0,
  led: '',
  cursor: null,
  state: { name: 'idle' },
  ahead: 0,
  look: { visible: true, types: [] },
  ids: {},
  nextId: 1,
})

export const stay = (tabs: Tabs, ...effects: TabsEffect[]): TabsStep => ({ tabs, effects })

/** The connection counts as looked at when any of its tabs is. */
export const isLookedAt = ({ look, role }: Tabs): boolean =>
  look.visible ||
  (role.name === 'leader' && Object.values(role.tabs).some(({ visible }) => visible))

export const post = (message: TabsMessage): TabsEffect => ({ kind: 'post', message })

/** What a window says of itself. */
export function noticed(tabs: Tabs, hint: Hint): Tabs {
  if (hint !== 'visible' && hint !== 'hidden') return tabs
  return { ...tabs, look: { ...tabs.look, visible: hint === 'visible' } }
}

/** What a tab tells the leader, whoever that is. */
export const tell = (
  { me, term, look }: Tabs,
  more: Partial<Pick<TabMessage, 'hint' | 'asks' | 'frame' | 'restart'>>,
): TabsEffect => post({ kind: 'tab', from: me, term, look, ...more })

/** [WS14] What this tab shows: a tab that nobody looks at does not poll because another one is looked at. */
export const stateShown = ({ state, look }: Tabs): ConnectionState =>
  state.name === 'degraded' && !look.visible ? { name: 'paused' } : state
