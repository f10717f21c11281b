import { exportJWK, generateKeyPair, jwtVerify, SignJWT, type CryptoKey, type JWK } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { within } from '../../durable-objects/timeouts.ts'
import { KeysUnavailable, PlatformKeys } from './platform-keys.ts'

interface Pair {
  kid: string
  privateKey: CryptoKey
  jwk: JWK
}

let first: Pair
let second: Pair

beforeAll(async () => {
  first = await makePair('first')
  second = await makePair('second')
})

async function makePair(kid: string): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256' } }
}

/** A provider whose keys, health and fetches a test holds in its hands. */
function setUp() {
  const provider = { keys: [first.jwk], status: 200, fetches: 0, body: null as string | null }
  const at = { now: 1_000_000 }
  const keys = new PlatformKeys('https://id.shop.example/jwks', {
    fetch: async () => {
      provider.fetches += 1
      const body = provider.body ?? JSON.stringify({ keys: provider.keys })
      return new Response(body, { status: provider.status })
    },
    now: () => at.now,
    within,
  })
  return { provider, at, keys }
}

const tokenOf = ({ privateKey }: Pair, kid?: string) =>
  new SignJWT({ sub: 'ben' })
    .setProtectedHeader({ alg: 'ES256', ...(kid !== undefined && { kid }) })
    .sign(privateKey)

const verified = async (keys: PlatformKeys, pair: Pair, kid = pair.kid) => {
  try {
    await jwtVerify(await tokenOf(pair, kid), keys.keyFor)
    return 'good'
  } catch (error) {
    return error instanceof KeysUnavailable ? 'no keys' : 'bad'
  }
}

describe('PlatformKeys', () => {
  test('[AU2] keys are fetched once for many tokens, also side by side', async () => {
    const { provider, keys } = setUp()
    const all = await Promise.all(Array.from({ length: 20 }, () => verified(keys, first)))
    expect(new Set(all)).toEqual(new Set(['good']))
    expect(provider.fetches).toBe(1)
  })

  test('[AU2] a flood of unknown kids fetches once per cooldown', async () => {
    const { provider, at, keys } = setUp()
    await verified(keys, first)
    at.now += 30_000
    const flood = () =>
      Promise.all(Array.from({ length: 50 }, (_, n) => verified(keys, second, `made-up-${n}`)))
    expect(new Set(await flood())).toEqual(new Set(['bad']))
    await flood()
    expect(provider.fetches).toBe(2)
    at.now += 29_999
    await flood()
    expect(provider.fetches).toBe(2)
    at.now += 1
    await flood()
    expect(provider.fetches).toBe(3)
    expect(await verified(keys, first)).toBe('good')
  })

  test('[AU2] a new key is found when the cooldown is over, a withdrawn one ends within ten minutes', async () => {
    const { provider, at, keys } = setUp()
    await verified(keys, first)
    provider.keys = [first.jwk, second.jwk]
    expect(await verified(keys, second)).toBe('bad')
    at.now += 30_000
    expect(await verified(keys, second)).toBe('good')
    provider.keys = [second.jwk]
    expect(await verified(keys, first)).toBe('good')
    at.now += 600_000
    expect(await verified(keys, first)).toBe('bad')
    expect(await verified(keys, second)).toBe('good')
  })

  test('[AU2] a provider that is down is asked once in five seconds', async () => {
    const { provider, at, keys } = setUp()
    provider.status = 503
    expect(await verified(keys, first)).toBe('no keys')
    await Promise.all(Array.from({ length: 50 }, () => verified(keys, first)))
    expect(provider.fetches).toBe(1)
    provider.status = 200
    at.now += 5_000
    expect(await verified(keys, first)).toBe('good')
    expect(provider.fetches).toBe(2)
  })

  test.each([
    ['no JSON', 'hello', 200],
    ['no key set', '{"keys":1}', 200],
    ['a redirect', '', 302],
    ['a body without an end', `{"keys":[],"more":"${'x'.repeat(200_000)}"}`, 200],
  ])('[AU2] a provider that answers %s has no keys', async (_what, body, status) => {
    const { provider, keys } = setUp()
    Object.assign(provider, { body, status })
    expect(await verified(keys, first)).toBe('no keys')
  })

  test('[AU2] a token without a kid is verified where there is one key', async () => {
    const { provider, keys } = setUp()
    expect(await verified(keys, first, undefined)).toBe('good')
    expect(provider.fetches).toBe(1)
  })
})
