import { exports } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { SendAnswer } from '../../protocol/api.ts'
import type { Problem } from '../../protocol/errors.ts'
import type { Notification } from '../../protocol/notification.ts'
import { call, must, refusal } from './helpers/api.ts'
import { letPass, setFaults } from './helpers/faults.ts'
import { addUser, openShop, unique, type Shop } from './helpers/shop.ts'
import { openSocket } from './helpers/socket.ts'
import { adminToken, serviceToken } from './helpers/tokens.ts'

const ROUTE = 'POST /api/v1/notifications'

let shop: Shop
let service: string
let admin: string

beforeAll(async () => {
  shop = await openShop()
  service = await serviceToken()
  admin = await adminToken()
})
afterEach(async () => {
  await setFaults()
})

const booked = {
  type: 'appointment.booked',
  data: {
    appointment_id: 'a-1',
    client_name: 'Clara',
    service: 'Cut',
    time: '2026-11-24T10:00:00+01:00',
  },
}
const toStaff = () => ({ ...booked, to: { user_id: shop.staff.id } })
const toShop = () => ({ ...booked, to: { location_id: shop.location } })
const send = (body: unknown, key?: string, token = service) =>
  call<SendAnswer>(ROUTE, {
    token,
    body,
    headers: key === undefined ? {} : { 'Idempotency-Key': key },
  })

const inboxOf = async (token: string) =>
  (await must<{ data: Notification[] }>('GET /api/v1/notifications?limit=100', { token })).data

const at = (ms: number) => new Date(Date.now() + ms).toISOString()

describe('one notification', () => {
  test('[NO3] to a person: it is in the answer, on their socket and in their list', async () => {
    const { staff } = await openShop()
    const socket = await openSocket({ token: staff.token })
    const { status, body } = await send({ ...booked, to: { user_id: staff.id } })
    expect(status).toBe(201)
    expect(body).toEqual({
      id: expect.any(String),
      stream: `user:${staff.id}`,
      seq: 1,
      archived: true,
      status: 'sent',
    })
    const { data } = await socket.frame('notification')
    expect(data).toMatchObject({
      id: body.id,
      sender: 'service:booking',
      category: 'appointment',
      priority: 'high',
      title: expect.stringMatching(/\w/),
    })
    expect(await inboxOf(staff.token)).toEqual([data])
    socket.close()
  })

  test('[NO3] to a location: everybody there has it', async () => {
    const here = await openShop()
    const { body } = await send({ ...booked, to: { location_id: here.location } })
    expect(body.stream).toBe(`location:${here.location}`)
    for (const { token } of [here.manager, here.staff, here.colleague]) {
      expect((await inboxOf(token)).map(({ id }) => id)).toEqual([body.id])
    }
  })

  test('[NO4] what managers alone may read is not in the list of others', async () => {
    const here = await openShop()
    const goal = { metric: 'sales', value: 2, goal: 1 }
    await send({
      to: { location_id: here.location },
      type: 'performance.goal_achieved',
      data: goal,
    })
    expect(await inboxOf(here.manager.token)).toHaveLength(1)
    expect(await inboxOf(here.staff.token)).toEqual([])
  })

  test.each([
    ['[NO5] a delivery of a moment ago counts as now', { deliver_at: at(-30_000) }, '201'],
    ['[NO5] a delivery of long ago', { deliver_at: at(-90_000) }, '422 invalid /deliver_at'],
    ['[CO8] a delivery of later', { deliver_at: at(60_000) }, '501 not_available'],
    ['[NO5] over already', { expires_at: at(-1) }, '422 invalid /expires_at'],
    ['[CO8] to everybody', { to: { all: true } }, '501 not_available'],
    [
      '[NO3] to a user whom nobody knows',
      { to: { user_id: 'nobody' } },
      '422 unknown_recipient /to',
    ],
    ['[NO3] to an unknown shop', { to: { location_id: 'nowhere' } }, '422 unknown_recipient /to'],
    ['[CO2] an id of strange characters', { to: { user_id: 'b/en' } }, '422 invalid /to/user_id'],
    [
      '[CO2] an id that is too long',
      { to: { user_id: 'x'.repeat(65) } },
      '422 invalid /to/user_id',
    ],
    ['[NO3] to nobody', { to: {} }, '422 invalid /to'],
    ['[NO3] to two', { to: { user_id: 'a', location_id: 'b' } }, '422 invalid /to'],
    ['[NO3] roles of a person', { to: { user_id: 'a', roles: ['staff'] } }, '422 invalid /to'],
    ['[NO2] an unknown type', { type: 'appointment.lost' }, '422 invalid /type'],
    [
      '[NO2] data that its type needs',
      { data: { appointment_id: '1' } },
      '422 invalid /data/client_name',
    ],
    ['[NO2] data of a wrong type', { data: { ...booked.data, time: 7 } }, '422 invalid /data/time'],
    ['[NO2] a word that its type needs', { type: 'team.announcement' }, '422 invalid /message'],
    ['[NO3] a title of 201 letters', { title: 'x'.repeat(201) }, '422 invalid /title'],
    [
      '[NO3] four actions',
      { actions: [1, 2, 3, 4].map((n) => ({ id: `${n}`, label: 'x' })) },
      '422 invalid /actions',
    ],
    ['[CO3] a field that nobody knows', { sender: 'ana' }, '422 invalid /sender'],
    [
      '[NO3] more than 48 KiB',
      { data: { ...booked.data, text: 'x'.repeat(50_000) } },
      '413 too_large',
    ],
    ['[CO6] a body of 65 KiB', { title: 'x'.repeat(65 * 1024) }, '413 too_large'],
    [
      'nesting that nobody means',
      { data: JSON.parse(`${'['.repeat(99)}${']'.repeat(99)}`) },
      // The pointer of the whole body is the empty text.
      '422 invalid ',
    ],
  ] as const)('%s: %s', async (_what, change, expected) => {
    const { status, body } = await send({ ...toStaff(), ...change })
    const problem = body as unknown as Partial<Problem>
    const pointer = problem.errors?.[0]?.pointer
    const code = problem.code
    expect([status, code, pointer].filter((part) => part !== undefined).join(' ')).toBe(expected)
  })

  test.each([
    ['[CO3] broken JSON', '{"to":', '400 bad_request'],
    ['[CO3] what is no object', '[]', '422 invalid'],
    ['[CO3] nothing', '', '422 invalid'],
  ])('%s: %s', async (_what, body, expected) => {
    expect(await refusal(ROUTE, { token: service, body })).toBe(expected)
  })

  test('[CO6] 65 KiB that come without a length', async () => {
    const bytes = new TextEncoder().encode(
      JSON.stringify({ ...toStaff(), title: 'x'.repeat(66_560) }),
    )
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes)
        controller.close()
      },
    })
    const headers = { Authorization: `Bearer ${service}` }
    const url = 'http://localhost:8787/api/v1/notifications'
    const answer = await exports.default.fetch(url, { method: 'POST', headers, body })
    expect(answer.status).toBe(413)
  })

  test('[NO3] beside a person, a location must be one of theirs', async () => {
    const other = await openShop()
    const { status, body } = await send({ ...toStaff(), location_id: other.location })
    expect({ status, body }).toMatchObject({ status: 422, body: { status: 422 } })
    expect((await send({ ...toStaff(), location_id: shop.location })).status).toBe(201)
  })
})

describe('who may send', () => {
  test('[AU7] a manager sends to their shop and its people, and to nobody else', async () => {
    const other = await openShop()
    const by = (body: unknown, token: string) => send(body, undefined, token).then((a) => a.status)
    expect(await by(toShop(), shop.manager.token)).toBe(201)
    expect(await by(toStaff(), shop.manager.token)).toBe(201)
    expect(await by(toShop(), other.manager.token)).toBe(403)
    expect(await by(toStaff(), other.manager.token)).toBe(403)
    expect(await by(toShop(), shop.staff.token)).toBe(403)
    expect(await by({ ...booked, to: { user_id: shop.colleague.id } }, shop.staff.token)).toBe(403)
  })

  test('[AU7] a manager learns nothing of people elsewhere: unknown and foreign look alike', async () => {
    const other = await openShop()
    const to = (user_id: string) => ({
      token: shop.manager.token,
      body: { ...booked, to: { user_id } },
    })
    expect(await refusal(ROUTE, to(other.staff.id))).toBe('403 forbidden')
    expect(await refusal(ROUTE, to('nobody'))).toBe('403 forbidden')
  })

  test('[NO1] the sender is the token, and who it is stands in the entry', async () => {
    const { staff, manager } = await openShop()
    await send({ ...booked, to: { user_id: staff.id } }, undefined, manager.token)
    expect((await inboxOf(staff.token))[0]?.sender).toBe(manager.id)
  })
})

describe('idempotency', () => {
  test('[CO5] a replay is answered also when its expiry has passed meanwhile', async () => {
    const body = { ...toStaff(), deliver_at: at(-1_000), expires_at: at(30_000) }
    const first = await send(body, 'k-late')
    await letPass(120_000)
    const token = await serviceToken()
    const again = await send(body, 'k-late', token)
    expect([again.status, again.body.id]).toEqual([201, first.body.id])
    expect(again.headers.get('Idempotent-Replayed')).toBe('true')
  })

  test('[CO5] same key and same body gives the same answer, and no second entry', async () => {
    const { staff } = await openShop()
    const body = { ...booked, to: { user_id: staff.id } }
    const key = unique('key')
    const first = await send(body, key)
    // Another order of keys and another way to write it is the same body.
    const { to, data, type } = body
    const second = await send({ data, type, to }, key)
    expect(second).toMatchObject({ status: first.status, body: first.body })
    expect(first.headers.get('Idempotent-Replayed')).toBeNull()
    expect(second.headers.get('Idempotent-Replayed')).toBe('true')
    expect(await inboxOf(staff.token)).toHaveLength(1)
  })

  test('[CO5] same key and another body: 422', async () => {
    const key = unique('key')
    await send(toStaff(), key)
    const { status, body } = await send({ ...toStaff(), title: 'Other' }, key)
    expect({ status, body }).toMatchObject({ status: 422, body: { code: 'idempotency_mismatch' } })
  })

  test('[CO5] the key belongs to the caller and the target', async () => {
    const key = unique('key')
    const ids = new Set([
      (await send(toStaff(), key)).body.id,
      (await send(toStaff(), key, admin)).body.id,
      (await send(toShop(), key)).body.id,
      (await send({ ...booked, to: { user_id: shop.colleague.id } }, key)).body.id,
    ])
    expect(ids.size).toBe(4)
  })

  test('[CO5] sent twice at once it is one entry', async () => {
    const { staff } = await openShop()
    const body = { ...booked, to: { user_id: staff.id } }
    const key = unique('key')
    const answers = await Promise.all([send(body, key), send(body, key), send(body, key)])
    expect(new Set(answers.map((one) => one.body.id)).size).toBe(1)
    expect(await inboxOf(staff.token)).toHaveLength(1)
  })

  test.each([
    ['empty', ''],
    ['of 256 characters', 'x'.repeat(256)],
  ])('[CO5] a key that is %s: 400', async (_what, key) => {
    const headers = { 'Idempotency-Key': key }
    const answer = await refusal(ROUTE, { token: service, body: toStaff(), headers })
    expect(answer).toBe('400 bad_request')
  })

  test('[AR3] a replay says how it is now: accepted while D1 was down, archived later', async () => {
    const { staff } = await openShop()
    const body = { ...booked, to: { user_id: staff.id } }
    const key = unique('key')
    await setFaults({ d1: { down: true } })
    const first = await send(body, key)
    expect(first).toMatchObject({ status: 202, body: { archived: false, status: 'sent' } })
    await setFaults()
    await letPass(5_000)
    const again = await send(body, key)
    expect(again).toMatchObject({ status: 201, body: { ...first.body, archived: true } })
  })
})

describe('a batch', () => {
  interface Result extends Partial<Omit<SendAnswer, 'status'>>, Partial<Omit<Problem, 'status'>> {
    status: number
    idempotent_replayed?: boolean
  }
  const batch = async (notifications: unknown, token = service, key?: string) => {
    const headers: Record<string, string> = key === undefined ? {} : { 'Idempotency-Key': key }
    const given = { token, body: { notifications }, headers }
    const answer = await call<{ results: Result[] }>('POST /api/v1/notifications/batch', given)
    expect(answer.status).toBe(207)
    return answer.body.results
  }

  test('[NO3] each item is answered for itself, in the order of the request', async () => {
    const results = await batch([
      toStaff(),
      { ...toStaff(), type: 'nothing' },
      toShop(),
      { ...booked, to: { user_id: 'nobody' } },
      { ...toStaff(), deliver_at: at(60_000) },
      toStaff(),
      ...([7, null, []] as unknown[] as object[]),
    ])
    expect(results.map(({ status, code }) => [status, code])).toEqual([
      [201, undefined],
      [422, 'invalid'],
      [201, undefined],
      [422, 'unknown_recipient'],
      [501, 'not_available'],
      [201, undefined],
      [422, 'invalid'],
      [422, 'invalid'],
      [422, 'invalid'],
    ])
    expect(results[1]?.errors?.[0]?.pointer).toBe('/type')
    expect(results[5]?.seq).toBe((results[0]?.seq ?? 0) + 1)
  })

  test('[CO5] the header gives item i its own key; an item may bring one', async () => {
    const key = unique('key')
    const items = [toStaff(), toShop(), { ...toStaff(), idempotency_key: unique('own') }]
    const first = await batch(items, service, key)
    const second = await batch(items, service, key)
    expect(second.map(({ id }) => id)).toEqual(first.map(({ id }) => id))
    expect(second.every((one) => one.idempotent_replayed)).toBe(true)
    const own = await batch([items[2]])
    expect(own[0]).toMatchObject({ id: first[2]?.id, idempotent_replayed: true })
  })

  test('[CO5] one key twice in a batch is one entry', async () => {
    const item = { ...toStaff(), idempotency_key: unique('own') }
    const [one, two] = await batch([item, item])
    expect(two?.id).toBe(one?.id)
  })

  test('[AU7] a manager sends to own people; the others are refused one by one', async () => {
    const other = await openShop()
    const to = (user_id: string) => ({ ...booked, to: { user_id } })
    const items = [to(shop.staff.id), to(other.staff.id), to(shop.colleague.id), toShop()]
    const results = await batch(items, shop.manager.token)
    expect(results.map(({ status }) => status)).toEqual([201, 403, 201, 201])
  })

  test('[NO3] many to one person stay in order', async () => {
    const { id, token } = await addUser()
    const items = Array.from({ length: 120 }, (_, index) => ({
      to: { user_id: id },
      type: 'custom',
      title: `Number ${index}`,
    }))
    const results = await batch(items)
    expect(results.map(({ seq }) => seq)).toEqual(items.map((_, index) => index + 1))
    expect((await inboxOf(token))[0]?.title).toBe('Number 119')
  })

  test.each([
    ['none', [], '422 invalid'],
    ['501', Array.from({ length: 501 }, () => ({})), '422 invalid'],
    ['what is no list', 'hello', '422 invalid'],
    ['more than 1 MiB', [{ title: 'x'.repeat(1024 * 1024) }], '413 too_large'],
  ])('[NO3] of %s: %s', async (_what, notifications, expected) => {
    const given = { token: service, body: { notifications } }
    expect(await refusal('POST /api/v1/notifications/batch', given)).toBe(expected)
  })

  test('[CO6] takes more than 64 KiB', async () => {
    const big = { ...toStaff(), data: { ...booked.data, text: 'x'.repeat(40_000) } }
    expect((await batch([big, big])).map(({ status }) => status)).toEqual([201, 201])
  })
})
