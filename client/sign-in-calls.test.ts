// [AU2] Going on with the cookie, handing over the platform's JWT, and signing out.
import { describe, expect, test } from 'vitest'
import { TOKEN_EXCHANGE } from '../protocol/api.ts'
import { networkError, ShopbellError } from './errors.ts'
import { createApi } from './rest.ts'
import { tabLock, type Locks } from './system.ts'
import type { AccessToken, TabLock } from './types.ts'

const TOKEN = { access_token: 'a', token_type: 'Bearer', expires_in: 900 }
const KEPT: AccessToken = { token: 'kept', expiresAt: 0 }

const done = () => new Response(null, { status: 204 })
const refused = () => Response.json({ code: 'unauthorized' }, { status: 401 })

interface Options {
  base?: string
  lock?: TabLock
  getToken?: () => Promise<AccessToken>
}

/** A server that gives these answers, one after the other, and the last one for ever. */
function served(answers: (() => Response)[], options: Options = {}) {
  const asked: Record<string, unknown>[] = []
  const api = createApi({
    base: 'https://bell.test',
    getToken: async () => KEPT,
    ...options,
    fetch: async (input, init) => {
      const headers = init?.headers as Record<string, string>
      asked.push({
        path: new URL(String(input), 'https://app.test').pathname,
        body: JSON.parse(String(init?.body)) as unknown,
        credentials: init?.credentials,
        bearer: headers['authorization'],
      })
      await new Promise((resolve) => setTimeout(resolve))
      const answer = answers.length > 1 ? answers.shift() : answers[0]
      return answer?.() ?? done()
    },
  })
  return { api, asked }
}

const give = () => Response.json(TOKEN)

describe('refreshSession', () => {
  test.each([
    ['here', '', 'same-origin'],
    ['elsewhere', 'https://bell.test', 'include'],
  ])('sends the cookie and no token to a server %s', async (_where, base, credentials) => {
    const { api, asked } = served([give], { base })
    expect(await api.refreshSession()).toEqual(TOKEN)
    const body = { grant_type: 'refresh_token' }
    expect(asked).toEqual([{ path: '/api/v1/auth/token', body, credentials, bearer: undefined }])
  })

  test('asked for by many at once it is one request, and later another', async () => {
    const { api, asked } = served([give])
    await Promise.all([api.refreshSession(), api.refreshSession(), api.refreshSession()])
    expect(asked).toHaveLength(1)
    await api.refreshSession()
    expect(asked).toHaveLength(2)
  })

  test('a refusal is told to everybody who waits, and the next call asks again', async () => {
    const { api, asked } = served([refused, give])
    const both = await Promise.allSettled([api.refreshSession(), api.refreshSession()])
    expect(both).toMatchObject([
      { status: 'rejected', reason: { code: 'unauthorized' } },
      { status: 'rejected', reason: { code: 'unauthorized' } },
    ])
    expect(await api.refreshSession()).toEqual(TOKEN)
    expect(asked).toHaveLength(2)
  })

  test('two tabs take turns: the second sends the cookie that the first was given', async () => {
    const log: string[] = []
    const lock = tabLock(queue())
    const tab = (name: string) =>
      createApi({
        getToken: async () => KEPT,
        lock,
        fetch: async () => {
          log.push(`${name} asks`)
          await new Promise((resolve) => setTimeout(resolve, 5))
          log.push(`${name} has it`)
          return give()
        },
      })
    await Promise.all([tab('one').refreshSession(), tab('two').refreshSession()])
    expect(log).toEqual(['one asks', 'one has it', 'two asks', 'two has it'])
  })
})

/** Locks as a browser has them: one at a time, and who waits may give up. */
function queue(): Locks {
  let last: Promise<unknown> = Promise.resolve()
  return {
    request(_name, { signal }, work) {
      const before = last
      const turn = new Promise<void>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        void before.then(() => resolve())
      })
      const run = turn.then(work)
      last = run.catch(() => undefined)
      return run
    },
  }
}

describe('tabLock', () => {
  test('a tab that sleeps with the lock does not keep the others waiting', async () => {
    const lock = tabLock(queue(), 10)
    void lock('one', () => new Promise(() => {}))
    expect(await lock('one', async () => 'went ahead')).toBe('went ahead')
  })

  test('work that fails is not done twice', async () => {
    const lock = tabLock(queue())
    let times = 0
    const work = async () => {
      times += 1
      throw new ShopbellError('unauthorized')
    }
    await expect(lock('one', work)).rejects.toMatchObject({ code: 'unauthorized' })
    expect(times).toBe(1)
  })

  test('locks that are forbidden are as good as none', async () => {
    const lock = tabLock({ request: () => Promise.reject(new Error('SecurityError')) })
    expect(await lock('one', async () => 'done')).toBe('done')
  })
})

test('[AU2] exchange shows the subject token, and takes the cookie that comes with the answer', async () => {
  const { api, asked } = served([give])
  expect(await api.exchange('their.own.jwt')).toEqual(TOKEN)
  expect(asked).toEqual([
    {
      path: '/api/v1/auth/token',
      body: { grant_type: TOKEN_EXCHANGE, subject_token: 'their.own.jwt' },
      credentials: 'include',
      bearer: undefined,
    },
  ])
})

describe('signOut', () => {
  const path = '/api/v1/auth/logout'
  const body = { everywhere: false }
  const none = undefined

  test('ends the session of the cookie and of the token', async () => {
    const { api, asked } = served([done])
    expect(await api.signOut()).toBeUndefined()
    expect(asked).toEqual([{ path, body, credentials: 'include', bearer: 'Bearer kept' }])
  })

  test('the cookie is enough where there is no token', async () => {
    const getToken = () => Promise.reject(new ShopbellError('unauthorized'))
    const { api, asked } = served([done], { getToken })
    await api.signOut()
    expect(asked).toEqual([{ path, body, credentials: 'include', bearer: none }])
  })

  test('and where the token is not taken any more', async () => {
    const { api, asked } = served([refused, done])
    await api.signOut()
    expect(asked.map(({ bearer }) => bearer)).toEqual(['Bearer kept', none])
  })

  test('everywhere goes with a token, for it names whose', async () => {
    const { api, asked } = served([done])
    await api.signOut({ everywhere: true })
    const everywhere = { everywhere: true }
    expect(asked).toEqual([
      { path, body: everywhere, credentials: 'include', bearer: 'Bearer kept' },
    ])
    const getToken = () => Promise.reject(networkError('away'))
    const offline = served([done], { getToken })
    await expect(offline.api.signOut({ everywhere: true })).rejects.toMatchObject({
      code: 'network',
    })
    expect(offline.asked).toEqual([])
  })

  test('may leave the cookie of another person alone', async () => {
    const { api, asked } = served([done])
    await api.signOut({ keepCookie: true })
    expect(asked).toEqual([{ path, body, credentials: 'omit', bearer: 'Bearer kept' }])
  })
})
