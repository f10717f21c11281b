// The schemas that the documents name, each with a sentence about what it is.
import type { GenericSchema } from 'valibot'
import * as api from '../../protocol/api.ts'
import * as events from '../../protocol/events.ts'
import * as ids from '../../protocol/ids.ts'
import * as notification from '../../protocol/notification.ts'
import * as push from '../../protocol/push.ts'
import * as types from '../../protocol/notification-types.ts'
import * as answers from './answers.ts'
import { convert, type Schema } from './json-schema.ts'
import { describeSends } from './sends.ts'

/** What both documents use. */
export const SHARED = {
  Category: types.Category,
  EventType: events.EventType,
  Notification: notification.Notification,
  NotificationState: notification.NotificationState,
  NotificationType: types.NotificationType,
  Outcome: notification.Outcome,
  Priority: types.Priority,
  Role: notification.Role,
  SeqMap: ids.SeqMap,
  Uuid: ids.Uuid,
} satisfies Record<string, GenericSchema>

export const SHARED_TEXTS: Record<keyof typeof SHARED, string> = {
  Category: 'The part of a type before its dot.',
  EventType: 'One of the known live events, or one of your own behind `x_`.',
  Notification:
    'A notification as its reader gets it. `title` and `message` that the sender did not give are written from `data` in the reader’s language.',
  NotificationState: 'What the reader did with it. Times are ISO 8601 UTC with milliseconds.',
  NotificationType: 'What happened. It says what `data` must hold.',
  Outcome: 'Who answered, with what, and when.',
  Priority: 'How loud it is.',
  Role: 'A member’s role at a location.',
  SeqMap: 'Positions by stream: `{"location:downtown": 42}`.',
  Uuid: 'An id that the server made (UUIDv7).',
}

const OWN = {
  Action: notification.Action,
  Batch: notification.Batch,
  BatchAnswer: answers.BatchAnswer,
  BatchResult: answers.BatchResult,
  BulkBody: api.BulkBody,
  CommandAnswer: api.CommandAnswer,
  Connection: api.Connection,
  CountAnswer: api.CountAnswer,
  Counts: api.Counts,
  DevTokenRequest: api.DevTokenRequest,
  Entity: notification.Entity,
  EventAnswer: events.EventAnswer,
  EventBody: events.EventBody,
  FaultsBody: api.FaultsBody,
  Health: answers.Health,
  IdempotencyKey: notification.IdempotencyKey,
  InboxAnswer: api.InboxAnswer,
  KeySet: answers.KeySet,
  Locale: api.Locale,
  Location: api.Location,
  LocationBody: api.LocationBody,
  LogoutBody: api.LogoutBody,
  Me: api.Me,
  Member: api.Member,
  MemberAnswer: answers.MemberAnswer,
  MemberBody: api.MemberBody,
  MembersAnswer: answers.MembersAnswer,
  NewServiceKey: api.NewServiceKey,
  Page: api.Page,
  ParkedEntry: api.ParkedEntry,
  ParkedKind: api.ParkedKind,
  ParkedList: api.ParkedList,
  Problem: answers.ProblemBody,
  PushDevice: push.PushDevice,
  PushDeviceList: push.PushDeviceList,
  PushKey: push.PushKey,
  PushSubscriptionBody: push.PushSubscriptionBody,
  PushTestAnswer: push.PushTestAnswer,
  PushTestBody: push.PushTestBody,
  Recipient: notification.Recipient,
  Region: api.Region,
  RetryAnswer: api.RetryAnswer,
  Send: notification.Send,
  SendAnswer: api.SendAnswer,
  Scope: api.Scope,
  ServiceKey: api.ServiceKey,
  ServiceKeyBody: api.ServiceKeyBody,
  ServiceKeyList: api.ServiceKeyList,
  StatusAnswer: api.StatusAnswer,
  TimeZone: api.TimeZone,
  TokenAnswer: api.TokenAnswer,
  TokenRequest: api.TokenRequest,
  User: api.User,
  UserBody: api.UserBody,
  UserRole: api.UserRole,
} satisfies Record<string, GenericSchema>

const OWN_TEXTS: Record<keyof typeof OWN, string> = {
  Action: 'A button. Ids differ within one notification.',
  Batch: 'Items are checked one by one: a bad one does not refuse the others.',
  BatchAnswer: 'One result per item, in the order of the items.',
  BatchResult: 'What became of one item: accepted, or a problem of its own.',
  BulkBody: 'Which entries; what is missing narrows nothing.',
  CommandAnswer:
    'The command stands. `counts`, `as_of` and `epochs` are left out while the archive lags behind.',
  Connection: 'One open socket.',
  CountAnswer: 'The counts of the whole inbox, and how far the archive was when it counted.',
  Counts: 'Of the whole inbox. `until` is the next moment at which time alone changes them.',
  DevTokenRequest: 'Whose token, and for how many seconds.',
  Entity: 'The thing in your system that it is about.',
  EventAnswer: 'How many open sockets it was handed to.',
  EventBody: 'One live event. `to` holds exactly one of a person and a location.',
  FaultsBody: 'What is missing is off.',
  Health: 'The version that is running.',
  IdempotencyKey: 'Of your choice; a UUID or the id of the thing that happened will do.',
  InboxAnswer: 'A page of an inbox, newest first, with the counts of the whole inbox.',
  KeySet: 'A JWK set (RFC 7517).',
  Locale: 'A language tag.',
  Location: 'A shop.',
  LocationBody: 'A shop as it is to be. It replaces what was there.',
  LogoutBody: 'Whether every session of the person ends.',
  Me: 'Who the token is, and where they belong.',
  Member: 'A person at a location.',
  MemberAnswer: 'The membership as it is now.',
  MemberBody: 'The role that the person is to have there.',
  MembersAnswer: 'A page of members, by user id.',
  NewServiceKey: 'A key with its secret, which is shown this once.',
  Page: 'Cursors to go on (`after`) and back (`before`); null where there is nothing more.',
  ParkedEntry:
    'An entry that the archive refused for its content: where it stands and why, without a word of it.',
  ParkedKind: 'A notification, or what a person did with one (`mark`) or with many (`step`).',
  ParkedList: 'A page of parked entries, the longest parked first.',
  Problem:
    'RFC 9457. `code` is stable and the part that a program compares; `errors` points at what is wrong where (RFC 6901).',
  PushDevice: 'A device, and how its push service takes what is sent to it.',
  PushDeviceList: 'Every subscribed device of the caller.',
  PushKey: 'The public key of this deployment.',
  PushSubscriptionBody: 'A browser’s `PushSubscription.toJSON()`.',
  PushTestAnswer: 'One result for each device.',
  PushTestBody: 'Which device; without one all of them.',
  Recipient: 'Exactly one of a person, a location (or some of its roles), and everybody.',
  Region: 'Where the shop’s hub is made: a location hint of the platform.',
  RetryAnswer:
    'What was tried again. `archived: false` means that the archive is away, and that its hub goes on trying.',
  Send: 'One notification. The type says what `data` must hold; other keys are allowed and kept.',
  SendAnswer:
    'It is safe and on its way. `archived: false` means that lists show it a little later.',
  Scope: 'What a service may do.',
  ServiceKey: 'A key of a service. `last_used_at` is noted at most once a minute.',
  ServiceKeyBody: 'A name for people, and what the key may do.',
  ServiceKeyList: 'A page of keys.',
  StatusAnswer: 'The caller’s own sockets.',
  TimeZone: 'An IANA time zone that the server knows.',
  TokenAnswer: 'An access token and its life in seconds.',
  TokenRequest: 'What the token is asked with.',
  User: 'A person.',
  UserBody:
    'A person as they are to be. It replaces what was there; only a `role` that is left out stays.',
  UserRole: '`admin` may do everything.',
}

const REGISTERED: Record<string, GenericSchema> = { ...SHARED, ...OWN }
const NAMES = new Map(Object.entries(REGISTERED).map(([name, schema]) => [schema, name]))

/** The name under which the document has a schema. */
export function nameOf(schema: GenericSchema): string {
  const name = NAMES.get(schema)
  if (name === undefined) throw new TypeError('A schema of a route is not among the components.')
  return name
}

/** Every named schema, and beside them those of queries under names of their own. */
export function convertComponents<Query extends string>(
  queries: Record<Query, GenericSchema>,
): { components: Record<string, Schema>; queries: Record<Query, Schema> } {
  const converted: Record<string, Schema> = convert({ ...REGISTERED, ...queries })
  const texts: Record<string, string> = { ...SHARED_TEXTS, ...OWN_TEXTS }
  const components = Object.fromEntries(
    Object.keys(REGISTERED)
      .toSorted()
      .map((name) => [name, { description: texts[name] ?? '', ...converted[name] }]),
  )
  return {
    components: describeSends(components),
    queries: Object.fromEntries(
      Object.keys(queries).map((name) => [name, converted[name]]),
    ) as Record<Query, Schema>,
  }
}
