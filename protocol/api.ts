// Bodies, queries and answers of the REST routes. The worker parses with these; clients take their types from here.
import * as v from 'valibot'
import { DeviceId, ExternalId, LocationId, SeqMap, UserId } from './ids.ts'
import { DEFAULT_PAGE, MAX_PAGE, MAX_TOKEN_SECONDS } from './limits.ts'
import { Category, NotificationType, Priority } from './notification-types.ts'
import { Notification, Role } from './notification.ts'
import { Totals } from './totals.ts'

const name = v.pipe(v.string(), v.trim(), v.minLength(1, 'must not be empty'), v.maxLength(120))

/** [DI1] An IANA zone that this runtime knows. */
export const TimeZone = v.pipe(
  v.string(),
  v.maxLength(64),
  v.check((zone) => {
    try {
      return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }))
    } catch {
      return false
    }
  }, 'must be an IANA time zone like Europe/Madrid'),
)

export const Locale = v.pipe(
  v.string(),
  v.regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a language tag like en or es-MX'),
)

/** The location hints of the platform (DI1). */
export const Region = v.picklist(['wnam', 'enam', 'sam', 'weur', 'eeur', 'apac', 'oc', 'afr', 'me'])
export type Region = v.InferOutput<typeof Region>

export const UserRole = v.picklist(['admin', 'member'])
export type UserRole = v.InferOutput<typeof UserRole>

/** [AU7] */
export const Scope = v.picklist([
  'notifications:send',
  'events:send',
  'directory:write',
  'status:read',
])
export type Scope = v.InferOutput<typeof Scope>

// --- who is calling (section 2)

/** [AU2] The token exchange of RFC 8693. */
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'

/** Longer than any token worth looking at. */
const MAX_SUBJECT_TOKEN_CHARS = 8_192

/** [AU2] A service shows its key. */
export const ClientCredentialsRequest = v.strictObject({
  grant_type: v.literal('client_credentials'),
  client_id: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  client_secret: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
})

/** [AU2] A browser goes on with its cookie. */
export const RefreshRequest = v.strictObject({ grant_type: v.literal('refresh_token') })

/** [AU2] A person comes with a JWT of the platform's own identity provider. */
export const ExchangeRequest = v.strictObject({
  grant_type: v.literal(TOKEN_EXCHANGE),
  subject_token: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_SUBJECT_TOKEN_CHARS)),
  subject_token_type: v.optional(
    v.picklist(
      ['jwt', 'id_token', 'access_token'].map(
        (kind) => `urn:ietf:params:oauth:token-type:${kind}` as const,
      ),
      'must be the URN of a JWT, an ID token or an access token',
    ),
  ),
})

/** [AU2] What this build grants; `urn:shopbell:display` answers `not_available`. */
export const TokenRequest = v.variant('grant_type', [
  ClientCredentialsRequest,
  RefreshRequest,
  ExchangeRequest,
])
export type TokenRequest = v.InferOutput<typeof TokenRequest>

/** [AU2] */
export const LogoutBody = v.strictObject({ everywhere: v.optional(v.boolean(), false) })

/** [AU3] */
export const DevTokenRequest = v.strictObject({
  user_id: UserId,
  expires_in: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_TOKEN_SECONDS)),
    MAX_TOKEN_SECONDS,
  ),
})

export const TokenAnswer = v.object({
  access_token: v.string(),
  token_type: v.literal('Bearer'),
  expires_in: v.number(),
})
export type TokenAnswer = v.InferOutput<typeof TokenAnswer>

// --- keys of services (DI2)

/** [DI2] */
export const ServiceKeyBody = v.strictObject({
  name,
  scopes: v.pipe(
    v.array(Scope),
    v.minLength(1, 'must name at least one scope'),
    v.check((scopes) => new Set(scopes).size === scopes.length, 'must not name a scope twice'),
  ),
})

/** [DI2] `last_used_at` is noted at most once a minute. */
export const ServiceKey = v.object({
  client_id: v.string(),
  name: v.string(),
  scopes: v.array(Scope),
  created_at: v.string(),
  last_used_at: v.nullable(v.string()),
})
export type ServiceKey = v.InferOutput<typeof ServiceKey>

/** [DI2] The only time that the secret is shown. */
export const NewServiceKey = v.object({ ...ServiceKey.entries, client_secret: v.string() })
export type NewServiceKey = v.InferOutput<typeof NewServiceKey>

// --- directory (section 11)

export const UserBody = v.strictObject({
  name,
  email: v.optional(v.pipe(v.string(), v.email(), v.maxLength(254))),
  locale: v.optional(Locale),
  time_zone: v.optional(TimeZone),
  role: v.optional(UserRole),
})
export type UserBody = v.InferOutput<typeof UserBody>

export const LocationBody = v.strictObject({
  name,
  time_zone: TimeZone,
  region: v.optional(Region),
})
export type LocationBody = v.InferOutput<typeof LocationBody>

export const MemberBody = v.strictObject({ role: Role })

export const User = v.object({
  id: ExternalId,
  name: v.string(),
  email: v.nullable(v.string()),
  locale: v.string(),
  time_zone: v.nullable(v.string()),
  role: UserRole,
})
export type User = v.InferOutput<typeof User>

export const Location = v.object({
  id: ExternalId,
  name: v.string(),
  time_zone: v.string(),
  region: v.nullable(Region),
})
export type Location = v.InferOutput<typeof Location>

export const Member = v.object({ user_id: v.string(), name: v.string(), role: Role })
export type Member = v.InferOutput<typeof Member>

export const Me = v.object({
  id: v.string(),
  name: v.string(),
  role: UserRole,
  locale: v.string(),
  memberships: v.record(v.string(), Role),
})
export type Me = v.InferOutput<typeof Me>

// --- lists (CO4)

const flag = v.pipe(
  v.picklist(['true', 'false'], 'must be true or false'),
  v.transform((text) => text === 'true'),
)
const pageSize = v.optional(
  v.pipe(
    v.string(),
    v.regex(/^\d{1,3}$/, `must be a whole number from 1 to ${MAX_PAGE}`),
    v.transform(Number),
    v.minValue(1, `must be a whole number from 1 to ${MAX_PAGE}`),
    v.maxValue(MAX_PAGE, `must be a whole number from 1 to ${MAX_PAGE}`),
  ),
  String(DEFAULT_PAGE),
)
const cursor = v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(4096)))

export const PageQuery = v.strictObject({ limit: pageSize, after: cursor, before: cursor })

/** [IN1] */
export const InboxQuery = v.strictObject({
  ...PageQuery.entries,
  category: v.optional(Category),
  type: v.optional(NotificationType),
  location_id: v.optional(LocationId),
  priority: v.optional(Priority),
  unread: v.optional(flag),
  archived: v.optional(flag),
})
export type InboxQuery = v.InferOutput<typeof InboxQuery>

export const Page = v.object({
  after: v.nullable(v.string()),
  before: v.nullable(v.string()),
  has_more: v.boolean(),
})
export type Page = v.InferOutput<typeof Page>

/** [AR3] Of the whole inbox; `until` is the next moment at which time alone changes them. */
export const Counts = v.object({
  unread: v.number(),
  unseen: v.number(),
  action_required: v.number(),
  until: v.nullable(v.string()),
})
export type Counts = v.InferOutput<typeof Counts>

const asOf = v.record(v.string(), v.number())
const epochs = v.record(v.string(), v.nullable(v.string()))

/** [IN1] The flat answer of `/unread/count`. */
export const CountAnswer = v.object({ ...Counts.entries, as_of: asOf, epochs })
export type CountAnswer = v.InferOutput<typeof CountAnswer>

/** [CO4][AR5] */
export const InboxAnswer = v.object({
  data: v.array(Notification),
  page: Page,
  counts: Counts,
  as_of: asOf,
  epochs,
})
export type InboxAnswer = v.InferOutput<typeof InboxAnswer>

/** [AR3] The answer of everything that changes an inbox. Counts are left out when counting failed or the archive lags. */
export const CommandAnswer = v.object({
  archived: v.boolean(),
  counts: v.optional(Counts),
  as_of: v.optional(asOf),
  epochs: v.optional(epochs),
})
export type CommandAnswer = v.InferOutput<typeof CommandAnswer>

/** [IN2] Body of `read-all` and `seen-all`; the same three as query or body of clear. */
export const BulkBody = v.strictObject({
  category: v.optional(Category),
  location_id: v.optional(LocationId),
  up_to: v.optional(SeqMap),
})
export type BulkBody = v.InferOutput<typeof BulkBody>

/** [IN2] As query: `up_to` is JSON text. */
export const BulkQuery = v.strictObject({
  category: v.optional(Category),
  location_id: v.optional(LocationId),
  up_to: v.optional(v.pipe(v.string(), v.parseJson(undefined, 'must be JSON'), SeqMap)),
})

/** [DI2] */
export const ServiceKeyList = v.object({ data: v.array(ServiceKey), page: Page })
export type ServiceKeyList = v.InferOutput<typeof ServiceKeyList>

// --- sending (section 6)

/** [NO3] */
export const SendAnswer = v.object({
  id: v.string(),
  stream: v.string(),
  seq: v.number(),
  archived: v.boolean(),
  status: v.picklist(['sent', 'scheduled']),
})
export type SendAnswer = v.InferOutput<typeof SendAnswer>

// --- own status (OP1)

export const Connection = v.object({
  connection_id: v.string(),
  device: v.nullable(v.string()),
  stream: v.string(),
  connected_at: v.string(),
  last_seen: v.string(),
  visible: v.boolean(),
})
export type Connection = v.InferOutput<typeof Connection>

/** `totals` are for admins and for services that may read them. */
export const StatusAnswer = v.object({
  connected: v.boolean(),
  connections: v.array(Connection),
  totals: v.optional(Totals),
})
export type StatusAnswer = v.InferOutput<typeof StatusAnswer>

// --- what the archive refused (AR2)

export const ParkedKind = v.picklist(['notification', 'mark', 'step'])
export type ParkedKind = v.InferOutput<typeof ParkedKind>

/** `reason` is what the archive said, without a word of the entry. */
export const ParkedEntry = v.object({
  stream: v.string(),
  epoch: v.string(),
  seq: v.number(),
  /** Of a notification. */
  id: v.nullable(v.string()),
  kind: ParkedKind,
  parked_at: v.string(),
  reason: v.string(),
})
export type ParkedEntry = v.InferOutput<typeof ParkedEntry>

export const ParkedList = v.object({ data: v.array(ParkedEntry), page: Page })
export type ParkedList = v.InferOutput<typeof ParkedList>

/** `archived: false`: D1 is away, and the hub goes on trying. */
export const RetryAnswer = v.object({
  stream: v.string(),
  epoch: v.string(),
  seq: v.number(),
  id: v.nullable(v.string()),
  kind: ParkedKind,
  archived: v.boolean(),
})
export type RetryAnswer = v.InferOutput<typeof RetryAnswer>

// --- sockets (WS1)

/** Query of the upgrade. `epoch` and `since` resume. */
export const SocketQuery = v.strictObject({
  location: v.optional(LocationId),
  device: v.optional(DeviceId),
  epoch: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(64))),
  since: v.optional(
    v.pipe(v.string(), v.regex(/^\d{1,15}$/, 'must be a whole number'), v.transform(Number)),
  ),
  token: v.optional(v.pipe(v.string(), v.maxLength(8192))),
})

// --- development (AR8)

export const FaultsBody = v.strictObject({
  d1: v.optional(
    v.strictObject({
      delay_ms: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(60_000))),
      down: v.optional(v.boolean()),
      refuse: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(200))),
    }),
  ),
  clock_ahead_ms: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(400 * 24 * 3_600_000)),
  ),
})
export type FaultsBody = v.InferOutput<typeof FaultsBody>
