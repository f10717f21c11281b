// What a hub says on a socket (spec, section 3). One union shows the whole downward wire.
import * as v from 'valibot'
import { ERRORS } from './errors.ts'
import { SeqMap } from './ids.ts'
import { Category } from './notification-types.ts'
import { Notification, Outcome, Role } from './notification.ts'

export const PresenceStatus = v.picklist(['online', 'away', 'offline'])
export type PresenceStatus = v.InferOutput<typeof PresenceStatus>

/** [TR1] `last_seen` is null for somebody who was never here. */
export const PresenceEntry = v.object({
  user_id: v.string(),
  status: PresenceStatus,
  last_seen: v.nullable(v.string()),
})
export type PresenceEntry = v.InferOutput<typeof PresenceEntry>

export const StreamHead = v.object({ epoch: v.string(), seq: v.number() })

/** [WS3] The first frame on every socket. */
export const WelcomeFrame = v.object({
  type: v.literal('welcome'),
  protocol: v.number(),
  stream: v.string(),
  epoch: v.string(),
  seq: v.number(),
  recovered: v.boolean(),
  connection_id: v.string(),
  heartbeat_interval_s: v.number(),
  limits: v.object({ max_frame_bytes: v.number(), burst: v.number(), per_second: v.number() }),
  reconnect: v.object({ min_ms: v.number(), max_ms: v.number(), max_attempts: v.number() }),
  server_time: v.string(),
  memberships: v.optional(v.record(v.string(), Role)),
  heads: v.optional(v.record(v.string(), StreamHead)),
  presence: v.optional(v.array(PresenceEntry)),
})
export type WelcomeFrame = v.InferOutput<typeof WelcomeFrame>

export const NotificationFrame = v.object({
  type: v.literal('notification'),
  seq: v.number(),
  data: Notification,
})
export type NotificationFrame = v.InferOutput<typeof NotificationFrame>

/** What somebody did with entries; the last three come from an entry's home stream. */
export const StateChange = v.picklist([
  'read',
  'unread',
  'seen',
  'unseen',
  'archived',
  'unarchived',
  'acknowledged',
  'unacknowledged',
  'snoozed',
  'unsnoozed',
  'deleted',
  'acted',
  'reopened',
  'cancelled',
])
export type StateChange = v.InferOutput<typeof StateChange>

/** Names entries by id, or everything up to a seq per stream (with `category`: only that one). `stream` and `seq` are its home. */
export const StateData = v.object({
  notification_ids: v.optional(v.array(v.string())),
  up_to: v.optional(SeqMap),
  category: v.optional(Category),
  state: StateChange,
  at: v.string(),
  until: v.optional(v.string()),
  outcome: v.optional(Outcome),
  stream: v.string(),
  seq: v.number(),
})
export type StateData = v.InferOutput<typeof StateData>

export const NotificationStateFrame = v.object({
  type: v.literal('notification_state'),
  seq: v.number(),
  data: StateData,
})
export type NotificationStateFrame = v.InferOutput<typeof NotificationStateFrame>

/** [WS9] The answer to a frame that carried `id`. */
export const OkFrame = v.object({ type: v.literal('ok'), re: v.string() })

export const ErrorFrame = v.object({
  type: v.literal('error'),
  re: v.optional(v.string()),
  // One that a later server knows is taken for the most general.
  code: v.fallback(
    v.picklist(Object.keys(ERRORS) as [keyof typeof ERRORS, ...(keyof typeof ERRORS)[]]),
    'internal',
  ),
  message: v.string(),
  temporary: v.boolean(),
  retry_after_ms: v.optional(v.number()),
})
export type ErrorFrame = v.InferOutput<typeof ErrorFrame>

export const PresenceFrame = v.object({ type: v.literal('presence'), data: v.array(PresenceEntry) })

/** [NO7] Stored nowhere, never repeated: a hint for a page that is open. */
export const EventFrame = v.object({
  type: v.literal('event'),
  event_type: v.string(),
  data: v.record(v.string(), v.unknown()),
})
export type EventFrame = v.InferOutput<typeof EventFrame>

/** [NO8] The person's own membership changed; null: no longer a member. The client takes a new snapshot. */
export const MembershipFrame = v.object({
  type: v.literal('membership'),
  data: v.object({ location_id: v.string(), role: v.nullable(Role) }),
})

/** [WS11] 60 s before the token's end, if the hub is awake. */
export const AuthExpiringFrame = v.object({ type: v.literal('auth_expiring'), at: v.string() })

/** [WS8] The last frame before a hub closes; clients act on it, the close itself may come late. */
export const ByeFrame = v.object({
  type: v.literal('bye'),
  code: v.number(),
  reason: v.string(),
  retry: v.boolean(),
  retry_after_ms: v.optional(v.number()),
})
export type ByeFrame = v.InferOutput<typeof ByeFrame>

export const ServerFrame = v.variant('type', [
  WelcomeFrame,
  NotificationFrame,
  NotificationStateFrame,
  OkFrame,
  ErrorFrame,
  PresenceFrame,
  EventFrame,
  MembershipFrame,
  AuthExpiringFrame,
  ByeFrame,
])
export type ServerFrame = v.InferOutput<typeof ServerFrame>

/** The frames that have a seq: written to a log before anybody sees them, and replayed on resume (ST2, WS4). */
export type LoggedFrame = NotificationFrame | NotificationStateFrame
