// [AU2][AU3] Signing in, going on and signing out. The refresh token is a cookie that no script sees.
import * as v from 'valibot'
import { TOKEN_EXCHANGE, TokenAnswer } from '../protocol/api.ts'
import type { ApiOptions, Perform } from './call.ts'
import { tabLock } from './system.ts'
import type { Api } from './types.ts'

/** The cookie is the browser's, so what changes it waits its turn in all tabs. */
const LOCK = 'shopbell.sign-in'

export function signInCalls(
  call: Perform,
  { base = '', lock = tabLock() }: Pick<ApiOptions, 'base' | 'lock'>,
): Pick<Api, 'signInDev' | 'refreshSession' | 'exchange' | 'signOut'> {
  const credentials = base === '' ? 'same-origin' : 'include'
  const grant = (body: object) =>
    lock(LOCK, () =>
      call({
        method: 'POST',
        path: '/auth/token',
        answer: TokenAnswer,
        body,
        token: 'none',
        credentials,
      }),
    )
  let refreshing: Promise<TokenAnswer> | null = null
  return {
    signInDev: (userId, expiresInSeconds) =>
      call({
        method: 'POST',
        path: '/auth/dev',
        answer: TokenAnswer,
        body: { user_id: userId, expires_in: expiresInSeconds },
        token: 'none',
      }),
    refreshSession() {
      refreshing ??= grant({ grant_type: 'refresh_token' }).finally(() => (refreshing = null))
      return refreshing
    },
    exchange: (subjectToken) => grant({ grant_type: TOKEN_EXCHANGE, subject_token: subjectToken }),
    signOut: ({ everywhere = false, keepCookie = false } = {}) =>
      call({
        method: 'POST',
        path: '/auth/logout',
        answer: v.undefined(),
        body: { everywhere },
        // Whose sessions end everywhere is for the token to say: the cookie may be somebody else's by now.
        token: everywhere ? 'needed' : 'if_there',
        credentials: keepCookie ? 'omit' : credentials,
      }),
  }
}
