// Signs access tokens (AU1). Verifying stands in durable-objects/access-token.ts, for hubs need it too.
import { SignJWT } from 'jose'
import {
  TOKEN_ALGORITHM,
  TOKEN_AUDIENCE,
  TOKEN_ISSUER,
  TOKEN_TYPE,
  type Keyring,
} from '../../durable-objects/access-token.ts'
import type { Scope, TokenAnswer, UserRole } from '../../protocol/api.ts'
import { MAX_TOKEN_SECONDS } from '../../protocol/limits.ts'
import type { Role } from '../../protocol/notification.ts'

/** A token travels in a header and in a URL, which have limits; `loc` is a hint, so it may be cut (AU7). */
const MAX_LOC_CHARS = 3_000

/** `sid`: the session that a person's token comes from, and ends with (AU8). */
type PersonClaims =
  | { sub: string; sid?: string; role: 'admin' }
  | { sub: string; sid?: string; role: 'member'; loc: Record<string, Role> }

type Claims = PersonClaims | { sub: string; role: 'service'; scp: readonly Scope[] }

/** [AU1] An access token for these claims, in the shape of AU2. */
export async function signAccessToken(
  { signing }: Keyring,
  claims: Claims,
  nowMs: number,
  expiresIn = MAX_TOKEN_SECONDS,
): Promise<TokenAnswer> {
  const issuedAt = Math.floor(nowMs / 1000)
  const token = await new SignJWT({ ...claims })
    .setProtectedHeader({ alg: TOKEN_ALGORITHM, typ: TOKEN_TYPE, kid: signing.kid })
    .setIssuer(TOKEN_ISSUER)
    .setAudience(TOKEN_AUDIENCE)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + expiresIn)
    .setJti(crypto.randomUUID())
    .sign(signing)
  return { access_token: token, token_type: 'Bearer', expires_in: expiresIn }
}

/** What a person's token says of them, from the directory. */
export function claimsOf(
  userId: string,
  role: UserRole,
  memberships: Readonly<Record<string, Role>>,
): PersonClaims {
  return role === 'admin' ? { sub: userId, role } : { sub: userId, role, loc: fitting(memberships) }
}

/** Locations that somebody manages come first: for those the hint opens something. */
function fitting(memberships: Readonly<Record<string, Role>>): Record<string, Role> {
  const all = Object.entries(memberships)
  const ordered = [
    ...all.filter(([, role]) => role === 'manager'),
    ...all.filter(([, role]) => role !== 'manager'),
  ]
  let chars = 0
  const kept = ordered.filter(([id, role]) => {
    chars += id.length + role.length + 6
    return chars <= MAX_LOC_CHARS
  })
  return Object.fromEntries(kept)
}
