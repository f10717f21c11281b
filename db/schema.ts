// [AR6] The tables of the archive and the directory. Steps and exceptions, not rows per recipient.
// No foreign keys: hubs archive independently, so a mark may land before its entry.
// The clustered tables are WITHOUT ROWID in migrations/0000 (Drizzle cannot say it): one row written, not two.
import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { ParkedKind, Region, Scope, UserRole } from '../protocol/api.ts'
import type { Category, NotificationType, Priority } from '../protocol/notification-types.ts'
import type { Role } from '../protocol/notification.ts'

/** Milliseconds since 1970. */
const millis = (name: string) => integer(name)

/** [DI1] */
export const users = sqliteTable('users', {
  id: text().primaryKey(),
  name: text().notNull(),
  email: text(),
  locale: text().notNull(),
  time_zone: text(),
  role: text().$type<UserRole>().notNull(),
  created_at: millis('created_at').notNull(),
})

/** [DI1] */
export const locations = sqliteTable('locations', {
  id: text().primaryKey(),
  name: text().notNull(),
  time_zone: text().notNull(),
  region: text().$type<Region>(),
  created_at: millis('created_at').notNull(),
})

/** [NO8] `from_place`: the location's head when the person joined; `role_from_place`: at the last change of role. */
export const memberships = sqliteTable(
  'memberships',
  {
    user_id: text().notNull(),
    location_id: text().notNull(),
    role: text().$type<Role>().notNull(),
    from_place: text().notNull(),
    role_from_place: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.user_id, t.location_id] }),
    index('memberships_location').on(t.location_id, t.user_id),
  ],
)

/** [AU2] The secret is stored hashed only. */
export const serviceKeys = sqliteTable('service_keys', {
  client_id: text().primaryKey(),
  name: text().notNull(),
  secret_hash: text().notNull(),
  scopes: text({ mode: 'json' }).$type<Scope[]>().notNull(),
  created_at: millis('created_at').notNull(),
  last_used_at: millis('last_used_at'),
  revoked_at: millis('revoked_at'),
})

/**
 * One row per entry, whoever it is for. `audience`: 1 managers, 2 staff, 3 everyone. `asks`: 1 requires_ack, 2 has actions.
 * `gone_at`: replaced or cancelled. `body` stands last, so that a walk over the other columns never reads its pages.
 */
export const notifications = sqliteTable(
  'notifications',
  {
    stream: text().notNull(),
    place: text().notNull(),
    id: text().notNull(),
    audience: integer().notNull(),
    category: text().$type<Category>().notNull(),
    type: text().$type<NotificationType>().notNull(),
    priority: text().$type<Priority>().notNull(),
    location_id: text(),
    sent_at: millis('sent_at').notNull(),
    expires_at: millis('expires_at'),
    gone_at: millis('gone_at'),
    collapse_key: text(),
    asks: integer().notNull(),
    body: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.stream, t.place] }),
    uniqueIndex('notifications_id').on(t.id, t.stream),
    index('notifications_collapse')
      .on(t.stream, t.collapse_key)
      .where(sql`collapse_key IS NOT NULL AND gone_at IS NULL`),
    index('notifications_asking')
      .on(t.stream, t.place)
      .where(sql`asks <> 0 AND gone_at IS NULL`),
  ],
)

/**
 * [AR6] "Everything up to here was read, seen, cleared", of one category or of all ('*'). Per kind and category only
 * steps that reach higher than the ones before are kept, so the lowest one at or above an entry is what first covered it.
 * `at` is null for a step that compaction made: what it covers has its times elsewhere.
 */
export const inboxSteps = sqliteTable(
  'inbox_steps',
  {
    user_id: text().notNull(),
    stream: text().notNull(),
    kind: text().$type<'read' | 'seen' | 'clear'>().notNull(),
    category: text().$type<Category | '*'>().notNull(),
    up_to: text().notNull(),
    at: millis('at'),
  },
  (t) => [primaryKey({ columns: [t.user_id, t.stream, t.kind, t.category, t.up_to] })],
)

/** [AR6] What one person did with one entry. `unread` and `unseen` are exceptions: they win over any step. */
export const inboxMarks = sqliteTable(
  'inbox_marks',
  {
    user_id: text().notNull(),
    stream: text().notNull(),
    place: text().notNull(),
    category: text().$type<Category>().notNull(),
    read_at: millis('read_at'),
    unread: integer().notNull().default(0),
    seen_at: millis('seen_at'),
    unseen: integer().notNull().default(0),
    archived_at: millis('archived_at'),
    deleted_at: millis('deleted_at'),
    acknowledged_at: millis('acknowledged_at'),
    snoozed_until: millis('snoozed_until'),
  },
  (t) => [
    primaryKey({ columns: [t.user_id, t.stream, t.place] }),
    index('inbox_exceptions')
      .on(t.user_id, t.stream, t.place)
      .where(sql`unread = 1 OR unseen = 1`),
    index('inbox_archived')
      .on(t.user_id, t.stream, t.place)
      .where(sql`archived_at IS NOT NULL`),
  ],
)

/** [AR2] How far each epoch of each stream is archived. NULL is refused: that is the fence. */
export const archiveCursors = sqliteTable(
  'archive_cursors',
  { stream: text().notNull(), epoch: text().notNull(), seq: integer().notNull() },
  (t) => [primaryKey({ columns: [t.stream, t.epoch] })],
)

/**
 * [AR2] Entries that D1 refused for their content: what a list of them shows, and what compaction must know of an entry
 * that may come later. No word of what people wrote. Written by the batch whose cursor passes the entry.
 */
export const parkedEntries = sqliteTable(
  'parked_entries',
  {
    stream: text().notNull(),
    place: text().notNull(),
    kind: text().$type<ParkedKind>().notNull(),
    id: text(),
    audience: integer().notNull(),
    category: text().$type<Category>(),
    parked_at: millis('parked_at').notNull(),
    reason: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.stream, t.place] })],
)

/** [AR7] A hub that must read its copy of the directory again. */
export const hubTasks = sqliteTable('hub_tasks', {
  id: integer().primaryKey({ autoIncrement: true }),
  hub: text().notNull().unique(),
  created_at: millis('created_at').notNull(),
  attempts: integer().notNull().default(0),
  next_at: millis('next_at').notNull(),
})

/**
 * [AU2] A person signed in somewhere: one family of refresh tokens. A token is this id, a secret that stays (hashed here)
 * and a nonce that changes with each use; the one before is kept, so that a repeated use is told from a replayed one.
 */
export const sessions = sqliteTable(
  'sessions',
  {
    id: text().primaryKey(),
    user_id: text().notNull(),
    secret_hash: text().notNull(),
    nonce: text().notNull(),
    previous_nonce: text(),
    rotated_at: millis('rotated_at').notNull(),
    created_at: millis('created_at').notNull(),
    expires_at: millis('expires_at').notNull(),
    ended_at: millis('ended_at'),
  },
  (t) => [index('sessions_user').on(t.user_id)],
)

/**
 * [AU8] What no access token may name any more: a session's id, or the subject `service:<client_id>`. Of interest for one
 * token's life, up to `until`. `user_id` is whose session it was.
 */
export const revocations = sqliteTable(
  'revocations',
  {
    key: text().primaryKey(),
    user_id: text(),
    until: millis('until').notNull(),
  },
  (t) => [index('revocations_until').on(t.until)],
)

/** [CO6] Sign-ins that failed lately, at most ten rows a client. */
export const signInFailures = sqliteTable(
  'sign_in_failures',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    client: text().notNull(),
    at: millis('at').notNull(),
  },
  (t) => [index('sign_in_failures_client').on(t.client, t.at)],
)

/**
 * [RE3] Where a device of a person gets its pushes. One address is one browser's, so whoever subscribed it last has it. `origin`
 * is of the page that subscribed, `session` the one it did so in: signed out, it gets no more.
 */
export const pushSubscriptions = sqliteTable(
  'push_subscriptions',
  {
    user_id: text().notNull(),
    device: text().notNull(),
    endpoint: text().notNull(),
    p256dh: text().notNull(),
    auth: text().notNull(),
    origin: text().notNull(),
    session: text(),
    created_at: millis('created_at').notNull(),
    confirmed_at: millis('confirmed_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.user_id, t.device] }),
    uniqueIndex('push_subscriptions_endpoint').on(t.endpoint),
    index('push_subscriptions_session')
      .on(t.session)
      .where(sql`session IS NOT NULL`),
  ],
)

const count = (name: string) => integer(name).notNull()

/**
 * [OP1] What a hub reported: from `since` to `at` the `recent_` ones, the others from the beginning. `ended_0` to `ended_9`
 * are connections by how long they lasted, `ended_s` all their seconds together.
 */
export const hubStats = sqliteTable('hub_stats', {
  hub: text().primaryKey(),
  since: millis('since').notNull(),
  at: millis('at').notNull(),
  sockets: count('sockets'),
  backlog: count('backlog'),
  backlog_since: millis('backlog_since'),
  parked: count('parked'),
  recent_sent: count('recent_sent'),
  recent_received: count('recent_received'),
  recent_opened: count('recent_opened'),
  recent_errors: count('recent_errors'),
  sent: count('sent'),
  received: count('received'),
  opened: count('opened'),
  reconnections: count('reconnections'),
  resumes: count('resumes'),
  errors: count('errors'),
  ended_0: count('ended_0'),
  ended_1: count('ended_1'),
  ended_2: count('ended_2'),
  ended_3: count('ended_3'),
  ended_4: count('ended_4'),
  ended_5: count('ended_5'),
  ended_6: count('ended_6'),
  ended_7: count('ended_7'),
  ended_8: count('ended_8'),
  ended_9: count('ended_9'),
  ended_s: count('ended_s'),
})
