import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { openKeyring, verifyAccessToken, type Keyring } from './access-token.ts'

const NOW = Date.parse('2026-11-20T10:00:00.000Z')
const SECONDS = NOW / 1000

const member = {
  iss: 'shopbell',
  aud: 'shopbell-api',
  sub: 'ben',
  role: 'member',
  loc: { downtown: 'staff' },
  iat: SECONDS,
  exp: SECONDS + 900,
  jti: 'one',
}

async function makeKeys(kid: string) {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return { jwk: { ...(await exportJWK(privateKey)), kid }, privateKey }
}

type Keys = Awaited<ReturnType<typeof makeKeys>>
let ours: Keys
let older: Keys
let foreign: Keys
let keyring: Keyring

beforeAll(async () => {
  ours = await makeKeys('ours')
  older = await makeKeys('older')
  foreign = await makeKeys('ours')
})

const reopen = () => {
  keyring = openKeyring(JSON.stringify({ keys: [ours.jwk, older.jwk] }))
}

const sign = (claims: object, header: object = {}, { privateKey } = ours) =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'ours', ...header })
    .sign(privateKey)

const base64 = (value: object) => btoa(JSON.stringify(value)).replace(/=+$/, '')

describe('verifyAccessToken', () => {
  test('[AU1] a token of ours says who is calling', async () => {
    reopen()
    expect(await verifyAccessToken(await sign(member), keyring, NOW)).toEqual({
      ok: true,
      identity: {
        sub: 'ben',
        role: 'member',
        loc: { downtown: 'staff' },
        scp: [],
        exp: SECONDS + 900,
        jti: 'one',
      },
    })
  })

  test('[AU1] every key of the ring verifies, so that keys can be rotated', async () => {
    reopen()
    const token = await sign(member, { kid: 'older' }, older)
    expect(await verifyAccessToken(token, keyring, NOW)).toMatchObject({ ok: true })
  })

  const service = { ...member, sub: 'service:booking', role: 'service', scp: ['status:read'] }
  const display = { ...member, sub: 'display:door', role: 'display', loc: { downtown: 'display' } }

  test.each([
    ['an admin', { ...member, sub: 'olivia', role: 'admin', loc: undefined }],
    ['a service', service],
    ['a display', display],
  ])('[AU1] %s is known by its claims', async (_who, claims) => {
    reopen()
    const verified = await verifyAccessToken(await sign(claims), keyring, NOW)
    expect(verified).toMatchObject({ ok: true, identity: { sub: claims.sub, role: claims.role } })
  })

  test.each([
    ['another issuer', { ...member, iss: 'elsewhere' }],
    ['another audience', { ...member, aud: 'other-api' }],
    ['several audiences', { ...member, aud: ['shopbell-api', 'other-api'] }],
    ['no subject', { ...member, sub: undefined }],
    ['no expiry', { ...member, exp: undefined }],
    ['no time of issue', { ...member, iat: undefined }],
    ['no id of its own', { ...member, jti: undefined }],
    ['a life of more than 15 minutes', { ...member, exp: SECONDS + 901 }],
    ['an unknown role', { ...member, role: 'owner' }],
    ['a member without loc', { ...member, loc: undefined }],
    ['a role at a place that does not exist', { ...member, loc: { downtown: 'boss' } }],
    ['a service under a name of a person', { ...service, sub: 'ben' }],
    ['a person under a name of a service', { ...member, sub: 'service:booking' }],
    ['a display that calls itself manager', { ...display, loc: { downtown: 'manager' } }],
    ['not valid yet', { ...member, nbf: SECONDS + 1 }],
  ])('[AU1] refuses %s', async (_what, claims) => {
    reopen()
    const token = await sign(claims)
    expect(await verifyAccessToken(token, keyring, NOW)).toEqual({ ok: false, reason: 'not_valid' })
  })

  test.each([
    ['another type', async () => sign(member, { typ: 'JWT' })],
    ['no type', async () => sign(member, { typ: undefined })],
    ['an unknown key', async () => sign(member, { kid: 'nobody' })],
    ['no key', async () => sign(member, { kid: undefined })],
    ['a foreign signature under our kid', async () => sign(member, {}, foreign)],
    ['alg none', async () => `${base64({ alg: 'none', typ: 'at+jwt' })}.${base64(member)}.`],
    [
      'our public key as an HMAC secret',
      async () =>
        new SignJWT({ ...member })
          .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'ours' })
          .sign(new TextEncoder().encode(JSON.stringify(ours.jwk.x))),
    ],
    ['what is no token', async () => 'hello'],
    ['nothing', async () => ''],
    ['more than 8 KiB', async () => sign({ ...member, padding: 'x'.repeat(8_192) })],
  ])('[AU1] refuses %s', async (_what, make) => {
    reopen()
    const token = await make()
    expect(await verifyAccessToken(token, keyring, NOW)).toEqual({ ok: false, reason: 'not_valid' })
  })

  test('[AU1] a token ends at its second, without tolerance, remembered or not', async () => {
    reopen()
    const token = await sign({ ...member, exp: SECONDS + 2 })
    expect(await verifyAccessToken(token, keyring, NOW + 1_999)).toMatchObject({ ok: true })
    const atItsEnd = await verifyAccessToken(token, keyring, NOW + 2_000)
    expect(atItsEnd).toEqual({ ok: false, reason: 'expired' })
  })

  test('[AU8] the same text is verified again after 5 s, and at once when the clock goes back', async () => {
    reopen()
    const verify = vi.spyOn(crypto.subtle, 'verify')
    const token = await sign(member)
    await verifyAccessToken(token, keyring, NOW)
    await verifyAccessToken(token, keyring, NOW + 4_999)
    expect(verify).toHaveBeenCalledTimes(1)
    await verifyAccessToken(token, keyring, NOW + 5_000)
    expect(verify).toHaveBeenCalledTimes(2)
    await verifyAccessToken(token, keyring, NOW)
    expect(verify).toHaveBeenCalledTimes(3)
    verify.mockRestore()
  })
})

test.each([
  ['no keys', { keys: [] }],
  ['a public key', async () => ({ keys: [{ ...ours.jwk, d: undefined }] })],
  ['two keys of one kid', async () => ({ keys: [ours.jwk, foreign.jwk] })],
])('[AU1] a keyring does not open with %s', async (_what, given) => {
  const keys = typeof given === 'function' ? await given() : given
  expect(() => openKeyring(JSON.stringify(keys))).toThrow()
})
