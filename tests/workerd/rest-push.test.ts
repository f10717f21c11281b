// [RE3] Subscriptions over REST: what is let in, who is told, and how devices are shown to be doing.
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openDatabase } from '../../db/open.ts'
import { readUserCopy } from '../../db/hub-copies.ts'
import type { TokenAnswer } from '../../protocol/api.ts'
import type { Problem } from '../../protocol/errors.ts'
import type { PushDevice, PushDeviceList, PushKey, PushTestAnswer } from '../../protocol/push.ts'
import { deliverDueTasks } from '../../worker/tasks.ts'
import { call, must, ORIGIN, refusal } from './helpers/api.ts'
import { Browser as Page, deploy } from './helpers/deployment.ts'
import { setFaults } from './helpers/faults.ts'
import { look, userHub } from './helpers/hubs.ts'
import { answers, PushService, type Browser } from './helpers/push-service.ts'
import { addUser, type Person } from './helpers/shop.ts'
import { adminToken } from './helpers/tokens.ts'

const ROUTE = 'PUT /api/v1/push/subscriptions/phone'
let service: PushService
let person: Person
let phone: Browser

beforeEach(async () => {
  service = new PushService().serve()
  person = await addUser()
  phone = await service.browser()
})
afterEach(async () => {
  vi.unstubAllGlobals()
  await setFaults()
})

const devicesOf = async ({ token }: Person) =>
  (await must<PushDeviceList>('GET /api/v1/push/subscriptions', { token })).data
const archived = async ({ id }: Person) =>
  ((await readUserCopy(openDatabase(env.DB), id))?.push ?? []).map(({ device }) => device)

describe('a subscription', () => {
  test('[RE3] is made, confirmed, shown and taken away', async () => {
    const { token } = person
    const put = () => call<PushDevice>(ROUTE, { token, body: phone.subscription })
    const made = await put()
    expect(made).toMatchObject({ status: 201, body: { device: 'phone', gone_at: null } })
    expect(made.body.service).toBe('updates.push.services.mozilla.com')
    expect((await put()).status).toBe(200)
    expect(await devicesOf(person)).toEqual([made.body])
    // Nothing that would let somebody else send there.
    expect(JSON.stringify(await devicesOf(person))).not.toMatch(/wpush|p256dh|auth/)
    const remove = 'DELETE /api/v1/push/subscriptions/phone'
    expect((await call(remove, { token })).status).toBe(204)
    expect(await devicesOf(person)).toEqual([])
    expect(await refusal(remove, { token })).toBe('404 not_found')
  })

  const PLACE = '/wpush/v2/abc'
  test.each([
    ['plain http', `http://updates.push.services.mozilla.com${PLACE}`],
    ['another host', `https://push.evil.example${PLACE}`],
    ['loopback', `https://127.0.0.1${PLACE}`],
    ['a private address', `https://10.0.0.5${PLACE}`],
    ['the metadata address', 'https://169.254.169.254/latest/'],
    ['credentials', `https://me:secret@updates.push.services.mozilla.com${PLACE}`],
    ['a port', `https://updates.push.services.mozilla.com:8443${PLACE}`],
    ['no URL', 'phone'],
    ['too long a one', `https://updates.push.services.mozilla.com/${'a'.repeat(2_100)}`],
  ])('[RE3] with %s as its address: 422', async (_what, endpoint) => {
    const body = { ...phone.subscription, endpoint }
    const answer = await call<Problem>(ROUTE, { token: person.token, body })
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: '/endpoint' }] } })
    expect(JSON.stringify(answer.body)).not.toContain('secret')
    expect(await archived(person)).toEqual([])
  })

  const off =
    'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw8'
  test.each([
    ['a point that is none', { p256dh: off }, '/keys/p256dh'],
    ['a point that is too short', { p256dh: 'BAAA' }, '/keys/p256dh'],
    ['a compressed point', { p256dh: `C${off.slice(1)}` }, '/keys/p256dh'],
    ['a point as plain base64', { p256dh: `${off.slice(0, 40)}+${off.slice(41)}` }, '/keys/p256dh'],
    ['a secret of 15 bytes', { auth: 'BTBZMqHH6r4Tts7J_aSI' }, '/keys/auth'],
    ['a secret of 17 bytes', { auth: 'BTBZMqHH6r4Tts7J_aSIggA' }, '/keys/auth'],
    ['no secret', { auth: undefined }, '/keys/auth'],
  ])('[RE3] with %s: 422', async (_what, keys, pointer) => {
    const { subscription } = phone
    const body = { ...subscription, keys: { ...subscription.keys, ...keys } }
    const answer = await call<Problem>(ROUTE, { token: person.token, body })
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer }] } })
  })

  test('[WS1] of a device that has no such name: 422', async () => {
    const route = 'PUT /api/v1/push/subscriptions/my%20phone'
    const given = { token: person.token, body: phone.subscription }
    expect((await call<Problem>(route, given)).body.errors?.[0]?.pointer).toBe('/device')
  })

  test('[RE3] belongs to whoever made it last on that browser', async () => {
    const other = await addUser()
    await phone.subscribe(person.token)
    await phone.subscribe(other.token, 'tablet')
    expect(await devicesOf(person)).toEqual([])
    expect((await devicesOf(other)).map(({ device }) => device)).toEqual(['tablet'])
  })

  test('[AR7] that its hub was not told of is delivered by the cron', async () => {
    const unreachable = vi.spyOn(env.USER_HUB, 'getByName').mockImplementation(() => {
      throw new Error('not now')
    })
    const answer = await call(ROUTE, { token: person.token, body: phone.subscription })
    unreachable.mockRestore()
    expect(answer).toMatchObject({ status: 201, body: { device: 'phone', gone_at: null } })
    expect(await devicesOf(person)).toEqual([])
    await deliverDueTasks(env)
    expect((await devicesOf(person)).map(({ device }) => device)).toEqual(['phone'])
  })

  test('[AR4] is not taken while the archive is away', async () => {
    await setFaults({ d1: { down: true } })
    const given = { token: person.token, body: phone.subscription }
    expect(await refusal(ROUTE, given)).toBe('503 archive_unavailable')
  })

  test('[DI3] goes with its person, everywhere', async () => {
    await phone.subscribe(person.token)
    const token = await adminToken((await addUser('admin', { role: 'admin' })).id)
    await call(`DELETE /api/v1/users/${person.id}`, { token })
    expect(await archived(person)).toEqual([])
    const rows = await env.DB.prepare(
      'SELECT count(*) AS n FROM push_subscriptions WHERE user_id = ?',
    )
      .bind(person.id)
      .first('n')
    expect(rows).toBe(0)
    const kept = await look(userHub(person.id), (sql) => sql.all('SELECT * FROM push_devices'))
    expect(kept).toEqual([])
  })

  test('[AU8] goes when its session ends, and not with another one', async () => {
    const ask = deploy()
    const signIn = async () => {
      const browser = new Page()
      const body = { user_id: person.id }
      const answer = await ask<TokenAnswer>('POST /api/v1/auth/dev', { body, browser })
      return { browser, token: answer.body.access_token }
    }
    const [here, there] = [await signIn(), await signIn()]
    await phone.subscribe(here.token, 'phone')
    await (await service.browser()).subscribe(there.token, 'tablet')
    await ask('POST /api/v1/auth/logout', { browser: here.browser, body: {} })
    expect((await devicesOf(person)).map(({ device }) => device)).toEqual(['tablet'])
    expect(await archived(person)).toEqual(['tablet'])
  })
})

describe('the key', () => {
  test('[RE3] is the public part of the deployment’s', async () => {
    const { public_key } = await must<PushKey>('GET /api/v1/push/key', { token: person.token })
    expect(public_key).toMatch(/^B[A-Za-z0-9_-]{86}$/)
  })

  test('[OP3] without keys there is no Web Push, and it is said so', async () => {
    const ask = deploy({ VAPID_PRIVATE_KEY: undefined, VAPID_SUBJECT: undefined } as object)
    const { token } = person
    for (const [route, body] of [
      ['GET /api/v1/push/key', undefined],
      [ROUTE, phone.subscription],
      ['POST /api/v1/push/test', {}],
    ] as const) {
      expect((await ask<Problem>(route, { token, body })).body.code).toBe('not_available')
    }
  })
})

describe('a test', () => {
  const sendTest = (body: object = {}) =>
    must<PushTestAnswer>('POST /api/v1/push/test', { token: person.token, body })

  test('[RE3] reaches every device in the reader’s language, and leads to the page that subscribed', async () => {
    const emi = await addUser('emi', { locale: 'es-MX' })
    await phone.subscribe(emi.token, 'phone', { Origin: ORIGIN })
    const route = 'POST /api/v1/push/test'
    const { results } = await must<PushTestAnswer>(route, { token: emi.token })
    expect(results).toEqual([{ device: 'phone', error: null }])
    expect(phone.received[0]?.message).toMatchObject({
      web_push: 8030,
      notification: { title: 'Funciona', navigate: `${ORIGIN}/` },
    })
  })

  test('[RE3] says of each device what its push service said, and the list remembers', async () => {
    const tablet = await service.browser()
    await phone.subscribe(person.token, 'phone')
    await tablet.subscribe(person.token, 'tablet')
    phone.answer = answers(403)
    const { results } = await sendTest()
    expect(results).toEqual([
      { device: 'phone', error: 'the push service answered 403' },
      { device: 'tablet', error: null },
    ])
    const at = expect.stringMatching(/^\d{4}-/)
    expect(await devicesOf(person)).toMatchObject([
      { last_success_at: null, last_error_at: at, last_error: 'the push service answered 403' },
      { last_success_at: at, last_error_at: null, last_error: null },
    ])
    expect(await sendTest({ device: 'tablet' })).toEqual({
      results: [{ device: 'tablet', error: null }],
    })
    expect(tablet.received).toHaveLength(2)
  })

  test('[RE3] of a device that has ended says so; of one that is not there: 404', async () => {
    await phone.subscribe(person.token)
    phone.answer = answers(410)
    expect((await sendTest()).results).toEqual([
      { device: 'phone', error: 'the subscription has ended' },
    ])
    const given = { token: person.token, body: { device: 'phone' } }
    expect(await refusal('POST /api/v1/push/test', given)).toBe('404 not_found')
    expect(await devicesOf(person)).toMatchObject([{ service: null, gone_at: expect.any(String) }])
    await vi.waitFor(async () => expect(await archived(person)).toEqual([]))
    await phone.subscribe(person.token)
    expect(await devicesOf(person)).toMatchObject([{ gone_at: null, last_error: null }])
  })

  test('[RE3] without a device is an empty answer', async () => {
    expect(await sendTest()).toEqual({ results: [] })
  })
})
