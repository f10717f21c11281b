// Section 2: what a token is, and how one gets it.
import { createHmac, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { tokenIn } from '../access.ts'
import { check, type Chapter } from '../check.ts'
import { must, mustEqual } from '../outcome.ts'
import type { Tester } from '../tester.ts'
import { type Answer, asObject, decodeToken, type Json, type Token } from '../wire.ts'

const ME = '/api/v1/me'
const TOKEN = '/api/v1/auth/token'

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

async function publishedKeys(t: Tester): Promise<Json[]> {
  const { json } = await t.ask('GET', '/.well-known/jwks.json')
  const keys = asObject(json)['keys']
  must(Array.isArray(keys) && keys.length > 0, 'a set of keys', json)
  return keys.map(asObject)
}

/** A token with other claims or another header, and whatever signature is asked for. */
function forged(
  token: Token,
  header: Json,
  claims: Json,
  signature: (text: string) => Buffer | null,
) {
  const text = `${encode({ ...token.header, ...header })}.${encode({ ...token.claims, ...claims })}`
  return `${text}.${signature(text)?.toString('base64url') ?? ''}`
}

async function mustNotPass(t: Tester, token: string, what: string): Promise<void> {
  const { status, text } = await t.get(ME, token)
  must(status === 401, `401 for ${what}`, `${status} ${text}`)
}

/** The cookie of an answer, as a browser sends it back; and its attributes. */
function cookieOf({ headers }: Answer): { pair: string; attributes: string } {
  const [whole = ''] = headers.getSetCookie()
  const [pair = '', ...attributes] = whole.split(';')
  must(pair.includes('='), 'a refresh cookie', [...headers])
  return { pair, attributes: attributes.join(';').toLowerCase() }
}

const refresh = (t: Tester, Cookie: string) =>
  t.askOnce('POST', TOKEN, {
    headers: { Cookie, Origin: t.wishes.origin },
    body: { grant_type: 'refresh_token' },
  })

async function signInAsBrowser(t: Tester) {
  const { id } = await t.person()
  const answer = await t.access.signIn(t.trace, id)
  const { pair, attributes } = cookieOf(answer)
  const first = await refresh(t, pair)
  if (first.status === 403) t.skip('needs --origin: a page on the allow-list')
  return { id, token: tokenIn(answer), pair, attributes, first }
}

export const TOKENS: Chapter = {
  name: 'tokens',
  checks: [
    check(
      'AU1',
      'a token is an ES256 JWT of type at+jwt, with a kid that is published',
      async (t) => {
        const { header } = decodeToken((await t.shop()).staff.token)
        mustEqual([header['alg'], header['typ']], ['ES256', 'at+jwt'], 'alg and typ')
        const kids = (await publishedKeys(t)).map(({ kid }) => kid)
        must(kids.includes(header['kid']), 'a published kid', header['kid'])
      },
    ),
    check('AU1', 'its signature is by the published key', async (t) => {
      const token = decodeToken((await t.shop()).staff.token)
      const key = (await publishedKeys(t)).find(({ kid }) => kid === token.header['kid'])
      const publicKey = createPublicKey({ key: key ?? {}, format: 'jwk' })
      const given = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
      must(verify('sha256', Buffer.from(token.signed), given, token.signature), 'valid', key)
    }),
    check('AU1', 'no private part of a key is published', async (t) => {
      const keys = await publishedKeys(t)
      must(
        keys.every((key) => !('d' in key) && !('k' in key)),
        'public keys',
        keys,
      )
    }),
    check(
      'AU1',
      "a person's token has all claims, lives 15 minutes at most, and says loc and sid",
      async (t) => {
        const { id, staff } = await t.shop()
        const { claims } = decodeToken(staff.token)
        const missing = ['iss', 'aud', 'sub', 'iat', 'exp', 'jti', 'role', 'sid'].filter(
          (name) => claims[name] === undefined,
        )
        mustEqual(missing, [], 'no claim missing')
        const lives = Number(claims['exp']) - Number(claims['iat'])
        must(lives > 0 && lives <= 900, 'at most 900 s', lives)
        mustEqual([claims['sub'], claims['role']], [staff.id, 'member'], 'sub and role')
        mustEqual(claims['loc'], { [id]: 'staff' }, 'loc')
      },
    ),
    check('AU1', "a service's token has sub service:<client_id>, and its scopes", async (t) => {
      const { claims } = decodeToken(await t.service())
      const { client_id } = t.access.key()
      mustEqual(
        [claims['sub'], claims['role']],
        [`service:${client_id}`, 'service'],
        'sub and role',
      )
      must(Array.isArray(claims['scp']), 'a list of scopes', claims['scp'])
    }),
    check('AU1', 'without a token: 401 unauthorized with WWW-Authenticate: Bearer', async (t) => {
      const answer = await t.refused('GET', ME, {}, 401, 'unauthorized')
      const challenge = answer.headers.get('www-authenticate') ?? ''
      must(/^Bearer/i.test(challenge), 'WWW-Authenticate: Bearer', challenge)
    }),
    check('AU1', 'every route that asks for a token answers 401 without one', async (t) => {
      const guarded = t.documents.operations.filter(({ isGuarded }) => isGuarded)
      must(guarded.length > 0, 'routes with a token', 'none described')
      for (const { method, path } of guarded) {
        const filled = path.replaceAll(/\{\w+\}/g, 'read')
        await t.refused(method, filled, {}, 401, 'unauthorized')
      }
    }),
    check('AU1', 'other credentials are none: Basic, a bare token, two words', async (t) => {
      const { token } = (await t.shop()).staff
      for (const Authorization of ['Basic YTpi', token, `Token ${token}`, 'Bearer']) {
        await t.refused('GET', ME, { headers: { Authorization } }, 401, 'unauthorized')
      }
    }),
    check('AU1', 'changed claims do not pass with the old signature', async (t) => {
      const token = decodeToken((await t.shop()).staff.token)
      const changed = forged(token, {}, { role: 'admin' }, () => token.signature)
      await mustNotPass(t, changed, 'changed claims')
    }),
    check('AU1', 'a signature of nobody, of none and of a shared secret do not pass', async (t) => {
      const token = decodeToken((await t.shop()).staff.token)
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const foreign = (text: string) =>
        sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' })
      await mustNotPass(t, forged(token, {}, {}, foreign), 'a foreign key under our kid')
      await mustNotPass(
        t,
        forged(token, { alg: 'none' }, {}, () => null),
        'alg none',
      )
      const [key] = await publishedKeys(t)
      const secret = createPublicKey({ key: key ?? {}, format: 'jwk' }).export({
        type: 'spki',
        format: 'pem',
      })
      const hmac = (text: string) => createHmac('sha256', secret).update(text).digest()
      await mustNotPass(t, forged(token, { alg: 'HS256' }, {}, hmac), 'HS256 with the public key')
    }),
    check('AU1', 'a past token is 401, without tolerance', async (t) => {
      const { id } = (await t.shop()).staff
      const token = await t.access.person(t.trace, id, 2)
      await t.well('GET', ME, { token }, 200)
      const end = Number(decodeToken(token).claims['exp']) * 1_000
      await t.wait(Math.max(0, end - Date.now()) + 50)
      await mustNotPass(t, token, 'an expired token')
    }),
    check(
      'AU2',
      'a service key buys {access_token, token_type: "Bearer", expires_in}',
      async (t) => {
        const body = { grant_type: 'client_credentials', ...t.access.key() }
        const answer = await t.ask('POST', TOKEN, { body })
        const { token_type, expires_in, access_token } = asObject(answer.json)
        must(answer.status === 200 && token_type === 'Bearer', '200, Bearer', answer.status)
        const { claims } = decodeToken(String(access_token))
        mustEqual(
          expires_in,
          Number(claims['exp']) - Number(claims['iat']),
          'expires_in of the token',
        )
        mustEqual(answer.headers.get('cache-control'), 'no-store', 'Cache-Control')
      },
    ),
    check('AU2', 'a wrong secret and an unknown client are answered alike: 401', async (t) => {
      const { client_id } = t.access.key()
      const wrong = (id: string) => ({
        body: { grant_type: 'client_credentials', client_id: id, client_secret: 'not-the-secret' },
      })
      const known = await t.refused('POST', TOKEN, wrong(client_id), 401, 'unauthorized')
      const unknown = await t.refused('POST', TOKEN, wrong('nobody-here'), 401, 'unauthorized')
      mustEqual(asObject(known.json)['detail'], asObject(unknown.json)['detail'], 'the same detail')
    }),
    check('AU2', 'an unknown grant, and a known one with fields too many, are 422', async (t) => {
      await t.refused('POST', TOKEN, { body: { grant_type: 'password' } }, 422, 'invalid')
      await t.refused('POST', TOKEN, { body: {} }, 422, 'invalid')
      const body = { grant_type: 'refresh_token', scope: 'all' }
      await t.refused('POST', TOKEN, { body }, 422, 'invalid')
    }),
    check('AU2', 'a subject token that is none is refused', async (t) => {
      const grant_type = 'urn:ietf:params:oauth:grant-type:token-exchange'
      const answer = await t.ask('POST', TOKEN, { body: { grant_type, subject_token: 'nonsense' } })
      // A deployment that knows no identity provider says so.
      must(answer.status === 401 || answer.status === 501, '401', `${answer.status} ${answer.text}`)
    }),
    check('AU2', 'the refresh cookie is HttpOnly and SameSite, and only for /auth', async (t) => {
      const { attributes } = await signInAsBrowser(t)
      for (const one of ['httponly', 'samesite=strict', 'path=/api/v1/auth']) {
        must(attributes.includes(one), one, attributes)
      }
      if (t.access.isDevelopment) return
      must(attributes.includes('secure'), 'secure', attributes)
    }),
    check('AU2', 'a refresh gives a token of the same person, and another cookie', async (t) => {
      const { id, pair, first } = await signInAsBrowser(t)
      mustEqual(first.status, 200, 'status of the refresh')
      mustEqual(decodeToken(tokenIn(first)).claims['sub'], id, 'sub')
      must(cookieOf(first).pair !== pair, 'another cookie', 'the same')
    }),
    check('AU2', 'a replayed refresh token ends the whole family', async (t) => {
      const { pair, first } = await signInAsBrowser(t)
      const second = await refresh(t, cookieOf(first).pair)
      mustEqual(second.status, 200, 'the second refresh')
      // The one before the last is forgiven for a moment; this one is older.
      mustEqual((await refresh(t, pair)).status, 401, 'the replayed one')
      mustEqual((await refresh(t, cookieOf(second).pair)).status, 401, 'the newest one, then')
    }),
    check('AU2', 'without a cookie, and with a made-up one, a refresh is 401', async (t) => {
      await signInAsBrowser(t)
      const body = { grant_type: 'refresh_token' }
      await t.refused('POST', TOKEN, { body }, 401, 'unauthorized')
      mustEqual((await refresh(t, 'shopbell_refresh=made.up.text')).status, 401, 'a made-up one')
    }),
    check('AU2', 'after a logout the cookie is worth nothing, and is taken back', async (t) => {
      const { first } = await signInAsBrowser(t)
      const { pair: Cookie } = cookieOf(first)
      const headers = { Cookie, Origin: t.wishes.origin }
      const answer = await t.ask('POST', '/api/v1/auth/logout', { headers })
      mustEqual(answer.status, 204, 'status')
      must(/max-age=0/i.test(answer.headers.getSetCookie().join()), 'a cookie taken back', 'none')
      mustEqual((await refresh(t, Cookie)).status, 401, 'a refresh then')
    }),
    check('AU3', 'POST /auth/dev gives a token for as long as asked', async (t) => {
      t.demandDevelopment('there is no such path in production')
      const { id } = (await t.shop()).staff
      const answer = await t.access.signIn(t.trace, id, 42)
      const { claims } = decodeToken(tokenIn(answer))
      mustEqual(Number(claims['exp']) - Number(claims['iat']), 42, 'seconds')
      mustEqual(asObject(answer.json)['expires_in'], 42, 'expires_in')
    }),
    check('AU3', 'more than 900 seconds, and somebody who is no user, are 422', async (t) => {
      t.demandDevelopment('there is no such path in production')
      const { id: user_id } = (await t.shop()).staff
      const path = '/api/v1/auth/dev'
      await t.invalid('POST', path, { body: { user_id, expires_in: 901 } }, '/expires_in')
      await t.invalid('POST', path, { body: { user_id: t.world.name('nobody') } }, '/user_id')
    }),
    check('AU3', 'in production POST /auth/dev does not exist', async (t) => {
      t.demandProduction('development has it')
      await t.refused('POST', '/api/v1/auth/dev', { body: { user_id: 'ana' } }, 404, 'not_found')
    }),
  ],
}
