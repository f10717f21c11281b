// The settings of OP3, checked once before anything is served. Pure, and free of the platform's types, so that scripts
// can refuse a wrong one before they start a server.
import * as v from 'valibot'
import { SigningKeys } from '../durable-objects/access-token.ts'
import { isVapidKey } from '../durable-objects/push/vapid.ts'

const wholeNumber = (min: number, max: number) => {
  const message = `must be a whole number from ${min} to ${max}`
  return v.pipe(
    v.string(message),
    v.regex(/^\d{1,9}$/, message),
    v.transform(Number),
    v.minValue(min, message),
    v.maxValue(max, message),
  )
}

const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text

const origins = v.pipe(
  v.string('must be a list of origins'),
  v.transform((text) => text.split(',').map((one) => one.trim())),
  v.check((all) => all.every(isOrigin), 'must be origins separated by commas, without a path'),
  v.transform((all): ReadonlySet<string> => new Set(all)),
)

const signingKeys = v.pipe(
  v.string('must be a JWK set as JSON'),
  v.check((text) => {
    try {
      return v.is(SigningKeys, JSON.parse(text))
    } catch {
      return false
    }
  }, 'must be a JWK set of private ES256 keys, each with its own kid'),
)

const httpsUrl = v.pipe(v.string(), v.url(), v.startsWith('https://', 'must begin with https://'))
const words = v.pipe(v.string(), v.minLength(1, 'must not be empty'))
const secret = v.pipe(v.string(), v.minLength(16, 'must have at least 16 characters'))

/** What each setting must be. The optional ones belong to parts that are not built yet. */
const FIELDS = {
  ENVIRONMENT: v.picklist(['development', 'production'], 'must be development or production'),
  // Browsers throttle timers below a second, and proxies drop what is silent for a minute and a half.
  WS_HEARTBEAT_INTERVAL: wholeNumber(1, 90),
  WS_MAX_CONNECTIONS_PER_USER: wholeNumber(1, 100),
  WS_RECONNECT_MAX_ATTEMPTS: wholeNumber(1, 1000),
  ARCHIVE_WAIT_MS: wholeNumber(0, 10_000),
  STATS_INTERVAL_S: wholeNumber(1, 3_600),
  RETENTION_DAYS: wholeNumber(1, 3_650),
  RATE_LIMITS: v.picklist(['on', 'off'], 'must be on or off'),
  ALLOWED_ORIGINS: origins,
  SIGNING_KEYS: signingKeys,
  PLATFORM_JWKS_URL: v.optional(httpsUrl),
  PLATFORM_ISSUER: v.optional(words),
  PLATFORM_AUDIENCE: v.optional(words),
  VAPID_SUBJECT: v.optional(
    v.pipe(v.string(), v.regex(/^(mailto:.+@.+|https:\/\/.+)$/, 'must be a mailto: or https: URL')),
  ),
  VAPID_PRIVATE_KEY: v.optional(
    v.pipe(
      v.string(),
      v.check(isVapidKey, 'must be a private P-256 key as base64url (npm run vapid makes one)'),
    ),
  ),
  PUSH_LOOPBACK: v.optional(
    v.pipe(
      v.string(),
      v.check(
        (text) => isOrigin(text) && /^http:\/\/(127\.0\.0\.1|localhost):\d+$/.test(text),
        'must be the http origin of a push service on this machine, with its port',
      ),
    ),
  ),
  METRICS_TOKEN: v.optional(secret),
}

type SettingName = keyof typeof FIELDS

const EXAMPLES: Record<SettingName, string> = {
  ENVIRONMENT: 'production',
  WS_HEARTBEAT_INTERVAL: '30',
  WS_MAX_CONNECTIONS_PER_USER: '5',
  WS_RECONNECT_MAX_ATTEMPTS: '10',
  ARCHIVE_WAIT_MS: '1000',
  STATS_INTERVAL_S: '60',
  RETENTION_DAYS: '90',
  RATE_LIMITS: 'on',
  ALLOWED_ORIGINS: 'https://shop.example,https://team.shop.example',
  SIGNING_KEYS:
    '{"keys":[{"kty":"EC","crv":"P-256","kid":"2026-11","x":"...","y":"...","d":"..."}]}',
  PLATFORM_JWKS_URL: 'https://id.shop.example/.well-known/jwks.json',
  PLATFORM_ISSUER: 'https://id.shop.example',
  PLATFORM_AUDIENCE: 'shopbell',
  VAPID_SUBJECT: 'mailto:ops@shop.example',
  VAPID_PRIVATE_KEY: 'what npm run vapid prints',
  PUSH_LOOPBACK: 'http://127.0.0.1:8091',
  METRICS_TOKEN: 'a random text of 32 characters',
}

const Schema = v.object(FIELDS)
export type Settings = v.InferOutput<typeof Schema>

/** The settings as they come from the environment: texts, and some of them missing. */
export type RawSettings = { [Name in SettingName]?: string }

export type CheckedSettings =
  | { ok: true; settings: Settings }
  /** One sentence for each wrong setting; none holds a value, for some are secrets. */
  | { ok: false; refusals: string[] }

/** [OP3] Checks all settings; a missing or wrong one is refused with its name and an example. */
export function checkSettings(raw: Readonly<Record<string, unknown>>): CheckedSettings {
  const refusals: string[] = []
  for (const name of Object.keys(FIELDS) as SettingName[]) {
    const result = v.safeParse(FIELDS[name], raw[name], { abortEarly: true })
    if (result.success) continue
    const what = raw[name] === undefined ? 'is missing' : result.issues[0].message
    refusals.push(`${name} ${what}; for example: ${EXAMPLES[name]}`)
  }
  if (raw['RATE_LIMITS'] === 'off' && raw['ENVIRONMENT'] === 'production') {
    refusals.push(`RATE_LIMITS must be on in production; for example: ${EXAMPLES.RATE_LIMITS}`)
  }
  refusals.push(...refusePush(raw))
  if (refusals.length > 0) return { ok: false, refusals }
  return { ok: true, settings: v.parse(Schema, raw) }
}

/** Push services want to know whom to write to, so half of the two is none; only tests push to this machine. */
function refusePush(raw: Readonly<Record<string, unknown>>): string[] {
  const refusals: string[] = []
  for (const [name, other] of [
    ['VAPID_SUBJECT', 'VAPID_PRIVATE_KEY'],
    ['VAPID_PRIVATE_KEY', 'VAPID_SUBJECT'],
  ] as const) {
    if (raw[name] !== undefined || raw[other] === undefined) continue
    refusals.push(`${name} must be set where ${other} is; for example: ${EXAMPLES[name]}`)
  }
  if (raw['PUSH_LOOPBACK'] !== undefined && raw['ENVIRONMENT'] === 'production') {
    refusals.push('PUSH_LOOPBACK must not be set in production; for example: leave it out')
  }
  return refusals
}
