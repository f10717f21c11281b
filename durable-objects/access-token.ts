// The one kind of credential inside (AU1). Worker and hubs verify it alike, against keys they hold:
// the worker at the door, a hub when an open socket brings a fresh one (WS11).
import { errors, jwtVerify, type JWTHeaderParameters } from 'jose'
import * as v from 'valibot'
import { ExternalId } from '../protocol/ids.ts'
import { MAX_TOKEN_SECONDS } from '../protocol/limits.ts'
import { Role } from '../protocol/notification.ts'
import type { Identity } from './rpc.ts'

export const TOKEN_ISSUER = 'shopbell'
export const TOKEN_AUDIENCE = 'shopbell-api'
export const TOKEN_TYPE = 'at+jwt'
export const TOKEN_ALGORITHM = 'ES256'

/** Longer than any token of ours; what is longer is not looked at. */
const MAX_TOKEN_BYTES = 8 * 1024

/** [AU8] How long a verified token is remembered by its text, never past its own end. */
const REMEMBER_MS = 5_000
const MAX_REMEMBERED = 2_000

const Coordinate = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_-]{43}$/, 'must be 32 bytes as base64url'),
)

const SigningKey = v.object({
  kty: v.literal('EC'),
  crv: v.literal('P-256'),
  kid: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
  x: Coordinate,
  y: Coordinate,
  d: Coordinate,
})

/** The setting SIGNING_KEYS: private ES256 keys. The first signs; all of them verify, so that keys can be rotated. */
export const SigningKeys = v.object({
  keys: v.pipe(
    v.array(SigningKey),
    v.minLength(1, 'must hold at least one key'),
    v.check((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length, 'kids must differ'),
  ),
})

const known = { alg: TOKEN_ALGORITHM, use: 'sig' } as const
type PrivateKey = v.InferOutput<typeof SigningKey> & typeof known
export type PublicKey = Omit<PrivateKey, 'd'>

interface Remembered {
  identity: Identity
  from: number
  until: number
}

export interface Keyring {
  signing: PrivateKey
  public: ReadonlyMap<string, PublicKey>
  /** Verified lately: checking a signature costs more than the rest of a send. */
  remembered: Map<string, Remembered>
}

/** Reads the setting SIGNING_KEYS. Throws when it is not one; settings are checked before anybody gets here. */
export function openKeyring(signingKeys: string): Keyring {
  const { keys } = v.parse(SigningKeys, JSON.parse(signingKeys))
  const open = keys.map(({ d: _secret, ...key }) => [key.kid, { ...key, ...known }] as const)
  const [first] = keys
  if (first === undefined) throw new TypeError('SIGNING_KEYS holds no key')
  return { signing: { ...first, ...known }, public: new Map(open), remembered: new Map() }
}

const seconds = v.pipe(v.number(), v.integer(), v.minValue(0))
const subjectOf = (kind: string) =>
  v.pipe(v.string(), v.regex(new RegExp(`^${kind}:[A-Za-z0-9_-]{1,64}$`)))

const common = {
  iss: v.literal(TOKEN_ISSUER),
  aud: v.literal(TOKEN_AUDIENCE),
  iat: seconds,
  exp: seconds,
  jti: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
  sid: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(64))),
}

/** [AU1] What a role's token must say; a claim that belongs to another role is not read. */
const Claims = v.pipe(
  v.variant('role', [
    v.object({ ...common, role: v.literal('admin'), sub: ExternalId }),
    v.object({
      ...common,
      role: v.literal('member'),
      sub: ExternalId,
      loc: v.record(ExternalId, Role),
    }),
    v.object({
      ...common,
      role: v.literal('service'),
      sub: subjectOf('service'),
      scp: v.array(v.string()),
    }),
    v.object({
      ...common,
      role: v.literal('display'),
      sub: subjectOf('display'),
      loc: v.record(ExternalId, v.literal('display')),
    }),
  ]),
  v.check(({ iat, exp }) => exp - iat <= MAX_TOKEN_SECONDS, 'lives too long'),
)

export type Verified =
  | { ok: true; identity: Identity }
  | { ok: false; reason: 'expired' | 'not_valid' }

/**
 * [AU1] Verifies per RFC 8725: pinned algorithm, type, issuer and audience, our own keys only, no tolerance on `exp`.
 * The same text is remembered for at most 5 s.
 */
export async function verifyAccessToken(
  token: string,
  keyring: Keyring,
  nowMs: number,
): Promise<Verified> {
  const remembered = keyring.remembered.get(token)
  // A clock that was set back (AR8) must not lengthen a memory.
  if (remembered && remembered.from <= nowMs && nowMs < remembered.until) {
    return { ok: true, identity: remembered.identity }
  }
  if (token.length > MAX_TOKEN_BYTES) return { ok: false, reason: 'not_valid' }
  const verified = await verifyFresh(token, keyring, nowMs)
  if (verified.ok) remember(keyring.remembered, token, verified.identity, nowMs)
  return verified
}

async function verifyFresh(token: string, keyring: Keyring, nowMs: number): Promise<Verified> {
  try {
    const { payload } = await jwtVerify(token, (header) => keyOf(header, keyring), {
      algorithms: [TOKEN_ALGORITHM],
      typ: TOKEN_TYPE,
      issuer: TOKEN_ISSUER,
      audience: TOKEN_AUDIENCE,
      requiredClaims: ['iss', 'aud', 'sub', 'iat', 'exp', 'jti'],
      clockTolerance: 0,
      currentDate: new Date(nowMs),
    })
    const claims = v.safeParse(Claims, payload)
    if (!claims.success) return { ok: false, reason: 'not_valid' }
    return { ok: true, identity: identityOf(claims.output) }
  } catch (error) {
    if (error instanceof errors.JWTExpired) return { ok: false, reason: 'expired' }
    // jose throws its own errors for what is wrong with a token; anything else is a fault of ours.
    if (error instanceof errors.JOSEError) return { ok: false, reason: 'not_valid' }
    throw error
  }
}

function keyOf({ kid }: JWTHeaderParameters, keyring: Keyring): PublicKey {
  const key = kid === undefined ? undefined : keyring.public.get(kid)
  if (key === undefined) throw new errors.JWKSNoMatchingKey()
  return key
}

function identityOf(claims: v.InferOutput<typeof Claims>): Identity {
  const { sub, sid, role, exp, jti } = claims
  return {
    sub,
    ...(sid !== undefined && { sid }),
    role,
    loc: 'loc' in claims ? claims.loc : {},
    scp: 'scp' in claims ? claims.scp : [],
    exp,
    jti,
  }
}

function remember(all: Map<string, Remembered>, token: string, identity: Identity, nowMs: number) {
  // Deleted first, so that the map's order is by age and the oldest goes first.
  all.delete(token)
  if (all.size >= MAX_REMEMBERED) {
    const oldest = all.keys().next()
    if (!oldest.done) all.delete(oldest.value)
  }
  const until = Math.min(nowMs + REMEMBER_MS, identity.exp * 1000)
  all.set(token, { identity, from: nowMs, until })
}
