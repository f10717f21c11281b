import { exports } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { SOCKET_HEADER } from '../../durable-objects/rpc.ts'
import { call } from './helpers/api.ts'
import { setFaults } from './helpers/faults.ts'
import { openShop, type Shop } from './helpers/shop.ts'
import { openSocket, TestSocket, upgrade } from './helpers/socket.ts'
import { adminToken, memberToken, serviceToken } from './helpers/tokens.ts'

let shop: Shop
let token: string

beforeAll(async () => {
  shop = await openShop()
  token = shop.staff.token
})
afterEach(async () => {
  await setFaults()
})

/** `403 forbidden`, or `101` for a socket that was opened (and is closed again). */
async function outcomeOf(response: Response): Promise<string> {
  if (response.webSocket) {
    response.webSocket.accept()
    response.webSocket.close()
    return '101'
  }
  const body = (await response.json()) as { code: string; status: number; request_id: string }
  expect(body.status).toBe(response.status)
  expect(body.request_id).toMatch(/^[0-9a-f-]{36}$/)
  return `${response.status} ${body.code}`
}

describe('refused', () => {
  test('[WS2] a request that is no upgrade: 426, whoever asks', async () => {
    const answer = await call('GET /api/v1/ws', { token })
    expect(answer).toMatchObject({ status: 426, body: { code: 'upgrade_required' } })
    expect(answer.headers.get('Upgrade')).toBe('websocket')
  })

  test.each([
    ['no token', {}, '401 unauthorized'],
    ['what is no token', { token: 'hello' }, '401 unauthorized'],
    ['more than a token can be', { token: 'x'.repeat(9_000) }, '401 unauthorized'],
  ])('[WS2] %s: %s', async (_what, options, expected) => {
    expect(await outcomeOf(await upgrade(options))).toBe(expected)
  })

  test('[WS2] an expired token: 401', async () => {
    const brief = await memberToken(shop.staff.id, {}, 1)
    await setFaults({ clock_ahead_ms: 2_000 })
    expect(await outcomeOf(await upgrade({ token: brief }))).toBe('401 unauthorized')
  })

  test.each([
    ['since that is no number', { since: 'yesterday' }],
    ['since below zero', { since: -1 }],
    ['since of more digits than a seq has', { since: '9'.repeat(16) }],
    ['a device of strange characters', { device: 'my phone' }],
    ['a device of 65 letters', { device: 'x'.repeat(65) }],
    ['an empty epoch', { epoch: '' }],
    ['a location of strange characters', { location: 'a/b' }],
    ['a name that nobody knows', { colour: 'red' }],
  ])('[WS2] %s: 400', async (_what, options) => {
    expect(await outcomeOf(await upgrade({ token, ...options }))).toBe('400 bad_request')
  })

  test.each([
    ['a service, its own stream', async () => ({ token: await serviceToken() }), '403 forbidden'],
    [
      'a service, a location',
      async () => ({ token: await serviceToken(), location: shop.location }),
      '403 forbidden',
    ],
    [
      'a member of elsewhere',
      async () => ({ token: (await openShop()).staff.token, location: shop.location }),
      '403 forbidden',
    ],
    [
      'who claims to be a member',
      async () => ({
        token: await memberToken('liar', { [shop.location]: 'manager' }),
        location: shop.location,
      }),
      '403 forbidden',
    ],
    ['a location that is not there', async () => ({ token, location: 'nowhere' }), '403 forbidden'],
  ])('[AU7] %s: %s', async (_what, options, expected) => {
    expect(await outcomeOf(await upgrade(await options()))).toBe(expected)
  })

  test.each([
    ['https://evil.example', '403 origin_not_allowed'],
    ['null', '403 origin_not_allowed'],
    ['http://localhost:8787', '101'],
  ])('[AU6] from a page of %s: %s', async (Origin, expected) => {
    expect(await outcomeOf(await upgrade({ token, headers: { Origin } }))).toBe(expected)
  })
})

describe('opened', () => {
  test('[WS1] the own stream, and the stream of a location for its members and admins', async () => {
    const own = await openSocket({ token })
    expect(own.welcome.stream).toBe(`user:${shop.staff.id}`)
    const here = await openSocket({ token, location: shop.location })
    expect(here.welcome.stream).toBe(`location:${shop.location}`)
    const admin = await openSocket({ token: await adminToken(), location: shop.location })
    expect(admin.welcome.stream).toBe(`location:${shop.location}`)
    for (const socket of [own, here, admin]) socket.close()
  })

  test('[AU7] the claim is a hint: without one the roster lets a member in', async () => {
    const bare = await memberToken(shop.staff.id)
    expect(await outcomeOf(await upgrade({ token: bare, location: shop.location }))).toBe('101')
  })

  test('[WS2] reads no D1', async () => {
    const here = await openShop()
    await setFaults({ d1: { down: true } })
    const options = { token: here.staff.token }
    expect(await outcomeOf(await upgrade(options))).toBe('101')
    expect(await outcomeOf(await upgrade({ ...options, location: here.location }))).toBe('101')
  })

  const withProtocols = (protocols: string) =>
    exports.default.fetch('http://localhost:8787/api/v1/ws', {
      headers: { Upgrade: 'websocket', 'Sec-WebSocket-Protocol': protocols },
    })

  test('[AU5] a token comes as a subprotocol; the answer names shopbell.v1 only', async () => {
    const response = await withProtocols(`shopbell.v1, bearer.${token}`)
    expect(response.status).toBe(101)
    expect(response.headers.get('Sec-WebSocket-Protocol')).toBe('shopbell.v1')
    expect(await outcomeOf(response)).toBe('101')
  })

  test('[AU5] what was not offered is not named', async () => {
    for (const response of [await withProtocols(`bearer.${token}`), await upgrade({ token })]) {
      expect(response.headers.get('Sec-WebSocket-Protocol')).toBeNull()
      expect(await outcomeOf(response)).toBe('101')
    }
  })

  test('[AU5] no token is in what the hub is asked, nor does a caller write it', async () => {
    const forged = { identity: { sub: 'olivia', role: 'admin', loc: {}, scp: [], exp: 9e9 } }
    const headers = { [SOCKET_HEADER]: JSON.stringify(forged) }
    expect(await outcomeOf(await upgrade({ headers }))).toBe('401 unauthorized')
    const response = await upgrade({ token, headers })
    if (!response.webSocket) throw new Error('not opened')
    const socket = new TestSocket(response.webSocket)
    expect((await socket.frame('welcome')).stream).toBe(`user:${shop.staff.id}`)
    socket.close()
  })
})
