// [AU7] Every route, called by everybody. The table of expectations below is written by hand, from the specification, and
// not made from the table under test.
import { env, exports } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { SignJWT } from 'jose'
import { now } from '../../durable-objects/clock.ts'
import { app } from '../../worker/app.ts'
import { ROUTES } from '../../worker/auth/permissions.ts'
import { LATER_PUBLIC_ROUTES, LATER_ROUTES } from '../../worker/routes/later.ts'
import { call, must, refusal } from './helpers/api.ts'
import { Browser, PushService } from './helpers/push-service.ts'
import { addUser, join, openShop, type Shop } from './helpers/shop.ts'
import { adminToken, EVERY_SCOPE, keyring, memberToken, serviceToken } from './helpers/tokens.ts'

type Who = 'admin' | 'manager' | 'staff' | 'stranger' | 'service' | 'weak' | 'display'

/**
 * What each caller is answered, in the order of WHO. `ok` is any success. Calls are about the shop of manager and
 * staff: `stranger` manages another one, `weak` is a service without a scope.
 */
const WHO: readonly Who[] = ['admin', 'manager', 'staff', 'stranger', 'service', 'weak', 'display']
const EXPECTED: Record<keyof typeof ROUTES, string | 'public'> = {
  'GET /healthz': 'public',
  'GET /metrics': 'public',
  'GET /.well-known/jwks.json': 'public',
  'PUT /__faults': 'public',
  'GET /docs': 'public',
  'GET /docs/style.css': 'public',
  'GET /api/v1/openapi.json': 'public',
  'GET /api/v1/asyncapi.json': 'public',
  'POST /api/v1/auth/token': 'public',
  'POST /api/v1/auth/dev': 'public',
  'POST /api/v1/auth/logout': 'public',
  'GET /api/v1/service-keys': 'ok 404 404 404 404 404 404',
  'POST /api/v1/service-keys': 'ok 403 403 403 403 403 403',
  'DELETE /api/v1/service-keys/:client_id': 'ok 403 403 403 403 403 403',
  'GET /api/v1/me': 'ok ok ok ok 404 404 404',
  'PUT /api/v1/users/:id': 'ok 403 403 403 ok 403 403',
  'GET /api/v1/users/:id': 'ok ok ok 404 404 404 404',
  'DELETE /api/v1/users/:id': 'ok 403 403 403 ok 403 403',
  'PUT /api/v1/locations/:id': 'ok 403 403 403 ok 403 403',
  'GET /api/v1/locations/:id': 'ok ok ok 404 404 404 404',
  'DELETE /api/v1/locations/:id': 'ok 403 403 403 ok 403 403',
  'GET /api/v1/locations/:id/members': 'ok ok ok 404 404 404 404',
  'PUT /api/v1/locations/:id/members/:user_id': 'ok ok 403 403 ok 403 403',
  'DELETE /api/v1/locations/:id/members/:user_id': 'ok ok 403 403 ok 403 403',
  'POST /api/v1/notifications': 'ok ok 403 403 ok 403 403',
  'POST /api/v1/notifications/batch': 'ok ok ok ok ok 403 403',
  'POST /api/v1/events': 'ok ok 403 403 ok 403 403',
  'GET /api/v1/notifications': 'ok ok ok ok 404 404 404',
  'DELETE /api/v1/notifications': 'ok ok ok ok 403 403 403',
  'GET /api/v1/notifications/unread': 'ok ok ok ok 404 404 404',
  'GET /api/v1/notifications/unread/count': 'ok ok ok ok 404 404 404',
  'POST /api/v1/notifications/read-all': 'ok ok ok ok 403 403 403',
  'POST /api/v1/notifications/seen-all': 'ok ok ok ok 403 403 403',
  'GET /api/v1/notifications/:id': '404 404 ok 404 404 404 404',
  'DELETE /api/v1/notifications/:id': '404 404 ok 404 404 404 404',
  'PUT /api/v1/notifications/:id/:mark{read|seen|archived|acknowledged}':
    '404 404 ok 404 404 404 404',
  'DELETE /api/v1/notifications/:id/:mark{read|seen|archived|acknowledged}':
    '404 404 ok 404 404 404 404',
  'GET /api/v1/archive/parked': 'ok 404 404 404 404 404 404',
  // Nothing is parked there.
  'POST /api/v1/archive/parked/:stream/:seq/retry': '404 403 403 403 403 403 403',
  'GET /api/v1/push/key': 'ok ok ok ok 404 404 404',
  'GET /api/v1/push/subscriptions': 'ok ok ok ok 404 404 404',
  'PUT /api/v1/push/subscriptions/:device': 'ok ok ok ok 403 403 403',
  'POST /api/v1/push/test': 'ok ok ok ok 403 403 403',
  // The device is the staff member's: what somebody else calls alike is another one.
  'DELETE /api/v1/push/subscriptions/:device': '404 404 ok 404 403 403 403',
  'GET /api/v1/ws/status': 'ok ok ok ok ok 404 404',
  'GET /api/v1/ws': 'ok ok ok 403 403 403 403',
}

type Name = keyof typeof ROUTES
const NAMES = Object.keys(ROUTES) as Name[]
const GUARDED = NAMES.filter((name) => EXPECTED[name] !== 'public')

interface World {
  shop: Shop
  /** A notification to the staff member alone. */
  entry: string
  key: string
  /** Nobody subscribed it yet. */
  browser: Browser
  tokens: Record<Who, string>
}
let world: World

beforeAll(async () => {
  new PushService().serve()
  world = await openWorld()
})

async function openWorld(): Promise<World> {
  const [shop, other] = [await openShop(), await openShop()]
  const admin = await addUser('admin', { role: 'admin' })
  const sent = await must<{ id: string }>('POST /api/v1/notifications', {
    token: shop.manager.token,
    body: { to: { user_id: shop.staff.id }, type: 'custom', title: 'Hello' },
  })
  const tokens = {
    admin: await adminToken(admin.id),
    manager: shop.manager.token,
    staff: shop.staff.token,
    stranger: other.manager.token,
    service: await serviceToken(EVERY_SCOPE),
    weak: await serviceToken([]),
    display: await displayToken(other.location),
  }
  const { client_id } = await must<{ client_id: string }>('POST /api/v1/service-keys', {
    token: tokens.admin,
    body: { name: 'Booking', scopes: ['notifications:send'] },
  })
  await (await Browser.make()).subscribe(shop.staff.token, 'till')
  return { shop, entry: sent.id, key: client_id, browser: await Browser.make(), tokens }
}

const claims = (role: string, more: object = {}) => {
  const seconds = Math.floor(now() / 1000)
  return { role, iat: seconds, exp: seconds + 900, jti: crypto.randomUUID(), ...more }
}

const sign = (payload: object, header: object = {}) =>
  new SignJWT({ iss: 'shopbell', aud: 'shopbell-api', ...payload })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: keyring.signing.kid, ...header })
    .sign(keyring.signing)

const displayToken = (location: string) =>
  sign(claims('display', { sub: 'display:door', loc: { [location]: 'display' } }))

/** The request that a caller makes of a route, with what there is in the world filled in. */
function requestOf(name: Name, { shop, entry, key, browser }: World) {
  const [method = '', pattern = ''] = name.split(' ')
  const isEntry = pattern.startsWith('/api/v1/notifications/:id')
  const isUser = pattern.startsWith('/api/v1/users')
  const path = pattern
    .replace(/:mark\{.*\}/, 'read')
    .replace(':user_id', shop.staff.id)
    .replace(':client_id', key)
    .replace(':stream', `user:${shop.staff.id}`)
    .replace(':seq', '1')
    .replace(':device', method === 'PUT' ? 'tablet' : 'till')
    .replace(':id', isEntry ? entry : isUser ? shop.staff.id : shop.location)
  const socket = name === 'GET /api/v1/ws'
  return {
    route: `${method} ${path}${socket ? `?location=${shop.location}` : ''}`,
    body: bodyOf(name, shop, browser),
    headers: (socket ? { Upgrade: 'websocket' } : {}) as Record<string, string>,
  }
}

function bodyOf(name: Name, { location, staff }: Shop, browser: Browser): unknown {
  const send = { to: { location_id: location }, type: 'custom', title: 'Hello' }
  const bodies: Partial<Record<Name, unknown>> = {
    'PUT /api/v1/users/:id': { name: 'Staff' },
    'PUT /api/v1/locations/:id': { name: 'Shop', time_zone: 'Europe/Madrid' },
    'PUT /api/v1/locations/:id/members/:user_id': { role: 'staff' },
    'POST /api/v1/service-keys': { name: 'Booking', scopes: ['status:read'] },
    'POST /api/v1/notifications': send,
    'PUT /api/v1/push/subscriptions/:device': browser.subscription,
    'POST /api/v1/events': {
      to: { location_id: location },
      event_type: 'team_updates',
      data: {},
    },
    'POST /api/v1/notifications/batch': { notifications: [{ ...send, to: { user_id: staff.id } }] },
  }
  return bodies[name]
}

async function statusOf(name: Name, token: string | undefined, here = world): Promise<number> {
  const { route, body, headers } = requestOf(name, here)
  if (name !== 'GET /api/v1/ws') return (await call(route, { token, body })).status
  const url = `http://localhost:8787${route.split(' ')[1]}${token ? `&token=${token}` : ''}`
  const response = await exports.default.fetch(url, { headers })
  response.webSocket?.accept()
  response.webSocket?.close()
  await response.body?.cancel()
  return response.status
}

describe('the table', () => {
  test('[AU7] every route of the app is in it, and nothing else', () => {
    const registered = app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path}`)
    const rows = [...NAMES, ...LATER_ROUTES, ...LATER_PUBLIC_ROUTES]
    expect([...new Set(registered)].toSorted()).toEqual(rows.toSorted())
  })

  const cases = GUARDED.flatMap((name) =>
    WHO.map((who, index) => [name, who, EXPECTED[name].split(' ')[index] ?? ''] as const),
  )
  // What ends a thing gets a world of its own; the others share one.
  test.each(cases)('[AU7] %s by %s: %s', async (name, who, expected) => {
    const ends = name.startsWith('DELETE') && expected === 'ok'
    const here = ends ? await openWorld() : world
    const status = await statusOf(name, here.tokens[who], here)
    expect(status < 300 ? 'ok' : String(status)).toBe(expected)
  })

  test('[AU7] a batch answers each item for itself', async () => {
    const { shop, tokens } = world
    const send = { to: { user_id: shop.staff.id }, type: 'custom', title: 'Hello' }
    const body = { notifications: [send] }
    const statusBy = async (who: Who) => {
      const answer = await must<{ results: { status: number }[] }>(
        'POST /api/v1/notifications/batch',
        { token: tokens[who], body },
      )
      return answer.results.map(({ status }) => status)
    }
    expect(await statusBy('manager')).toEqual([201])
    expect(await statusBy('staff')).toEqual([403])
    expect(await statusBy('stranger')).toEqual([403])
  })
})

describe('tokens', () => {
  const staff = () => world.shop.staff.id
  const at = (ms: number) => Math.floor((now() + ms) / 1000)
  const bad: [string, () => Promise<string> | string | undefined][] = [
    ['no token', () => undefined],
    ['what is no token', () => 'hello'],
    ['an expired one', () => sign(claims('member', { sub: staff(), loc: {}, exp: at(-1_000) }))],
    ['another type', () => sign(claims('member', { sub: staff(), loc: {} }), { typ: 'JWT' })],
    ['a refresh type', () => sign(claims('member', { sub: staff(), loc: {} }), { typ: 'rt+jwt' })],
    ['another audience', () => sign({ ...claims('member', { sub: staff(), loc: {} }), aud: 'x' })],
    ['another issuer', () => sign({ ...claims('member', { sub: staff(), loc: {} }), iss: 'x' })],
    ['an unknown role', () => sign(claims('owner', { sub: staff(), loc: {} }))],
    [
      'a foreign signature',
      async () => {
        const [header, payload] = (await memberToken(staff())).split('.')
        const [, , signature] = (await memberToken('somebody')).split('.')
        return `${header}.${payload}.${signature}`
      },
    ],
  ]
  const cases = GUARDED.flatMap((name) => bad.map(([what, make]) => [name, what, make] as const))

  test.each(cases)('[AU1] %s with %s: 401', async (name, _what, make) => {
    expect(await statusOf(name, await make())).toBe(401)
  })

  test('[AU1] the challenge says whether the token has expired', async () => {
    const expired = await sign(claims('member', { sub: staff(), loc: {}, exp: at(-1_000) }))
    const { headers } = await call('GET /api/v1/me', { token: expired })
    expect(headers.get('WWW-Authenticate')).toContain('invalid_token')
    const without = await call('GET /api/v1/me')
    expect(without.headers.get('WWW-Authenticate')).toBe('Bearer')
  })

  test('[AU5] a token in the query opens sockets, not REST', async () => {
    const { status } = await call(`GET /api/v1/me?token=${world.shop.staff.token}`)
    expect(status).toBe(401)
  })

  test('[AU5] a refused token is not in the answer', async () => {
    const token = await sign(claims('owner', { sub: staff() }))
    const { body } = await call('GET /api/v1/me', { token })
    expect(JSON.stringify(body)).not.toContain(token.slice(0, 20))
  })
})

describe('claims are hints', () => {
  test('[AU7] who claims to be a manager and is none by the roster sends nothing', async () => {
    const { shop } = world
    const liar = await addUser('liar')
    const token = await memberToken(liar.id, { [shop.location]: 'manager' })
    const send = (to: object) => ({ token, body: { to, type: 'custom', title: 'Hello' } })
    const route = 'POST /api/v1/notifications'
    expect(await refusal(route, send({ location_id: shop.location }))).toBe('403 forbidden')
    expect(await refusal(route, send({ user_id: shop.staff.id }))).toBe('403 forbidden')
    const members = `GET /api/v1/locations/${shop.location}/members`
    expect(await refusal(members, { token })).toBe('404 not_found')
    const own = `PUT /api/v1/locations/${shop.location}/members/${liar.id}`
    expect(await refusal(own, { token, body: { role: 'manager' } })).toBe('403 forbidden')
  })

  test('[AU7] who was made a manager since sends with the token of before', async () => {
    const { location, staff, colleague } = await openShop()
    await join(location, staff, 'manager')
    const { status } = await call('POST /api/v1/notifications', {
      token: staff.token,
      body: { to: { user_id: colleague.id }, type: 'custom', title: 'Hello' },
    })
    expect(status).toBe(201)
  })

  test('[AU7] a service with the right scope writes people, but never a role', async () => {
    const token = await serviceToken(['directory:write'])
    const route = 'PUT /api/v1/users/hired'
    const body = { name: 'Hired', role: 'admin' }
    expect(await refusal(route, { token, body })).toBe('403 forbidden')
    expect(await must(route, { token, body: { name: 'Hired' } })).toMatchObject({ role: 'member' })
    const admin = world.tokens.admin
    await must(route, { token: admin, body })
    // A service that writes the name leaves the role alone.
    expect(await must(route, { token, body: { name: 'H.' } })).toMatchObject({ role: 'admin' })
  })
})

describe('paths', () => {
  test.each([
    ['GET /api/v1/nothing'],
    ['GET /api/v2/me'],
    ['GET /nothing'],
    ['PUT /api/v1/notifications/0/liked'],
  ])('[CO3] %s is not there, whoever asks', async (route) => {
    expect(await refusal(route)).toBe('404 not_found')
  })

  test.each([
    ['PATCH /api/v1/me', 'GET'],
    ['POST /api/v1/users/ben', 'PUT, GET, DELETE'],
    ['GET /api/v1/auth/token', 'POST'],
    ['POST /healthz', 'GET'],
    ['GET /__faults', 'PUT'],
  ])('[CO3] %s: 405, and what is allowed', async (route, allow) => {
    const { status, headers } = await call(route)
    expect([status, headers.get('Allow')]).toEqual([405, allow])
  })

  const fill = (route: string) => route.replace(/\{.*\}/, '').replace(':vendor', 'square')
  test.each(LATER_ROUTES.map(fill))('[CO8] %s: 501 for who is signed in', async (route) => {
    expect(await refusal(route)).toBe('401 unauthorized')
    expect(await refusal(route, { token: world.shop.staff.token })).toBe('501 not_available')
  })

  test.each(LATER_PUBLIC_ROUTES.map(fill))('[CO8] %s: 501', async (route) => {
    expect(await refusal(route)).toBe('501 not_available')
  })

  test('[CO3] every problem has its parts, and a request id of ours that the header repeats', async () => {
    const headers = { 'X-Request-Id': 'mine' }
    const { body, headers: answered } = await call('GET /api/v1/me', { headers })
    expect(body).toEqual({
      type: 'urn:shopbell:problem:unauthorized',
      title: expect.any(String),
      status: 401,
      detail: expect.any(String),
      code: 'unauthorized',
      request_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
    })
    expect(answered.get('X-Request-Id')).toBe((body as { request_id: string }).request_id)
    expect(answered.get('X-Content-Type-Options')).toBe('nosniff')
    expect(answered.get('Cache-Control')).toBe('no-store')
  })
})

test('the tests run in development', () => {
  expect(env.ENVIRONMENT).toBe('development')
})
