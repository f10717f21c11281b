// One try of a request, with a token that all calls share.
import { TokenAnswer } from '../../protocol/api.ts'
import { ShopbellError } from '../errors.ts'
import { createTokenSource } from '../tokens.ts'
import type { GetToken } from '../types.ts'
import { post, type Answer, type Post, type Wire } from './http.ts'
import { Final, tryAgain, type Ground } from './tries.ts'

export interface ServiceKey {
  clientId: string
  clientSecret: string
}

export type Attempt = <T>(request: Post<T>) => Promise<Answer<T>>

/** [AU2] Requests under a service key: its token is fetched once for all, renewed before its end, and after a 401. */
export function createAttempt(ground: Ground, wire: Wire, key: ServiceKey): Attempt {
  const getToken = createTokenSource(() => signIn(ground, wire, key), ground.clock)
  return async (request) => {
    const send = async (refresh: boolean) => {
      const headers = { ...request.headers, ...(await authorization(getToken, refresh)) }
      return post(wire, { ...request, headers })
    }
    try {
      return await send(false)
    } catch (error) {
      // The server knows this token no more: keys were rotated, or it came back on another store. Once.
      if (!(error instanceof ShopbellError && error.code === 'unauthorized')) throw error
      return await send(true)
    }
  }
}

/** A token has tries of its own, shared by all who wait for it: who gets none does not begin again. */
async function authorization(getToken: GetToken, refresh: boolean) {
  try {
    return { authorization: `Bearer ${(await getToken({ refresh })).token}` }
  } catch (error) {
    throw new Final(error)
  }
}

async function signIn(ground: Ground, wire: Wire, key: ServiceKey): Promise<TokenAnswer> {
  const body = JSON.stringify({
    grant_type: 'client_credentials',
    client_id: key.clientId,
    client_secret: key.clientSecret,
  })
  const { value } = await tryAgain(ground, (timeoutMs) =>
    post(wire, { path: '/auth/token', body, answer: TokenAnswer, timeoutMs }),
  )
  return value
}
