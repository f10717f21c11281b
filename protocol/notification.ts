// [NO1][NO3] What is sent, what is stored and what a reader gets. The stored form has no texts that were not given.
import * as v from 'valibot'
import { LocationId, Uuid, UserId } from './ids.ts'
import { JsonObject } from './json.ts'
import {
  MAX_ACTIONS,
  MAX_BATCH_ITEMS,
  MAX_COLLAPSE_KEY_CHARS,
  MAX_IDEMPOTENCY_KEY_CHARS,
  MAX_MESSAGE_CHARS,
  MAX_TITLE_CHARS,
} from './limits.ts'
import { Category, NotificationType, Priority, typeRow } from './notification-types.ts'

export const Role = v.picklist(['manager', 'staff'])
export type Role = v.InferOutput<typeof Role>

const text = (max: number) =>
  v.pipe(v.string(), v.minLength(1, 'must not be empty'), v.maxLength(max))

/** What people read: something must be there to be read. */
const words = (max: number) =>
  v.pipe(
    text(max),
    v.check((given) => /[^\s\p{C}]/u.test(given), 'must not be blank'),
  )

/** A time from outside in any zone; inside it is UTC with milliseconds (CO1). */
export const Time = v.pipe(
  v.string(),
  v.isoTimestamp('must be an ISO 8601 time with a zone'),
  v.check((at) => !Number.isNaN(Date.parse(at)), 'is not a time'),
  v.transform((at) => new Date(at).toISOString()),
)

const RecipientFields = v.strictObject({
  user_id: v.optional(UserId),
  location_id: v.optional(LocationId),
  roles: v.optional(
    v.pipe(v.array(Role), v.minLength(1, 'must name at least one role'), v.maxLength(2)),
  ),
  all: v.optional(v.literal(true)),
})
type RecipientFields = v.InferOutput<typeof RecipientFields>

const exactlyOne = (to: RecipientFields) =>
  [to.user_id, to.location_id, to.all].filter((one) => one !== undefined).length === 1

export const Recipient = v.pipe(
  RecipientFields,
  v.check(exactlyOne, 'must hold exactly one of user_id, location_id, all'),
  v.check(
    (to: RecipientFields) => to.roles === undefined || to.location_id !== undefined,
    'roles goes with location_id',
  ),
)
export type Recipient = v.InferOutput<typeof Recipient>

export const Entity = v.strictObject({ type: text(64), id: text(128) })
export const Action = v.strictObject({ id: text(64), label: text(80) })

/** [NO3] One send. The type's own demands on `data`, `title` and `message` are part of the schema. */
export const Send = v.pipe(
  v.strictObject({
    to: Recipient,
    type: NotificationType,
    title: v.optional(words(MAX_TITLE_CHARS)),
    message: v.optional(words(MAX_MESSAGE_CHARS)),
    data: v.optional(JsonObject),
    priority: v.optional(Priority),
    location_id: v.optional(LocationId),
    deliver_at: v.optional(Time),
    expires_at: v.optional(Time),
    collapse_key: v.optional(text(MAX_COLLAPSE_KEY_CHARS)),
    entity: v.optional(Entity),
    actions: v.optional(
      v.pipe(
        v.array(Action),
        v.minLength(1, 'must name at least one action'),
        v.maxLength(MAX_ACTIONS),
        v.check((all) => new Set(all.map((one) => one.id)).size === all.length, 'ids must differ'),
      ),
    ),
    requires_ack: v.optional(v.boolean()),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return
    const send = dataset.value
    const row = typeRow(send.type)
    const at = (key: string, value: unknown) =>
      ({ type: 'object', origin: 'value', input: send, key, value }) as const
    if (row.required && send[row.required] === undefined) {
      addIssue({ message: `is required for ${send.type}`, path: [at(row.required, undefined)] })
    }
    const checked = v.safeParse(row.data, send.data ?? {})
    for (const issue of checked.issues ?? []) {
      const inner = (issue.path ?? []) as { key: unknown; value: unknown; input: unknown }[]
      addIssue({
        message: issue.received === 'undefined' ? `is required for ${send.type}` : issue.message,
        path: [at('data', send.data), ...inner.map((step) => at(String(step.key), step.value))],
      })
    }
  }),
)
export type Send = v.InferOutput<typeof Send>

export const IdempotencyKey = text(MAX_IDEMPOTENCY_KEY_CHARS)

/** [NO3] Items are checked one by one, so that one bad item does not refuse the others. */
export const Batch = v.strictObject({
  notifications: v.pipe(
    v.array(v.unknown()),
    v.minLength(1, 'must hold at least one notification'),
    v.maxLength(MAX_BATCH_ITEMS),
  ),
})

/** What a hub's log and the archive keep of a notification. Times are ISO strings; absent means null on the wire. */
export interface StoredNotification {
  id: string
  type: NotificationType
  priority: Priority
  title?: string
  message?: string
  data?: Record<string, unknown>
  to: Recipient
  location_id?: string
  sender: string
  sent_at: string
  created_at: string
  deliver_at?: string
  expires_at?: string
  collapse_key?: string
  replaces?: string
  entity?: v.InferOutput<typeof Entity>
  actions?: v.InferOutput<typeof Action>[]
  requires_ack?: boolean
}

const NullableTime = v.nullable(v.string())

export const Outcome = v.object({ action: v.string(), user_id: v.string(), at: v.string() })

/** [NO1] What one reader did with an entry. */
export const NotificationState = v.object({
  delivered_at: NullableTime,
  seen_at: NullableTime,
  read_at: NullableTime,
  is_read: v.boolean(),
  archived_at: NullableTime,
  acknowledged_at: NullableTime,
  snoozed_until: NullableTime,
  outcome: v.nullable(Outcome),
})
export type NotificationState = v.InferOutput<typeof NotificationState>

export const FRESH_STATE: NotificationState = {
  delivered_at: null,
  seen_at: null,
  read_at: null,
  is_read: false,
  archived_at: null,
  acknowledged_at: null,
  snoozed_until: null,
  outcome: null,
}

/** [NO1] What a reader gets, over REST and on a socket. `state` is null on a location's socket (NO4). */
export const Notification = v.object({
  id: Uuid,
  type: v.string(),
  // A later server may know more of them; a client takes what it knows (CO3).
  category: v.fallback(Category, 'custom'),
  priority: v.fallback(Priority, 'normal'),
  title: v.string(),
  message: v.string(),
  data: v.record(v.string(), v.unknown()),
  to: v.record(v.string(), v.unknown()),
  location_id: v.nullable(v.string()),
  sender: v.string(),
  sent_at: v.string(),
  created_at: v.string(),
  deliver_at: NullableTime,
  expires_at: NullableTime,
  collapse_key: v.nullable(v.string()),
  replaces: v.nullable(v.string()),
  entity: v.nullable(v.object({ type: v.string(), id: v.string() })),
  actions: v.array(v.object({ id: v.string(), label: v.string() })),
  requires_ack: v.boolean(),
  stream: v.string(),
  seq: v.number(),
  state: v.nullable(NotificationState),
})
export type Notification = v.InferOutput<typeof Notification>
