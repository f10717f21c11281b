import { createExecutionContext, createScheduledController } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Me, TokenAnswer } from '../../protocol/api.ts'
import { app } from '../../worker/app.ts'
import type { Env } from '../../worker/env.ts'
import worker from '../../worker/index.ts'
import { call, must, refusal } from './helpers/api.ts'
import { setFaults } from './helpers/faults.ts'
import { addUser, openShop } from './helpers/shop.ts'
import { adminToken, keyring } from './helpers/tokens.ts'

const runCron = () => worker.scheduled(createScheduledController({ cron: '* * * * *' }), env)

afterEach(async () => {
  await setFaults()
})

const client = { client_id: 'demo-booking', client_secret: 'demo-booking-secret' }
const grant = (more: object) => ({ body: { grant_type: 'client_credentials', ...client, ...more } })

describe('the demo shop', () => {
  test('/healthz says 503 until the cron has set the shop up, and stays well when it runs again', async () => {
    expect(await refusal('GET /healthz')).toBe('503 unavailable')
    await runCron()
    expect(await must('GET /healthz')).toEqual({ status: 'ok', version: '0.1.0' })
    await runCron()
    const token = await adminToken()
    expect(await must('GET /api/v1/locations/harbour', { token })).toMatchObject({
      time_zone: 'Europe/Lisbon',
    })
    const { data } = await must<{ data: object[] }>('GET /api/v1/locations/downtown/members', {
      token,
    })
    expect(data).toEqual([
      { user_id: 'ana', name: 'Ana Alvarez', role: 'manager' },
      { user_id: 'ben', name: 'Ben Brooks', role: 'staff' },
      { user_id: 'cleo', name: 'Cleo Carter', role: 'staff' },
    ])
  })
})

describe('POST /auth/token', () => {
  test('[AU2] the key of a service gives a token that sends', async () => {
    const answer = await must<TokenAnswer>('POST /api/v1/auth/token', grant({}))
    expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: 900 })
    expect(decodeProtectedHeader(answer.access_token)).toMatchObject({
      typ: 'at+jwt',
      alg: 'ES256',
    })
    expect(decodeJwt(answer.access_token)).toMatchObject({
      sub: 'service:demo-booking',
      role: 'service',
      scp: ['notifications:send', 'events:send', 'directory:write', 'status:read'],
    })
    const { status } = await call('POST /api/v1/notifications', {
      token: answer.access_token,
      body: { to: { location_id: 'downtown' }, type: 'custom', title: 'Hello' },
    })
    expect(status).toBe(201)
  })

  test.each([
    ['a wrong secret', { client_secret: 'demo-booking-secreT' }, 401, 'unauthorized'],
    ['an unknown key', { client_id: 'demo-bookin' }, 401, 'unauthorized'],
    ['no secret', { client_secret: undefined }, 422, 'invalid'],
    ['a field that nobody knows', { scope: 'all' }, 422, 'invalid'],
    ['an unknown grant', { grant_type: 'password' }, 422, 'invalid'],
    ['a display', { grant_type: 'urn:shopbell:display' }, 501, 'not_available'],
  ] as const)('[AU2] %s', async (_what, more, status, code) => {
    const { body } = await call('POST /api/v1/auth/token', grant(more))
    expect(body).toMatchObject({ status, code })
    expect(JSON.stringify(body)).not.toContain('demo-booking-secre')
  })

  test('[AR4] while D1 is down nobody can be looked up', async () => {
    await setFaults({ d1: { down: true } })
    const problem = await call('POST /api/v1/auth/token', grant({}))
    expect(problem).toMatchObject({ status: 503, body: { code: 'archive_unavailable' } })
    expect(problem.headers.get('Retry-After')).toMatch(/^\d+$/)
  })
})

describe('POST /auth/dev', () => {
  test('[AU3] signs in as anybody, with what the directory says of them', async () => {
    const { location, manager } = await openShop()
    const body = { user_id: manager.id, expires_in: 60 }
    const answer = await must<TokenAnswer>('POST /api/v1/auth/dev', { body })
    expect(answer.expires_in).toBe(60)
    const token = answer.access_token
    expect(decodeJwt(token)).toMatchObject({ role: 'member', loc: { [location]: 'manager' } })
    expect(await must<Me>('GET /api/v1/me', { token })).toEqual({
      id: manager.id,
      name: 'manager',
      role: 'member',
      locale: 'en',
      memberships: { [location]: 'manager' },
    })
  })

  test.each([
    ['somebody unknown', { user_id: 'nobody' }, '/user_id'],
    ['strange characters', { user_id: 'b/en' }, '/user_id'],
    ['16 minutes', { user_id: 'ben', expires_in: 960 }, '/expires_in'],
    ['a field that nobody knows', { user_id: 'ben', role: 'admin' }, '/role'],
  ])('[AU3] %s: 422', async (_what, body, pointer) => {
    const answer = await call('POST /api/v1/auth/dev', { body })
    expect(answer.body).toMatchObject({ code: 'invalid', errors: [{ pointer }] })
  })

  test('[AU1] a token ends when its time is over', async () => {
    const { id } = await addUser()
    const body = { user_id: id, expires_in: 5 }
    const { access_token: token } = await must<TokenAnswer>('POST /api/v1/auth/dev', { body })
    await must('GET /api/v1/me', { token })
    await setFaults({ clock_ahead_ms: 5_000 })
    expect(await refusal('GET /api/v1/me', { token })).toBe('401 unauthorized')
  })
})

describe('production', () => {
  const production: Env = { ...env, ENVIRONMENT: 'production', RATE_LIMITS: 'on' }
  const ask = (url: string, init: RequestInit = {}) =>
    app.request(new Request(url, init), {}, production, createExecutionContext())

  test.each([
    ['PUT', '/__faults'],
    ['GET', '/__faults'],
    ['POST', '/api/v1/auth/dev'],
    ['GET', '/api/v1/auth/dev'],
  ])('[AU3][AR8] %s %s does not exist, over https or not', async (method, path) => {
    for (const scheme of ['https', 'http']) {
      const response = await ask(`${scheme}://shop.example${path}`, { method })
      expect([scheme, response.status]).toEqual([scheme, 404])
      expect(await response.json()).toMatchObject({ code: 'not_found' })
    }
  })

  test('[CO8] http: is sent on to https:', async () => {
    const response = await ask('http://shop.example:8080/api/v1/me?a=1')
    expect(response.status).toBe(308)
    expect(response.headers.get('Location')).toBe('https://shop.example/api/v1/me?a=1')
  })

  test('[CO8] a path that does not exist is 404 first, and ws: is refused', async () => {
    expect((await ask('http://shop.example/api/v1/nothing')).status).toBe(404)
    const headers = { Upgrade: 'websocket' }
    expect((await ask('http://shop.example/api/v1/ws', { headers })).status).toBe(403)
  })

  test('[CO8] a proxy in front says how it was asked; loopback and /healthz may be asked in the clear', async () => {
    const forwarded = { headers: { 'X-Forwarded-Proto': 'https' } }
    expect((await ask('http://shop.example/api/v1/me', forwarded)).status).toBe(401)
    const plain = { headers: { 'X-Forwarded-Proto': 'http' } }
    expect((await ask('https://shop.example/api/v1/me', plain)).status).toBe(308)
    expect((await ask('http://127.0.0.1:8787/api/v1/me')).status).toBe(401)
    expect((await ask('http://shop.example/healthz')).status).toBe(200)
  })

  test('[CO8] browsers are told to stay with https', async () => {
    const response = await ask('https://shop.example/healthz')
    expect(response.headers.get('Strict-Transport-Security')).toMatch(/max-age=\d{8}/)
    expect((await call('GET /healthz')).headers.get('Strict-Transport-Security')).toBeNull()
  })

  test('[OP3] with a wrong setting nothing is served: 500, and one line that names it', async () => {
    const line = vi.spyOn(console, 'error').mockImplementation(() => {})
    const broken: Env = { ...production, ARCHIVE_WAIT_MS: 'soon' }
    for (const path of ['/healthz', '/api/v1/me']) {
      const request = new Request(`https://shop.example${path}`)
      const response = await app.request(request, {}, broken, createExecutionContext())
      expect(response.status).toBe(500)
      expect(await response.text()).not.toContain('ARCHIVE_WAIT_MS')
    }
    expect(line.mock.calls).toEqual([[expect.stringContaining('ARCHIVE_WAIT_MS must be')]])
    line.mockRestore()
  })
})

describe('GET /.well-known/jwks.json', () => {
  test('[AU1] publishes the public halves', async () => {
    const { keys } = await must<{ keys: object[] }>('GET /.well-known/jwks.json')
    expect(keys).toEqual([
      {
        kty: 'EC',
        crv: 'P-256',
        alg: 'ES256',
        use: 'sig',
        kid: keyring.signing.kid,
        x: expect.any(String),
        y: expect.any(String),
      },
    ])
    expect(JSON.stringify(keys)).not.toContain(keyring.signing.d)
  })
})

describe('origins', () => {
  const from = (Origin: string) => ({ headers: { Origin } })

  test.each([
    ['https://evil.example'],
    ['null'],
    ['http://localhost:8787.evil.example'],
    ['http://localhost:87870'],
    ['https://localhost:8787'],
    ['http://LOCALHOST:8787'],
  ])('[AU6] a page of %s is refused', async (origin) => {
    expect(await refusal('GET /api/v1/me', from(origin))).toBe('403 origin_not_allowed')
    expect(await refusal('PUT /__faults', { ...from(origin), body: {} })).toBe(
      '403 origin_not_allowed',
    )
    const { headers } = await call('GET /api/v1/me', from(origin))
    expect(headers.get('Access-Control-Allow-Origin')).toBeNull()
  })

  test('[AU6] a page on the list may ask, and read also what went wrong', async () => {
    const { status, headers } = await call('GET /api/v1/me', from('http://localhost:8787'))
    expect(status).toBe(401)
    expect(headers.get('Access-Control-Allow-Origin')).toBe('http://localhost:8787')
    expect(headers.get('Vary')).toBe('Origin')
  })

  test('[AU6] a preflight is answered without a token', async () => {
    const headers = { Origin: 'http://localhost:8787', 'Access-Control-Request-Method': 'PUT' }
    const answer = await call('OPTIONS /api/v1/me', { headers })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('Access-Control-Allow-Headers')).toContain('Idempotency-Key')
  })
})
