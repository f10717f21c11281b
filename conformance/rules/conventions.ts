// Section 1: ids, errors, what the server says of itself.
import { check, type Chapter } from '../check.ts'
import { must, mustEqual } from '../outcome.ts'
import { asObject, isObject, UUID_V7 } from '../wire.ts'

const SEND = '/api/v1/notifications'

export const CONVENTIONS: Chapter = {
  name: 'conventions',
  checks: [
    check('CO1', 'a time from outside in another zone comes back in UTC', async (t) => {
      const { staff } = await t.shop()
      const expires_at = '2099-05-04T10:00:00+02:00'
      const { id } = await t.send({ user_id: staff.id }, { expires_at })
      mustEqual((await t.archived(staff, id)).expires_at, '2099-05-04T08:00:00.000Z', 'expires_at')
    }),
    check('CO2', 'an id of 64 of the allowed characters is one', async (t) => {
      const id = `${t.world.name('user')}_-`.padEnd(64, 'Z')
      t.world.willRemove(`/api/v1/users/${id}`)
      const asked = { token: await t.service(), body: { name: 'Long' } }
      await t.well('PUT', `/api/v1/users/${id}`, asked, 201)
    }),
    check('CO2', 'an id of 65 characters, or with others, is refused with 422', async (t) => {
      const asked = { token: await t.service(), body: { name: 'Wrong' } }
      for (const id of ['x'.repeat(65), 'a%20b', 'a.b', '%C3%A9']) {
        await t.refused('PUT', `/api/v1/users/${id}`, asked, 422, 'invalid')
      }
    }),
    check('CO2', 'ids of entries are UUIDv7 and rise with time', async (t) => {
      const { staff } = await t.shop()
      const first = await t.send({ user_id: staff.id })
      await t.wait(2)
      const second = await t.send({ user_id: staff.id })
      must(UUID_V7.test(first.id) && first.id < second.id, 'two rising UUIDv7', [
        first.id,
        second.id,
      ])
    }),
    check('CO3', 'a path that does not exist is 404 not_found', async (t) => {
      await t.refused('GET', '/api/v1/no-such-path', {}, 404, 'not_found')
    }),
    check('CO3', 'another method is 405, and Allow names those that are', async (t) => {
      const answer = await t.refused('PATCH', SEND, { body: {} }, 405, 'method_not_allowed')
      const allow = (answer.headers.get('allow') ?? '').split(', ')
      must(allow.includes('GET') && allow.includes('POST'), 'Allow with GET and POST', allow)
    }),
    check('CO3', 'broken JSON is 400 bad_request', async (t) => {
      const token = await t.service()
      for (const body of ['{', '{"to":}', "{'to': 1}", 'null x']) {
        await t.refused('POST', SEND, { token, body }, 400, 'bad_request')
      }
    }),
    check('CO3', 'a body that is no UTF-8 is 400 bad_request', async (t) => {
      const body = new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])
      await t.refused('POST', SEND, { token: await t.service(), body }, 400, 'bad_request')
    }),
    check('CO3', 'JSON that is no object is 422', async (t) => {
      const token = await t.service()
      for (const body of ['[]', '"text"', 'null', '7']) {
        await t.refused('POST', SEND, { token, body }, 422, 'invalid')
      }
    }),
    check('CO3', 'an unknown field at the top is 422 with a pointer to it', async (t) => {
      const { staff } = await t.shop()
      const body = { to: { user_id: staff.id }, type: 'custom', title: 'x', colour: 'red' }
      await t.invalid('POST', SEND, { token: await t.service(), body }, '/colour')
    }),
    check('CO3', 'an unknown query parameter is 422 with a pointer to it', async (t) => {
      const { staff } = await t.shop()
      await t.invalid('GET', `${SEND}?colour=red`, { token: staff.token }, '/colour')
    }),
    check('CO3', 'a parameter that is given twice is 422', async (t) => {
      const { token } = (await t.shop()).staff
      await t.refused('GET', `${SEND}?limit=1&limit=2`, { token }, 422, 'invalid')
    }),
    check(
      'CO3',
      'several wrong fields are named at once, each with pointer and message',
      async (t) => {
        const { staff } = await t.shop()
        const body = { to: { user_id: staff.id }, type: 'appointment.booked', data: {} }
        const asked = { token: await t.service(), body }
        const answer = await t.invalid('POST', SEND, asked, '/data/client_name')
        const errors = asObject(answer.json)['errors'] as { pointer: string; message: string }[]
        must(errors.length >= 4, 'an error for each of the four fields', errors)
        must(
          errors.every(({ message }) => message.length > 0),
          'a message in each',
          errors,
        )
      },
    ),
    check('CO3', 'a pointer escapes ~ and / (RFC 6901)', async (t) => {
      const { staff } = await t.shop()
      const body = { to: { user_id: staff.id }, type: 'custom', title: 'x', 'a/b~c': 1 }
      await t.invalid('POST', SEND, { token: await t.service(), body }, '/a~1b~0c')
    }),
    check('CO3', 'each answer has a request_id of its own', async (t) => {
      const ids = new Set<unknown>()
      for (let at = 0; at < 3; at += 1) {
        ids.add(asObject((await t.ask('GET', '/api/v1/none')).json)['request_id'])
      }
      must(ids.size === 3 && [...ids].every((id) => UUID_V7.test(String(id))), 'three ids', [
        ...ids,
      ])
    }),
    check('CO3', "somebody else's entry and none at all are answered alike", async (t) => {
      const { staff, manager } = await t.shop()
      const { id } = await t.send({ user_id: manager.id })
      await t.archived(manager, id)
      const none = '019e3f60-7a10-7c3e-8f5a-2b9d41c6e803'
      const [other, missing] = await Promise.all(
        [id, none].map((one) => t.refused('GET', `${SEND}/${one}`, staff, 404, 'not_found')),
      )
      const plain = (json: unknown) => ({ ...asObject(json), request_id: '' })
      mustEqual(plain(other?.json), plain(missing?.json), 'the same answer but for its id')
    }),
    check('CO3', 'no answer says what the server runs on', async (t) => {
      const { headers } = await t.ask('GET', '/api/v1/none')
      must(!headers.has('x-powered-by'), 'no X-Powered-By', headers.get('x-powered-by'))
      mustEqual(headers.get('x-content-type-options'), 'nosniff', 'X-Content-Type-Options')
    }),
    check('CO7', '/openapi.json is OpenAPI 3.1', async (t) => {
      const { json, status } = await t.ask('GET', '/api/v1/openapi.json')
      must(status === 200 && String(asObject(json)['openapi']).startsWith('3.1.'), '3.1.x', status)
    }),
    check('CO7', '/asyncapi.json is AsyncAPI 3.0', async (t) => {
      const { json, status } = await t.ask('GET', '/api/v1/asyncapi.json')
      must(status === 200 && String(asObject(json)['asyncapi']).startsWith('3.0.'), '3.0.x', status)
    }),
    check('CO7', 'the documents describe every route and frame of the specification', async (t) => {
      const has = (route: string) => {
        const [method = '', path = ''] = route.split(' ')
        return t.documents.operations.some((one) => one.method === method && one.path === path)
      }
      const missing = NAMED_ROUTES.filter((route) => !has(route))
      must(missing.length === 0, 'every route of the specification', missing)
      const components = asObject(t.documents.asyncApi['components'])
      const names = Object.values(asObject(components['messages'])).map(
        (one) => asObject(one)['name'],
      )
      const unnamed = NAMED_FRAMES.filter((name) => !names.includes(name))
      must(unnamed.length === 0, 'every frame of the specification', unnamed)
    }),
    check('CO7', 'GET /healthz answers 200 {status: "ok", version}', async (t) => {
      const { json, status } = await t.ask('GET', '/healthz')
      const { status: word, version } = asObject(json)
      must(
        status === 200 && word === 'ok' && typeof version === 'string',
        'ok, and a version',
        json,
      )
    }),
    check('CO7', 'a described route is there: no 404 for its path, no 500', async (t) => {
      const { token } = (await t.shop()).staff
      const wrong: string[] = []
      for (const { method, path, isGuarded, isBuilt } of t.documents.operations) {
        if (method !== 'GET' || !isGuarded || !isBuilt || path === '/api/v1/ws') continue
        const filled = path.replaceAll(/\{\w+\}/g, 'nothing')
        const { status, json } = await t.get(filled, token)
        const isNone = asObject(json)['detail'] === 'There is no such path.'
        if (status >= 500 || (status === 404 && isNone)) wrong.push(`${method} ${path} ${status}`)
      }
      must(wrong.length === 0, 'an answer of each route', wrong)
    }),
    check('CO8', 'what is described as not built yet answers 501 not_available', async (t) => {
      const { token } = (await t.shop()).staff
      const later = t.documents.operations.filter((one) => !one.isBuilt && one.isGuarded)
      if (later.length === 0) t.skip('everything is built')
      for (const { method, path } of later) {
        const filled = path.replaceAll(/\{\w+\}/g, 'nothing')
        await t.refused(method, filled, { token }, 501, 'not_available')
      }
    }),
    check('CO8', 'on a socket, too: a frame of later is answered not_available', async (t) => {
      const { id, staff } = await t.shop()
      const socket = await t.openAt(id, staff.token)
      const answer = await socket.ask({ type: 'typing', channel_id: t.key(), active: true })
      if (answer.type === 'ok') t.skip('typing is built')
      mustEqual(answer.code, 'not_available', 'error with the code')
    }),
    check('CO8', 'outside development http: is sent on to https:', async (t) => {
      t.demandProduction('development speaks http')
      const { base } = t.world.http
      if (!base.startsWith('https:')) t.skip('needs an https: base that is no loopback host')
      const answer = await fetch(`${base.replace('https:', 'http:')}/api/v1/me`, {
        redirect: 'manual',
      })
      const location = answer.headers.get('location') ?? ''
      const isSentOn = answer.status >= 301 && answer.status <= 308 && location.startsWith('https:')
      must(isSentOn, 'a redirect to https:', `${answer.status} ${location}`)
    }),
    check('CO8', 'a path that does not exist is 404 before it is anything else', async (t) => {
      const answer = await t.ask('GET', '/api/v1/none', {
        headers: { 'X-Forwarded-Proto': 'http' },
      })
      must(answer.status === 404 && isObject(answer.json), '404', answer.status)
    }),
  ],
}

const NAMED_ROUTES = [
  'GET /healthz',
  'GET /metrics',
  'GET /.well-known/jwks.json',
  'POST /api/v1/auth/token',
  'POST /api/v1/auth/logout',
  'GET /api/v1/me',
  'PUT /api/v1/users/{id}',
  'PUT /api/v1/locations/{id}',
  'PUT /api/v1/locations/{id}/members/{user_id}',
  'GET /api/v1/locations/{id}/members',
  'POST /api/v1/notifications',
  'POST /api/v1/notifications/batch',
  'POST /api/v1/events',
  'GET /api/v1/notifications',
  'GET /api/v1/notifications/unread',
  'GET /api/v1/notifications/unread/count',
  'GET /api/v1/notifications/{id}',
  'POST /api/v1/notifications/read-all',
  'POST /api/v1/notifications/seen-all',
  'DELETE /api/v1/notifications',
  'GET /api/v1/ws',
  'GET /api/v1/ws/status',
  'POST /api/v1/service-keys',
]

const NAMED_FRAMES =
  'ping pong ack auth state subscribe unsubscribe seen read welcome notification notification_state ok error event '
    .concat('presence membership auth_expiring bye')
    .split(' ')
