// One access token for REST and socket alike: kept while it lives, fetched once however many ask.
import type { TokenAnswer } from '../protocol/api.ts'
import { networkError } from './errors.ts'
import type { AccessToken, Clock, GetToken, Millis } from './types.ts'

/** [AU3] A new token is fetched this long before the old one ends. */
export const RENEW_AHEAD_MS = 60_000

/** Several requests refused at the same moment are refused the same token: one new one is enough for them. */
const JUST_FETCHED_MS = 5_000

/** Longer than our own sign-ins take; one that hangs must not keep every later one waiting. */
export const SIGN_IN_PATIENCE_MS = 25_000

interface Kept extends AccessToken {
  fetchedAt: Millis
  renewAt: Millis
}

/** A token source over a sign-in. It keeps nothing outside memory (AU5). */
export function createTokenSource(signIn: () => Promise<TokenAnswer>, clock: Clock): GetToken {
  let kept: Kept | null = null
  let coming: Promise<AccessToken> | null = null

  async function fetchToken(): Promise<AccessToken> {
    const { access_token, expires_in } = await withinPatience(signIn(), clock)
    const fetchedAt = clock.now()
    const lifeMs = expires_in * 1_000
    // Half its life for tokens that live hardly longer than that (tests, demonstrations).
    const renewAt = fetchedAt + Math.max(lifeMs - RENEW_AHEAD_MS, lifeMs / 2)
    kept = { token: access_token, expiresAt: fetchedAt + lifeMs, fetchedAt, renewAt }
    return kept
  }

  return async ({ refresh = false } = {}) => {
    const now = clock.now()
    const isRefused = refresh && kept !== null && now - kept.fetchedAt >= JUST_FETCHED_MS
    // Dropped before the new one is there: a failed sign-in must not bring the refused one back.
    if (isRefused) kept = null
    if (kept && now < kept.renewAt) return kept
    coming ??= fetchToken().finally(() => (coming = null))
    return coming
  }
}

/** What comes after its time counts no more. */
async function withinPatience<T>(work: Promise<T>, clock: Clock): Promise<T> {
  let callOff = () => {}
  const late = new Promise<never>((_resolve, reject) => {
    callOff = clock.after(SIGN_IN_PATIENCE_MS, () => reject(networkError('the sign-in hangs')))
  })
  try {
    return await Promise.race([work, late])
  } finally {
    callOff()
  }
}
