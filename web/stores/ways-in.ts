// The ways into the app, as the sign-in of a client: called first, and again whenever a new token is needed.
import { createShopbell, ShopbellError, type Api, type Shopbell } from '../../client/index.ts'
import type { TokenAnswer } from '../../protocol/api.ts'
import { randomId } from './random-id.ts'
import { subjectOf } from '../../client/token-subject.ts'

export type SignIn = (api: Api) => Promise<TokenAnswer>
export type MakeShopbell = (signIn: SignIn) => Shopbell

/**
 * The device is unique to one load of the page: a duplicated tab copies its storage, and must not
 * take the other's place (WS7).
 */
export const makeShopbell: MakeShopbell = (signIn) =>
  createShopbell({ device: `web-${randomId()}`, signIn })

/** [AU3] Development: whoever is named, in each window anew, so that two windows can be two people. */
export const asDemoPerson =
  (userId: string): SignIn =>
  (api) =>
    api.signInDev(userId)

/**
 * [AU2] The cookie of the browser; the first time the platform's JWT, where there is one. A token of somebody else than
 * `userId`, or than the first one was for, is refused: the cookie changes when another person signs in in another window,
 * and this window has the first one's inbox on it.
 */
export function bySession(subjectToken: string | null, userId: string | null): SignIn {
  let toShow = subjectToken
  let who = userId
  return async (api) => {
    const answer = await (toShow === null ? api.refreshSession() : api.exchange(toShow))
    toShow = null
    const subject = subjectOf(answer.access_token)
    if (subject === null || (who !== null && who !== subject)) {
      throw new ShopbellError('unauthorized', { detail: 'somebody else signed in here' })
    }
    who = subject
    return answer
  }
}

/** For a request that the cookie is enough for. */
export const asNobody: SignIn = async () => {
  throw new ShopbellError('unauthorized', { detail: 'nobody is signed in here' })
}

/** Tells of a refusal, however it came about. */
export function watched(signIn: SignIn, onRefused: () => void): SignIn {
  return async (api) => {
    try {
      return await signIn(api)
    } catch (error) {
      if (error instanceof ShopbellError && error.code === 'unauthorized') onRefused()
      throw error
    }
  }
}
