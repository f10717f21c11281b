import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NewServiceKey, ServiceKeyList, TokenAnswer } from '../../protocol/api.ts'
import type { Problem } from '../../protocol/errors.ts'
import { Browser, deploy } from './helpers/deployment.ts'
import { setFaults } from './helpers/faults.ts'
import { addUser, openShop } from './helpers/shop.ts'
import { adminToken } from './helpers/tokens.ts'

const ask = deploy()
const KEYS = '/api/v1/service-keys'
const MINUTE_MS = 60_000
let admin: string

beforeEach(async () => {
  admin = await adminToken((await addUser('admin', { role: 'admin' })).id)
})

afterEach(async () => {
  await setFaults()
})

async function makeKey(scopes: string[] = ['notifications:send']): Promise<NewServiceKey> {
  const body = { name: 'Booking', scopes }
  const answer = await ask<NewServiceKey>(`POST ${KEYS}`, { token: admin, body })
  expect(answer.status).toBe(201)
  return answer.body
}

const signIn = (
  { client_id, client_secret }: Pick<NewServiceKey, 'client_id' | 'client_secret'>,
  by = ask,
) =>
  by<TokenAnswer & Problem>('POST /api/v1/auth/token', {
    body: { grant_type: 'client_credentials', client_id, client_secret },
  })

async function listed(query = '') {
  const { body } = await ask<ServiceKeyList>(`GET ${KEYS}?limit=100${query}`, { token: admin })
  return body
}

describe('service keys', () => {
  test('[DI2] a key signs in with what was shown once, and is stored as a hash', async () => {
    const key = await makeKey()
    expect(key).toMatchObject({
      name: 'Booking',
      scopes: ['notifications:send'],
      last_used_at: null,
    })
    expect(key.client_secret).toMatch(/^shopbell_sk_[\w-]{43}$/)
    expect((await signIn(key)).status).toBe(200)
    const { data } = await listed()
    expect(JSON.stringify(data)).not.toContain(key.client_secret)
    const { results } = await env.DB.prepare('SELECT * FROM service_keys').all()
    expect(JSON.stringify(results)).not.toContain(key.client_secret)
  })

  test('[DI2] the list says when a key was last used, to the minute', async () => {
    const key = await makeKey()
    const lastUsed = async () =>
      (await listed()).data.find(({ client_id }) => client_id === key.client_id)?.last_used_at
    expect(await lastUsed()).toBeNull()
    await signIn(key)
    const first = await lastUsed()
    expect(first).toMatch(/^\d{4}-\d\d-\d\dT/)
    await signIn(key)
    expect(await lastUsed()).toBe(first)
    await setFaults({ clock_ahead_ms: MINUTE_MS })
    await signIn(key)
    expect(await lastUsed()).not.toBe(first)
  })

  test('[CO4] the list has pages, in both directions', async () => {
    for (let count = 0; count < 3; count++) await makeKey()
    const page = async (query: string) =>
      (await ask<ServiceKeyList>(`GET ${KEYS}?limit=2${query}`, { token: admin })).body
    const first = await page('')
    expect(first.page).toMatchObject({ before: null, has_more: true })
    const second = await page(`&after=${first.page.after}`)
    const back = await page(`&before=${second.page.before}`)
    expect(back.data).toEqual(first.data)
    const all = (await listed()).data.map(({ client_id }) => client_id)
    const shown = [...first.data, ...second.data].map(({ client_id }) => client_id)
    expect(shown).toEqual(all.slice(0, 4))
    expect((await ask(`GET ${KEYS}?after=hello`, { token: admin })).status).toBe(422)
  })

  test.each([
    ['no name', { scopes: ['status:read'] }, '/name'],
    ['no scope', { name: 'Booking', scopes: [] }, '/scopes'],
    ['an unknown scope', { name: 'Booking', scopes: ['all'] }, '/scopes/0'],
    ['a scope twice', { name: 'Booking', scopes: ['status:read', 'status:read'] }, '/scopes'],
    ['an id of their own', { name: 'x', scopes: ['status:read'], client_id: 'x' }, '/client_id'],
  ])('[DI2] %s: 422', async (_what, body, pointer) => {
    const answer = await ask<Problem>(`POST ${KEYS}`, { token: admin, body })
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, pointer])
  })

  test('[AU7] a key without the scope may not', async () => {
    const { location } = await openShop()
    const { body } = await signIn(await makeKey(['status:read']))
    const sent = await ask<Problem>('POST /api/v1/notifications', {
      token: body.access_token,
      body: { to: { location_id: location }, type: 'custom', title: 'Hello' },
    })
    expect([sent.status, sent.body.code]).toEqual([403, 'forbidden'])
  })

  test('[AU8] a key that is revoked in mid-use opens nothing any more', async () => {
    const { location } = await openShop()
    const key = await makeKey()
    const token = (await signIn(key)).body.access_token
    const send = () =>
      ask('POST /api/v1/notifications', {
        token,
        body: { to: { location_id: location }, type: 'custom', title: 'Hello' },
      })
    expect((await send()).status).toBe(201)
    const other = await makeKey()
    const route = `DELETE ${KEYS}/${key.client_id}`
    expect((await ask(route, { token: admin })).status).toBe(204)
    const after = await send()
    expect(after.status).toBe(401)
    expect(after.headers.get('WWW-Authenticate')).toContain('revoked')
    expect((await signIn(key)).status).toBe(401)
    expect((await signIn(other)).status).toBe(200)
    expect((await ask(route, { token: admin })).status).toBe(404)
    expect((await listed()).data.map(({ client_id }) => client_id)).not.toContain(key.client_id)
  })
})

describe('failed sign-ins', () => {
  const limited = deploy({ RATE_LIMITS: 'on' })
  const wrong = (key: NewServiceKey) => ({ ...key, client_secret: 'wrong' })

  test('[CO6] the eleventh failure in fifteen minutes is 429, and so is everything of that client then', async () => {
    const key = await makeKey()
    for (let count = 0; count < 10; count++) {
      expect((await signIn(wrong(key), limited)).status).toBe(401)
    }
    const answer = await signIn(wrong(key), limited)
    expect([answer.status, answer.body.code]).toEqual([429, 'rate_limited'])
    expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(890)
    expect(answer.headers.get('RateLimit-Limit')).toBe('10')
    expect(answer.headers.get('RateLimit-Remaining')).toBe('0')
    expect((await signIn(key, limited)).status).toBe(429)
    expect((await signIn(await makeKey(), limited)).status).toBe(200)
    await setFaults({ clock_ahead_ms: 15 * MINUTE_MS })
    expect((await signIn(key, limited)).status).toBe(200)
  })

  test('[CO6] side by side no more than ten are told that they are wrong', async () => {
    const key = await makeKey()
    const answers = await Promise.all(Array.from({ length: 25 }, () => signIn(wrong(key), limited)))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(10)
    expect(statuses.filter((status) => status === 429)).toHaveLength(15)
  })

  test('[CO6] successes are not counted', async () => {
    const key = await makeKey()
    for (let count = 0; count < 15; count++) {
      expect((await signIn(key, limited)).status).toBe(200)
    }
  })

  test('[CO6] a session that is guessed at is one client, too', async () => {
    const { id } = await addUser()
    const browser = new Browser()
    await ask('POST /api/v1/auth/dev', { body: { user_id: id }, browser })
    const [session] = (browser.cookie ?? '').split('=')[1]?.split('.') ?? []
    const guess = async () => {
      const guesser = new Browser()
      guesser.cookie = `shopbell_refresh=${session}.${'g'.repeat(43)}.${'g'.repeat(22)}`
      const body = { grant_type: 'refresh_token' }
      return (await limited('POST /api/v1/auth/token', { body, browser: guesser })).status
    }
    for (let count = 0; count < 10; count++) expect(await guess()).toBe(401)
    expect(await guess()).toBe(429)
  })

  test('[CO6] RATE_LIMITS=off counts nothing', async () => {
    const key = await makeKey()
    for (let count = 0; count < 12; count++) expect((await signIn(wrong(key))).status).toBe(401)
    expect((await signIn(key)).status).toBe(200)
  })

  test('[CO6] clients that do not exist fill no table', async () => {
    const rows = () => env.DB.prepare('SELECT count(*) AS n FROM sign_in_failures').first('n')
    const before = await rows()
    const nobody = { client_id: 'nobody', client_secret: 'x' }
    for (let count = 0; count < 12; count++) {
      expect((await signIn(nobody, limited)).status).toBe(401)
    }
    expect(await rows()).toBe(before)
  })
})
