// [AR5] The inbox view as a pure state machine: what the server answered, what the socket brought, what this
// window did, and what has to be asked again. It knows neither sockets nor HTTP.
import type { CommandAnswer, InboxAnswer, CountAnswer } from '../../protocol/api.ts'
import type { Role } from '../../protocol/notification.ts'
import type { ServerFrame } from '../../protocol/server-frames.ts'
import type { Millis } from '../types.ts'
import type { Head } from './cover.ts'
import { NO_COUNTS, type Change } from './entry.ts'
import type { Base, Lack, Shown, TailFrame, Target } from './fold.ts'

/** [TR6] Something that the outbox holds, as the view has to show it. */
export interface WaitingMark {
  key: string
  target: Target
  made: Change
  /** It is on its way. */
  isSent: boolean
}

/** Something this window did. It shows at once, and until the server's own word takes its place. */
export interface LocalMark {
  key: string
  target: Target
  made: Change
  phase:
    /** In the outbox: no frame can be its own, and it will be newer than all of them. */
    | { name: 'waiting' }
    | { name: 'sent' }
    /** Its frame came: what the tail says holds. */
    | { name: 'echoed' }
    /** Answered without counts: its frame is on the way, or it changed nothing. */
    | { name: 'committed'; until: Millis }
  /** Another mark came meanwhile: which of the two is newer, only a list can tell. */
  isContested: boolean
  /** From the outbox: the server had done it before it was asked for the next of them (TR6). */
  isQueued: boolean
}

export interface View {
  /** Whose inbox it is, once a welcome said so. */
  me: string | null
  /** A snapshot is asked for after the socket is open, or when it cannot be opened. */
  hasBegun: boolean
  base: Base | null
  tail: readonly TailFrame[]
  /** The newest epoch of each stream that a welcome named. */
  epochs: Readonly<Record<string, string>>
  /** A snapshot below these lacks entries that no frame brings. */
  required: Readonly<Record<string, Head>>
  memberships: Readonly<Record<string, Role>> | null
  marks: readonly LocalMark[]
  /** Something happened that only a new list can tell. */
  isListWanted: boolean
  asking: Lack | null
  /** It is asked only whether there is anything new (`pollAt`): nothing is known to be missing. */
  isLooking: boolean
  /** Questions in a row that did not settle everything. */
  tries: number
  /** No question before this. */
  notBefore: Millis
  pagingAfter: string | null
  /** No frames come while somebody looks: when the server is asked next whether there is anything new. */
  pollAt: Millis | null
  shown: Shown
}

export type ViewEvent =
  /** The connection cannot be made for now: show what the server has anyway. */
  | { type: 'begin' }
  | { type: 'refresh' }
  /** The connection is degraded, or is so no more. */
  | { type: 'poll'; isOn: boolean }
  | { type: 'frames'; frames: readonly ServerFrame[] }
  | { type: 'list'; answer: InboxAnswer }
  | { type: 'count'; answer: CountAnswer }
  | { type: 'ask_failed'; retryAfterMs: Millis | null }
  | { type: 'load_more' }
  | { type: 'page'; after: string; answer: InboxAnswer }
  | { type: 'page_failed' }
  | { type: 'mark'; key: string; target: Target; made: Change }
  /** All that the outbox holds, in order. What was there before and is not settled is answered without counts. */
  | { type: 'waiting'; marks: readonly WaitingMark[] }
  /** Null: the hub took it, and its frame says the rest. */
  | { type: 'marked'; key: string; answer: CommandAnswer | null }
  /** `isUnknown`: what it names is not there for this reader. */
  | { type: 'mark_failed'; key: string; isUnknown: boolean }
  | { type: 'tick' }

export type ViewEffect =
  | { kind: 'ask'; what: 'list'; limit: number }
  | { kind: 'ask'; what: 'count' }
  | { kind: 'page'; after: string }

export interface ViewStep {
  view: View
  effects: ViewEffect[]
}

export const INITIAL_VIEW: View = {
  me: null,
  hasBegun: false,
  base: null,
  tail: [],
  epochs: {},
  required: {},
  memberships: null,
  marks: [],
  isListWanted: false,
  asking: null,
  isLooking: false,
  tries: 0,
  notBefore: 0,
  pagingAfter: null,
  pollAt: null,
  shown: { entries: [], counts: NO_COUNTS, unsent: new Set(), lack: null, nextChange: Infinity },
}
