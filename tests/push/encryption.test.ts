// [RE3] What leaves for a push service, read by code that is not ours: RFC 8291 by http_ece and by hand, RFC 8292 by jose.
import { createPublicKey } from 'node:crypto'
import * as fc from 'fast-check'
import { exportJWK, importJWK, jwtVerify } from 'jose'
import webpush from 'web-push'
import { beforeAll, describe, expect, test } from 'vitest'
import { isPoint, openVapid, type Vapid } from '../../durable-objects/push/vapid.ts'
import { sendPush, type Push } from '../../durable-objects/push/send.ts'
import { makeVapidKey } from '../../scripts/lib/vapid-key.ts'
import { makeBrowserKeys, readByHand, readByHttpEce } from './browser-keys.ts'

const ENDPOINT = 'https://fcm.googleapis.com/fcm/send/abc'
const browser = makeBrowserKeys()
const push: Push = { payload: '{"a":1}', ttl: 60, urgency: 'high', topic: null }

let vapid: Vapid
beforeAll(async () => {
  vapid = await openVapid(await makeVapidKey(), 'mailto:ops@shop.example')
})

interface Sent {
  url: string
  headers: Headers
  body: Uint8Array
  init: RequestInit
}

async function sent(change: Partial<Push> = {}, endpoint = ENDPOINT, loopback?: string) {
  const seen: Sent[] = []
  const outcome = await sendPush(
    { endpoint, ...browser.keys },
    { ...push, ...change },
    {
      vapid,
      loopback: loopback ?? null,
      now: Date.now,
      fetch: async (url, init) => {
        const body = init.body as Uint8Array
        seen.push({ url, init, body, headers: new Headers(init.headers) })
        return new Response(null, { status: 201 })
      },
    },
  )
  const [one] = seen
  if (one === undefined) throw new Error(`nothing was sent: ${JSON.stringify(outcome)}`)
  return one
}

describe('the body', () => {
  // RFC 8291, appendix A.
  const APPENDIX_A = {
    privateKey: 'q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94',
    auth: 'BTBZMqHH6r4Tts7J_aSIgg',
    body: 'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
    text: 'When I grow up, I want to be a watermelon',
  }

  test('[RE3] both readers read the example of RFC 8291', () => {
    const { privateKey, auth, body, text } = APPENDIX_A
    const keys = makeBrowserKeys(
      Buffer.from(privateKey, 'base64url'),
      Buffer.from(auth, 'base64url'),
    )
    const bytes = Buffer.from(body, 'base64url')
    expect(readByHttpEce(bytes, keys)).toBe(text)
    expect(readByHand(bytes, keys)).toBe(text)
    const spoilt = Buffer.from(bytes)
    spoilt[100] = (spoilt[100] ?? 0) ^ 1
    expect(() => readByHttpEce(spoilt, keys)).toThrow()
    expect(() => readByHand(spoilt, keys)).toThrow()
  })

  test('[RE3] the way back: what another sender encrypts, the same readers read', () => {
    const { cipherText } = webpush.encrypt(
      browser.keys.p256dh,
      browser.keys.auth,
      'from web-push',
      'aes128gcm',
    ) as unknown as { cipherText: Buffer }
    expect(readByHttpEce(cipherText, browser)).toBe('from web-push')
    expect(readByHand(cipherText, browser)).toBe('from web-push')
  })

  test('[RE3] whatever the payload is, both readers read it, and its length does not show', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 900 }), async (payload) => {
        const { body } = await sent({ payload })
        const whole = Buffer.from(payload).toString('utf8')
        expect(readByHttpEce(body, browser)).toBe(whole)
        expect(readByHand(body, browser)).toBe(whole)
        expect(body.length).toBe(4_096)
      }),
      { numRuns: 50 },
    )
  })

  test('[RE3] nobody else reads it, and no two are alike', async () => {
    const [one, two] = [await sent(), await sent()]
    expect(Buffer.from(one.body).equals(Buffer.from(two.body))).toBe(false)
    expect(() => readByHttpEce(one.body, makeBrowserKeys())).toThrow()
    expect(Buffer.from(one.body).includes('"a"')).toBe(false)
  })
})

describe('the headers', () => {
  test('[RE3] say how it is encoded, how long it keeps, how urgent it is, and what it replaces', async () => {
    const { headers, init } = await sent({ ttl: 300, topic: 'a'.repeat(32) })
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-encoding': 'aes128gcm',
      ttl: '300',
      urgency: 'high',
      topic: 'a'.repeat(32),
    })
    expect(init).toMatchObject({ method: 'POST', redirect: 'manual' })
  })

  test('[RE3] a life of 0 stays 0, and no topic is none', async () => {
    const { headers } = await sent({ ttl: 0 })
    expect(headers.get('ttl')).toBe('0')
    expect(headers.has('topic')).toBe(false)
  })

  const tokenOf = (headers: Headers) => {
    const [, token = '', key = ''] =
      /^vapid t=([^,]+), k=([A-Za-z0-9_-]+)$/.exec(headers.get('authorization') ?? '') ?? []
    return { token, key }
  }

  /** The key as jose takes it, from the point that the header shows. */
  async function keyOf(point: string) {
    const bytes = Buffer.from(point, 'base64url')
    const [x, y] = [bytes.subarray(1, 33), bytes.subarray(33)].map((part) =>
      part.toString('base64url'),
    )
    return importJWK({ kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' }, 'ES256')
  }

  test('[RE3] VAPID: a token for that service alone, for less than a day, signed with the key it shows', async () => {
    const { headers } = await sent()
    const { token, key } = tokenOf(headers)
    expect(key).toBe(vapid.publicKey)
    const { payload } = await jwtVerify(token, await keyOf(key), {
      algorithms: ['ES256'],
      audience: 'https://fcm.googleapis.com',
      subject: 'mailto:ops@shop.example',
      typ: 'JWT',
    })
    const left = (payload.exp ?? 0) - Date.now() / 1_000
    expect(left).toBeGreaterThan(3_600)
    expect(left).toBeLessThanOrEqual(24 * 3_600)
  })

  test('[RE3] a push service on this machine is called in the clear, and VAPID names what the browser knows', async () => {
    const loopback = 'http://127.0.0.1:8091'
    const { url, headers } = await sent({}, 'https://127.0.0.1:8091/push/a', loopback)
    expect(url).toBe('http://127.0.0.1:8091/push/a')
    const { token, key } = tokenOf(headers)
    const { payload } = await jwtVerify(token, await keyOf(key))
    expect(payload.aud).toBe('https://127.0.0.1:8091')
  })
})

describe('keys', () => {
  test('[RE3] the public key follows from the private one, as another library has it', async () => {
    for (let round = 0; round < 20; round++) {
      const { publicKey, privateKey } = webpush.generateVAPIDKeys()
      expect((await openVapid(privateKey, 'mailto:a@b.example')).publicKey).toBe(publicKey)
    }
  })

  test('[RE3] a point is on the curve or it is none', async () => {
    expect(await isPoint(browser.keys.p256dh)).toBe(true)
    const bytes = Buffer.from(browser.keys.p256dh, 'base64url')
    bytes[64] = (bytes[64] ?? 0) ^ 1
    expect(await isPoint(bytes.toString('base64url'))).toBe(false)
    expect(await isPoint(Buffer.alloc(65, 4).toString('base64url'))).toBe(false)
  })

  test('the keys of a test browser are what node:crypto says they are', async () => {
    const jwk = await exportJWK(
      createPublicKey({
        key: Buffer.concat([
          Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex'),
          browser.ecdh.getPublicKey(),
        ]),
        format: 'der',
        type: 'spki',
      }),
    )
    const point = Buffer.from(browser.keys.p256dh, 'base64url')
    expect(jwk.x).toBe(point.subarray(1, 33).toString('base64url'))
  })
})
