// What the worker may ask of a hub, and hubs of each other. Commands come here, queries go to D1.
// Arguments were parsed at the edge; a hub decides by its own roster, never by the claims alone (AU7).
import type { Connection, ParkedKind } from '../protocol/api.ts'
import type { ErrorCode } from '../protocol/errors.ts'
import type { Place, SeqMap } from '../protocol/ids.ts'
import type { Category } from '../protocol/notification-types.ts'
import type { Role, Send } from '../protocol/notification.ts'
import type { PushDevice, PushTestAnswer } from '../protocol/push.ts'
import type { StateChange } from '../protocol/server-frames.ts'

export type TokenRole = 'admin' | 'member' | 'service' | 'display'

/** Who is calling, from a verified access token (AU1). Times in seconds since 1970, as in the token. */
export interface Identity {
  sub: string
  /** [AU2] The session that a person's token came from; it ends with it. Services have none. */
  sid?: string | undefined
  role: TokenRole
  /** A hint only: the hub's roster decides. */
  loc: Record<string, 'manager' | 'staff' | 'display'>
  scp: string[]
  exp: number
  jti: string
}

/** The upgrade reaches a hub as a request with this header (JSON of {@link SocketRequest}); the worker drops any that came from outside. */
export const SOCKET_HEADER = 'x-shopbell-socket'

export interface SocketRequest {
  identity: Identity
  device: string | null
  epoch: string | null
  since: number | null
}

export interface Head {
  epoch: string
  seq: number
}

/** [CO5] `key` holds caller, route and the client's key; `hash` is of the parsed body. Kept with the log entry. */
export interface Idempotency {
  key: string
  hash: string
}

/** One notification for this hub; `created_at` is when the request came. */
export interface SendItem {
  send: Send
  /** The token's `sub` (NO1). */
  sender: string
  created_at: string
  idempotency: Idempotency | null
}

export type SendResult =
  | { ok: true; id: string; stream: string; seq: number; archived: boolean; replayed: boolean }
  | { ok: false; code: ErrorCode; detail: string; pointer?: string }

/** [NO7] */
export interface LiveEvent {
  event_type: string
  data: Record<string, unknown>
}

export type EventResult =
  | { ok: true; sockets: number }
  | { ok: false; code: ErrorCode; detail: string; pointer?: string }

/** What one person does with entries they name (IN2). */
export type MarkOp = Exclude<
  StateChange,
  'snoozed' | 'unsnoozed' | 'acted' | 'reopened' | 'cancelled'
>

/** An id, and its place where the archive had to be asked (an id older than the hub's log). */
export interface MarkTarget {
  id: string
  found?: { place: Place; category: Category }
}

export interface MarkCommand {
  op: MarkOp
  targets: MarkTarget[]
}

/** Read-all, seen-all and clear (IN2). */
export interface BulkCommand {
  op: 'read' | 'seen' | 'deleted'
  category?: Category
  location_id?: string
  up_to?: SeqMap
}

export type CommandResult =
  | { ok: true; changed: boolean; archived: boolean; unknown: string[] }
  | { ok: false; code: ErrorCode; detail: string }

/** An entry on its way from a location hub to a member's own stream (ST7). */
export interface CopyEntry {
  seq: number
  kind: 'notification' | 'state'
  id: string
  audience: number
  /** Milliseconds, or null. */
  expires_at: number | null
  collapse_key: string | null
  /** JSON as it stands in the home log. */
  body: string
}

export interface PullRequest {
  user_id: string
  /** Rises with each "nobody here"; a nudge names it, and only that number is forgotten (ST7). */
  number: number
  /** A socket is on its way: whatever was not told is told by this very answer. */
  opening: boolean
  /** Null: register and tell the head, nothing else. */
  after: Head | null
  limit: number
  /** As the person's own hub knows it, which keeps nothing else anyway. A hub of an older build does not say. */
  membership?: Membership
}

export interface PullPage {
  head: Head
  entries: CopyEntry[]
  /** The position this page reaches, also past entries the member may not see. */
  upTo: number
  /** Entries up to here are no longer kept: from below it nothing can be whole. */
  trimmed: number
}

/** [AR2] What became of a parked entry that was tried again. `waiting`: D1 is away, and the hub goes on trying. */
export type RetryResult =
  | { outcome: 'archived' | 'waiting'; epoch: string; id: string | null; kind: ParkedKind }
  | { outcome: 'refused'; reason: string }
  | { outcome: 'unknown' }

/** The methods of a user hub. */
export interface UserHubRpc {
  /** Writes entries of a person's own stream. `waitMs`: how long an answer may wait for the archive (AR3). */
  send(items: SendItem[], waitMs: number): Promise<SendResult[]>
  /** Hands a live event to the sockets that listen (NO7). */
  publish(event: LiveEvent): Promise<EventResult>
  mark(command: MarkCommand, waitMs: number): Promise<CommandResult>
  bulk(command: BulkCommand, waitMs: number): Promise<CommandResult>
  /** A location has more; answers whether anybody is here to take it (ST7). */
  nudge(locationId: string, number: number): Promise<{ nobody: boolean }>
  /** Reads the copy of the directory from D1 again; a person who is gone there is erased here (AR7). */
  refreshDirectory(): Promise<void>
  connections(): Promise<Connection[]>
  /** The person's push subscriptions, and how they are doing (RE3). */
  pushDevices(): Promise<PushDevice[]>
  /** Sends a test to one device, or to all; null: there is none of that name. */
  testPush(device: string | null): Promise<PushTestAnswer['results'] | null>
  /** An admin opens a socket at a location that does not know them; false: they are signed out (AU8). */
  visit(identity: Identity, locationId: string): Promise<boolean>
  /** Tries an entry again that D1 refused (AR2). */
  retryParked(seq: number): Promise<RetryResult>
  /** Arms the alarm anew, after the clock moved (AR8). */
  wake(): Promise<void>
}

/** The methods of a location hub. */
export interface LocationHubRpc {
  /** `caller`: who must be a manager here by the roster; null: the worker has already decided (admin, service). */
  send(
    items: SendItem[],
    caller: { managerId: string } | null,
    waitMs: number,
  ): Promise<SendResult[]>
  /** As for send: `caller` must be a manager here. */
  publish(event: LiveEvent, caller: { managerId: string } | null): Promise<EventResult>
  /** The newest seq; a new membership counts from here (NO8). Null: there is no such location. */
  head(): Promise<Head | null>
  /** Is `managerId` a manager here and `memberId` a member? (AU7) */
  vouch(managerId: string, memberId: string): Promise<boolean>
  pull(request: PullRequest): Promise<PullPage | null>
  refreshDirectory(): Promise<void>
  connections(userId: string): Promise<Connection[]>
  retryParked(seq: number): Promise<RetryResult>
  wake(): Promise<void>
}

/** What the roster says of a member (NO8). */
export interface Membership {
  role: Role
  from: Head
  roleFrom: Head
}
