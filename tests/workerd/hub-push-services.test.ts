// [RE3] What a hub makes of the answers of push services, and what it loses when it dies: nothing. The services are fakes that
// decrypt what they get.
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { readUserCopy } from '../../db/hub-copies.ts'
import { openDatabase } from '../../db/open.ts'
import { now } from '../../durable-objects/clock.ts'
import type { PushDeviceList } from '../../protocol/push.ts'
import { call, must, ORIGIN } from './helpers/api.ts'
import { letPass, setFaults } from './helpers/faults.ts'
import { eventually, evict, locationHub, look, userHub } from './helpers/hubs.ts'
import {
  answers,
  assertCalled,
  assertNothingElse,
  hangs,
  PushService,
  type Browser,
} from './helpers/push-service.ts'
import { send } from './helpers/sends.ts'
import { openShop, type Shop } from './helpers/shop.ts'
import { adminToken } from './helpers/tokens.ts'

let service: PushService
let shop: Shop
let id: string
let token: string
let location: string
let phone: Browser

beforeEach(async () => {
  service = new PushService().serve()
  shop = await openShop()
  ;({ id, token } = shop.staff)
  ;({ location } = shop)
  phone = await service.browser()
  await phone.subscribe(token, 'phone', { Origin: ORIGIN })
})
afterEach(async () => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  await setFaults()
})

const devices = async () =>
  (await must<PushDeviceList>('GET /api/v1/push/subscriptions', { token })).data
const waiting = () =>
  look(userHub(id), (sql) => sql.all<{ device: string; seq: number }>('SELECT * FROM push_waiting'))

describe('push services', () => {
  test.each([404, 410])('[RE3] %i: the subscription is gone, here and in D1', async (status) => {
    phone.answer = answers(status)
    await send({ user_id: id }, { title: 'The first' })
    await eventually(async () => {
      expect(await devices()).toMatchObject([{ device: 'phone', service: null }])
      expect((await readUserCopy(openDatabase(env.DB), id))?.push).toEqual([])
    })
    phone.answer = answers(201)
    await send({ user_id: id }, { title: 'The second' })
    await letPass(60_000)
    expect(phone.titles).toEqual(['The first'])
    await phone.subscribe(token)
    await assertNothingElse(id, phone, 'The first')
  })

  test('[RE3][AR4] while D1 is away pushes go out, and one that has ended is dropped there later', async () => {
    const tablet = await service.browser()
    await tablet.subscribe(token, 'tablet')
    phone.answer = answers(410)
    await setFaults({ d1: { down: true } })
    await userHub(id).send(
      [
        {
          send: { to: { user_id: id }, type: 'custom', title: 'In the dark' },
          sender: 'service:test',
          created_at: new Date().toISOString(),
          idempotency: null,
        },
      ],
      0,
    )
    await assertCalled(tablet, 'In the dark')
    expect(tablet.received[0]?.message).not.toHaveProperty('app_badge')
    await eventually(async () => expect((await devices())[0]?.gone_at).not.toBeNull())
    await setFaults()
    expect((await readUserCopy(openDatabase(env.DB), id))?.push).toHaveLength(2)
    await letPass(60_000)
    await eventually(async () => {
      const push = (await readUserCopy(openDatabase(env.DB), id))?.push
      expect(push?.map(({ device }) => device)).toEqual(['tablet'])
    })
  })

  test.each([
    ['503', answers(503), 20_000],
    ['429 with Retry-After', answers(429, { 'Retry-After': '600' }), 605_000],
  ] as const)(
    '[RE3] %s: again later, also by a hub that was evicted',
    async (_what, busy, wait) => {
      phone.answer = busy
      await send({ user_id: id })
      await eventually(async () => expect(await waiting()).toHaveLength(1))
      // What comes meanwhile is not tried: it waits, too.
      await send({ user_id: id }, { title: 'Next' })
      await eventually(async () => expect(await waiting()).toHaveLength(2))
      expect(phone.titles).toEqual(['Hello'])
      await evict(userHub(id), 'close')
      phone.answer = answers(201)
      await letPass(wait)
      await assertCalled(phone, 'Hello', 'Hello', 'Next')
      expect(await waiting()).toEqual([])
      expect(await devices()).toMatchObject([
        { last_success_at: expect.any(String), last_error: expect.stringContaining('answered') },
      ])
    },
  )

  test('[RE3] Retry-After is kept to', async () => {
    phone.answer = answers(429, { 'Retry-After': '600' })
    await send({ user_id: id })
    await eventually(async () => expect(await waiting()).toHaveLength(1))
    await letPass(590_000)
    await evict(userHub(id), 'hibernate')
    expect(await devices()).toHaveLength(1)
    expect(phone.titles).toEqual(['Hello'])
  })

  test('[RE3] what was read, or is over, is not tried again', async () => {
    phone.answer = answers(503)
    const sent = await send({ user_id: id }, { title: 'Read' })
    const expires_at = new Date(now() + 60_000).toISOString()
    await send({ user_id: id }, { title: 'Short', expires_at })
    await eventually(async () => expect(await waiting()).toHaveLength(2))
    await must(`PUT /api/v1/notifications/${sent.id}/read`, { token })
    phone.answer = answers(201)
    await letPass(120_000)
    await eventually(async () => expect(await waiting()).toEqual([]))
    expect(phone.titles).toEqual(['Read'])
  })

  test('[RE3] one that hangs is left after five seconds, and holds up nobody else', async () => {
    const tablet = await service.browser()
    await tablet.subscribe(token, 'tablet')
    phone.answer = hangs
    await send({ user_id: id })
    await assertCalled(tablet, 'Hello')
    expect(await waiting()).toEqual([])
    await eventually(async () => expect(await waiting()).toMatchObject([{ device: 'phone' }]))
    expect((await devices())[0]?.last_error).toContain('did not answer within 5 s')
  })

  test('[RE3] a payload that is too large for it goes once more without its text', async () => {
    phone.answer = () => new Response(null, { status: phone.received.length === 1 ? 413 : 201 })
    await send({ user_id: id }, { message: 'long'.repeat(900) })
    await assertCalled(phone, 'Hello', 'Hello')
    const [whole, bare] = phone.received
    expect(whole?.message.notification.body).toMatch(/^long/)
    expect(bare?.message.notification).not.toHaveProperty('body')
  })

  test.each([301, 302, 308, 400, 401, 403])(
    '[RE3] %i: not followed, not repeated, shown',
    async (status) => {
      phone.answer = answers(status, { Location: 'http://127.0.0.1:9/' })
      await send({ user_id: id })
      await eventually(async () => {
        expect((await devices())[0]?.last_error).toBe(`the push service answered ${status}`)
      })
      expect(await waiting()).toEqual([])
      phone.answer = answers(201)
      await assertNothingElse(id, phone, 'Hello')
    },
  )
})

describe('what may be lost, and what may not', () => {
  test('[RE1] a push that was cut off goes out after all', async () => {
    phone.answer = hangs
    await send({ user_id: id })
    await assertCalled(phone, 'Hello')
    await evict(userHub(id), 'close')
    phone.answer = answers(201)
    await letPass(30_000)
    await assertCalled(phone, 'Hello', 'Hello')
    // Twice, and shown once.
    const tags = phone.received.map(({ message }) => message.notification.tag)
    expect(new Set(tags).size).toBe(1)
  })

  test('[ST6] a hub without devices sets no alarm for them, and one whose pushes are out neither', async () => {
    const alarmOf = (hub: string) => look(userHub(hub), (_, state) => state.storage.getAlarm())
    await send({ user_id: id })
    await send({ user_id: shop.colleague.id })
    await assertCalled(phone, 'Hello')
    for (const hub of [id, shop.colleague.id]) {
      // The archive's own alarm finds nothing to do, and sets none.
      await letPass(60_000)
      await eventually(async () => expect(await alarmOf(hub)).toBeNull())
    }
    const rows = await look(userHub(shop.colleague.id), (sql) =>
      sql.all('SELECT * FROM push_devices'),
    )
    expect(rows).toEqual([])
  })

  test('[ST7] when the last device has gone, locations forget the person', async () => {
    const watchers = () =>
      look(locationHub(location), (sql) => sql.all<{ user_id: string }>('SELECT * FROM watchers'))
    await eventually(async () => expect(await watchers()).toMatchObject([{ user_id: id }]))
    await call('DELETE /api/v1/push/subscriptions/phone', { token })
    await eventually(async () => {
      await send({ location_id: location })
      expect(await watchers()).toEqual([])
    })
    expect(phone.titles).toEqual([])
  })

  test('[DI3] an erased person is called no more', async () => {
    await must(`DELETE /api/v1/users/${id}`, { token: await adminToken() })
    await send({ location_id: location }, { title: 'After' })
    await letPass(60_000)
    expect(phone.titles).toEqual([])
  })

  test('[NO1] no log line has an address, a key or a text', async () => {
    const lines: string[] = []
    for (const level of ['log', 'warn', 'error'] as const) {
      vi.spyOn(console, level).mockImplementation((...said) => void lines.push(said.join(' ')))
    }
    phone.answer = answers(403)
    await send({ user_id: id }, { title: 'Secret title', message: 'Secret words' })
    await eventually(() => expect(lines.join('\n')).toContain('push.refused'))
    phone.answer = answers(410)
    await send({ user_id: id }, { title: 'Secret title' })
    await eventually(() => expect(lines.join('\n')).toContain('push.gone'))
    const { endpoint, keys } = phone.subscription
    for (const secret of ['Secret', endpoint.split('/').at(-1), keys.auth, keys.p256dh]) {
      expect(lines.join('\n')).not.toContain(secret)
    }
  })
})
