// [AU2] A JWT of the platform's own identity provider, verified per RFC 8725: pinned issuer, audience and algorithms, and an
// end. Whoever its `sub` names is signed in, if they are a user here.
import { errors, jwtVerify } from 'jose'
import { now } from '../../durable-objects/clock.ts'
import { within } from '../../durable-objects/timeouts.ts'
import { logFailure } from '../log.ts'
import { HttpProblem, notNow } from '../problem.ts'
import type { Settings } from '../settings.ts'
import { KeysUnavailable, PlatformKeys } from './platform-keys.ts'

/** With a shared secret, whoever can verify can sign; with none, everybody can. */
const ALGORITHMS = ['ES256', 'RS256', 'EdDSA']

/** The provider's clock and ours differ. */
const CLOCK_TOLERANCE_S = 5

/** When a provider that did not answer may be asked again. */
const RETRY_AFTER_S = 5

interface Platform {
  keys: PlatformKeys
  issuer: string
  audience: string
}

const platforms = new WeakMap<Settings, Platform>()

function platformOf(settings: Settings): Platform {
  const known = platforms.get(settings)
  if (known !== undefined) return known
  const { PLATFORM_JWKS_URL: url, PLATFORM_ISSUER: issuer, PLATFORM_AUDIENCE: audience } = settings
  if (url === undefined || issuer === undefined || audience === undefined) {
    throw new HttpProblem(
      'not_available',
      'This deployment knows no identity provider: set PLATFORM_JWKS_URL, PLATFORM_ISSUER and PLATFORM_AUDIENCE.',
    )
  }
  const deps = { fetch: (at: string, init: RequestInit) => fetch(at, init), now, within }
  const platform = { keys: new PlatformKeys(url, deps), issuer, audience }
  platforms.set(settings, platform)
  return platform
}

/** Whom a subject token names. Throws a problem that says what is wrong with it: its sender made it, and can mend it. */
export async function subjectOf(settings: Settings, token: string): Promise<string> {
  const { keys, issuer, audience } = platformOf(settings)
  try {
    const { payload } = await jwtVerify(token, keys.keyFor, {
      algorithms: ALGORITHMS,
      issuer,
      audience,
      requiredClaims: ['sub', 'exp'],
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: new Date(now()),
    })
    return String(payload.sub)
  } catch (error) {
    if (error instanceof KeysUnavailable) {
      logFailure('platform_keys_not_read', error)
      throw notNow('unavailable', RETRY_AFTER_S)
    }
    const reason = reasonOf(error)
    if (reason === null) throw error
    throw new HttpProblem('unauthorized', `The subject token is not accepted: ${reason}.`)
  }
}

/** Null: no fault of the token. */
function reasonOf(error: unknown): string | null {
  if (error instanceof errors.JWTExpired) return 'it has expired'
  if (error instanceof errors.JWTClaimValidationFailed) {
    const { claim, reason } = error
    return reason === 'missing' ? `it has no ${claim}` : `its ${claim} is not the one expected here`
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return `it is signed with another algorithm than ${ALGORITHMS.join(', ')}`
  }
  if (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  ) {
    return 'the provider publishes no such key'
  }
  // A header that fits no key of its algorithm surfaces as a TypeError.
  if (error instanceof errors.JOSEError || error instanceof TypeError) {
    return 'it is no JWT with a valid signature'
  }
  return null
}
