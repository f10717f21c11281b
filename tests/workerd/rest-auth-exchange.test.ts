import { decodeJwt } from 'jose'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { now } from '../../durable-objects/clock.ts'
import { TOKEN_EXCHANGE, type TokenAnswer } from '../../protocol/api.ts'
import type { Problem } from '../../protocol/errors.ts'
import { Browser, deploy, type Deployment } from './helpers/deployment.ts'
import { setFaults } from './helpers/faults.ts'
import {
  confusedToken,
  IdentityProvider,
  makeKey,
  PLATFORM,
  unsignedToken,
} from './helpers/identity-provider.ts'
import { addUser, openShop } from './helpers/shop.ts'

let provider: IdentityProvider
let ask: Deployment

beforeEach(async () => {
  provider = new IdentityProvider()
  provider.keys = [await makeKey('ES256', 'one')]
  provider.serve()
  // A deployment of its own for each test: keys are held by it.
  ask = deploy(PLATFORM)
})

afterEach(async () => {
  vi.unstubAllGlobals()
  await setFaults()
})

const exchange = (subject_token: string, browser = new Browser(), by = ask) =>
  by<TokenAnswer & Problem>('POST /api/v1/auth/token', {
    body: { grant_type: TOKEN_EXCHANGE, subject_token },
    browser,
  })

const said = async (token: string) => {
  const { status, body } = await exchange(token)
  return `${status} ${body.code}: ${body.detail}`
}

const refused = (why: string) => `401 unauthorized: The subject token is not accepted: ${why}.`

describe('token exchange', () => {
  test('[AU2] a person of the platform is a user here, with a session and what the directory says', async () => {
    const { location, manager } = await openShop()
    const browser = new Browser()
    const { status, body } = await exchange(await provider.token(manager.id), browser)
    expect(status).toBe(200)
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 900,
    })
    expect(decodeJwt(body.access_token)).toMatchObject({
      sub: manager.id,
      role: 'member',
      loc: { [location]: 'manager' },
    })
    const refreshed = await ask('POST /api/v1/auth/token', {
      body: { grant_type: 'refresh_token' },
      browser,
    })
    expect(refreshed.status).toBe(200)
  })

  test.each(['ES256', 'RS256', 'EdDSA'])('[AU2] %s is taken', async (alg) => {
    const { id } = await addUser()
    provider.keys = [await makeKey(alg, 'other')]
    expect((await exchange(await provider.token(id))).status).toBe(200)
  })

  test('[AU2] a claim that says more than we ask for gives nothing', async () => {
    const { id } = await addUser()
    const token = await provider.token(id, { role: 'admin', scp: ['directory:write'], loc: {} })
    const { body } = await exchange(token)
    expect(decodeJwt(body.access_token)).toMatchObject({ role: 'member' })
  })

  const at = (seconds: number) => Math.floor(now() / 1_000) + seconds
  test.each([
    ['a wrong issuer', { iss: 'https://evil.example' }, 'its iss is not the one expected here'],
    ['no issuer', { iss: undefined }, 'it has no iss'],
    ['a wrong audience', { aud: 'another-service' }, 'its aud is not the one expected here'],
    ['no audience', { aud: undefined }, 'it has no aud'],
    ['an end that has passed', { exp: at(-60) }, 'it has expired'],
    ['no end', { exp: undefined }, 'it has no exp'],
    ['nobody', { sub: undefined }, 'it has no sub'],
    ['a beginning to come', { nbf: at(60) }, 'its nbf is not the one expected here'],
  ])('[AU2] %s: 401 that says so', async (_what, claims, why) => {
    expect(await said(await provider.token('ben', claims))).toBe(refused(why))
  })

  test('[AU2] algorithms that prove nothing are refused before a key is looked for', async () => {
    const [key] = provider.keys
    if (key === undefined) throw new Error('no key')
    const why = refused('it is signed with another algorithm than ES256, RS256, EdDSA')
    expect(await said(unsignedToken('ben'))).toBe(why)
    expect(await said(await confusedToken('ben', key))).toBe(why)
    expect(provider.fetches).toBe(0)
  })

  test('[AU2] a signature of somebody else, an algorithm of another key, what is no token', async () => {
    const stranger = await makeKey('ES256', 'one')
    const noSignature = refused('it is no JWT with a valid signature')
    expect(await said(await provider.token('ben', {}, stranger))).toBe(noSignature)
    const rsa = await makeKey('RS256', 'one')
    expect(await said(await provider.token('ben', {}, rsa))).toMatch(/^401 unauthorized/)
    expect(await said('hello')).toBe(noSignature)
    expect(await said('a.b.c')).toBe(noSignature)
  })

  test('[AU2] a flood of unknown kids fetches the keys once per cooldown', async () => {
    const { id } = await addUser()
    const stranger = await makeKey('ES256', 'made-up')
    const flood = async () => {
      const tokens = await Promise.all(
        Array.from({ length: 30 }, (_, n) =>
          provider.token(id, {}, { ...stranger, kid: `made-up-${n}` }),
        ),
      )
      return Promise.all(tokens.map(said))
    }
    expect(new Set(await flood())).toEqual(new Set([refused('the provider publishes no such key')]))
    await flood()
    expect(provider.fetches).toBe(1)
    await setFaults({ clock_ahead_ms: 30_000 })
    await flood()
    expect(provider.fetches).toBe(2)
    expect((await exchange(await provider.token(id))).status).toBe(200)
    expect(provider.fetches).toBe(2)
  })

  test('[AU2] keys are rotated: the new one is found, the old one ends', async () => {
    const { id } = await addUser()
    const [old] = provider.keys
    expect((await exchange(await provider.token(id))).status).toBe(200)
    provider.keys = [await makeKey('ES256', 'two'), ...provider.keys]
    await setFaults({ clock_ahead_ms: 30_000 })
    expect((await exchange(await provider.token(id))).status).toBe(200)
    expect((await exchange(await provider.token(id, {}, old))).status).toBe(200)
    provider.keys = provider.keys.slice(0, 1)
    await setFaults({ clock_ahead_ms: 700_000 })
    expect((await exchange(await provider.token(id, {}, old))).status).toBe(401)
  })

  test('[AU2] a provider that is away: 503, and come back', async () => {
    const { id } = await addUser()
    provider.up = false
    const answer = await exchange(await provider.token(id))
    expect([answer.status, answer.body.code]).toEqual([503, 'unavailable'])
    expect(answer.headers.get('Retry-After')).toBe('5')
    provider.up = true
    await setFaults({ clock_ahead_ms: 5_000 })
    expect((await exchange(await provider.token(id))).status).toBe(200)
  })

  test.each(['nobody-here', 'auth0|12345', ''])('[AU2] "%s" is no user here: 403', async (sub) => {
    expect(await said(await provider.token(sub))).toMatch(
      /^403 forbidden: .*its sub is no user here/,
    )
  })

  test('[AU5] the token is not in the answer that refuses it', async () => {
    const token = await provider.token('ben', { aud: 'x' })
    const { body } = await exchange(token)
    expect(JSON.stringify(body)).not.toContain(token.slice(10, 40))
  })

  test.each(Object.keys(PLATFORM))('[AU2][CO8] without %s: 501', async (name) => {
    const without = deploy({ ...PLATFORM, [name]: undefined })
    const token = await provider.token('ben')
    const { status, body } = await exchange(token, new Browser(), without)
    expect([status, body.code]).toEqual([501, 'not_available'])
    expect(body.detail).toContain(name)
  })

  test.each([
    ['no token', {}, '/subject_token'],
    ['a token without an end', { subject_token: 'x'.repeat(8_193) }, '/subject_token'],
    [
      'SAML',
      { subject_token: 'x', subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' },
      '/subject_token_type',
    ],
    ['an actor', { subject_token: 'x', actor_token: 'y' }, '/actor_token'],
  ])('[CO3] %s: 422', async (_what, more, pointer) => {
    const { status, body } = await ask<Problem>('POST /api/v1/auth/token', {
      body: { grant_type: TOKEN_EXCHANGE, ...more },
    })
    expect([status, body.errors?.[0]?.pointer]).toEqual([422, pointer])
  })
})
