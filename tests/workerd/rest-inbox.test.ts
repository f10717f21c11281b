import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CommandAnswer, CountAnswer, InboxAnswer, SendAnswer } from '../../protocol/api.ts'
import type { Notification } from '../../protocol/notification.ts'
import { call, must, refusal } from './helpers/api.ts'
import { letPass, setFaults } from './helpers/faults.ts'
import { addLocation, addUser, join, openShop, type Shop } from './helpers/shop.ts'
import { openSocket } from './helpers/socket.ts'
import { serviceToken } from './helpers/tokens.ts'

const LIST = 'GET /api/v1/notifications'
const NOBODYS = '01920000-0000-7000-8000-000000000000'

let shop: Shop
let token: string
let service: string

beforeEach(async () => {
  shop = await openShop()
  token = shop.staff.token
  service = await serviceToken()
})
afterEach(async () => {
  await setFaults()
})

const send = (body: object) =>
  must<SendAnswer>('POST /api/v1/notifications', {
    token: service,
    body: { type: 'custom', title: 'Hello', ...body },
  })
const toStaff = (more: object = {}) => send({ to: { user_id: shop.staff.id }, ...more })
const toShop = (more: object = {}) => send({ to: { location_id: shop.location }, ...more })
const inbox = (query = '') => must<InboxAnswer>(`${LIST}${query}`, { token })
const idsOf = ({ data }: InboxAnswer) => data.map(({ id }) => id)
const count = () => must<CountAnswer>('GET /api/v1/notifications/unread/count', { token })
const act = (route: string, body?: unknown) =>
  call<CommandAnswer>(route.replace(' ', ' /api/v1/notifications'), { token, body })

describe('lists', () => {
  test('[IN1] newest first, of every stream, with counts and how far they reach', async () => {
    const one = await toStaff()
    const two = await toShop()
    const three = await toStaff()
    const page = await inbox()
    expect(idsOf(page)).toEqual([three.id, two.id, one.id])
    expect(page).toMatchObject({
      page: { after: null, before: null, has_more: false },
      counts: { unread: 3, unseen: 3, action_required: 0, until: null },
      as_of: { [one.stream]: 2, [two.stream]: 1 },
    })
    expect(Object.keys(page.epochs).toSorted()).toEqual(Object.keys(page.as_of).toSorted())
    const { counts, as_of, epochs } = page
    expect(await count()).toEqual({ ...counts, as_of, epochs })
  })

  test('[CO4] pages go on and back', async () => {
    const sent: string[] = []
    for (const title of ['1', '2', '3', '4', '5']) sent.push((await toStaff({ title })).id)
    const newest = sent.toReversed()
    const first = await inbox('?limit=2')
    expect([idsOf(first), first.page.has_more]).toEqual([newest.slice(0, 2), true])
    const second = await inbox(`?limit=2&after=${first.page.after}`)
    const third = await inbox(`?limit=2&after=${second.page.after}`)
    expect([...idsOf(second), ...idsOf(third)]).toEqual(newest.slice(2))
    expect(third.page).toMatchObject({ after: null, has_more: false })
    expect(idsOf(await inbox(`?limit=2&before=${second.page.before}`))).toEqual(idsOf(first))
  })

  test('[IN1] filters', async () => {
    const mine = await toStaff({ priority: 'urgent' })
    const shops = await toShop({ type: 'team.announcement', message: 'Closed' })
    await act(`PUT /${mine.id}/read`)
    expect(idsOf(await inbox('?category=team'))).toEqual([shops.id])
    expect(idsOf(await inbox('?type=custom'))).toEqual([mine.id])
    expect(idsOf(await inbox(`?location_id=${shop.location}`))).toEqual([shops.id])
    expect(idsOf(await inbox('?priority=urgent'))).toEqual([mine.id])
    expect(idsOf(await inbox('?unread=true'))).toEqual([shops.id])
    expect(idsOf(await inbox('/unread'))).toEqual([shops.id])
    await act(`PUT /${mine.id}/archived`)
    expect(idsOf(await inbox())).toEqual([shops.id])
    expect(idsOf(await inbox('?archived=true'))).toEqual([mine.id])
  })

  test.each([
    ['limit=0'],
    ['limit=101'],
    ['category=food'],
    ['unread=maybe'],
    ['colour=red'],
    ['after=hello'],
    ['location_id=a/b'],
  ])('[CO4] ?%s: 422', async (query) => {
    expect(await refusal(`${LIST}?${query}`, { token })).toBe('422 invalid')
  })

  test('[AU7] with a cursor of somebody else one sees what is one’s own', async () => {
    const shared = await toShop()
    await toStaff()
    await toStaff()
    const { page } = await inbox('?limit=1')
    const theirs = await must<InboxAnswer>(`${LIST}?after=${page.after}`, {
      token: shop.colleague.token,
    })
    expect(idsOf(theirs)).toEqual([shared.id])
  })

  test('[NO2] texts are written in the language and the zone of the reader', async () => {
    const location = await addLocation({ time_zone: 'America/New_York' })
    const emi = await join(location, await addUser('emi', { locale: 'es' }), 'staff')
    const eve = await join(location, await addUser('eve', { locale: 'en' }), 'staff')
    const data = {
      appointment_id: '1',
      client_name: 'Clara',
      service: 'Cut',
      time: '2026-11-24T20:30:00Z',
    }
    await send({
      to: { location_id: location },
      type: 'appointment.booked',
      title: undefined,
      data,
    })
    const read = async (who: string) =>
      (await must<{ data: Notification[] }>(LIST, { token: who })).data[0]
    const [spanish, english] = [await read(emi.token), await read(eve.token)]
    expect(spanish?.title).not.toBe(english?.title)
    expect(`${english?.title} ${english?.message}`).toMatch(/3:30|15:30/)
  })
})

describe('one entry', () => {
  test('[IN1] is the same as in the list', async () => {
    const { id } = await toShop()
    const { data } = await inbox()
    expect(await must(`${LIST}/${id}`, { token })).toEqual(data[0])
  })

  test.each([
    ['an id that nobody has', NOBODYS],
    ['an id of strange characters', 'a%2Fb'],
    ['what is no id', 'hello'],
    ['upper case', NOBODYS.toUpperCase()],
  ])('[AU7] %s: 404', async (_what, id) => {
    for (const route of [`GET`, 'DELETE']) {
      const path = `${route} /api/v1/notifications/${id}`
      expect(await refusal(path, { token })).toBe('404 not_found')
    }
    const mark = `PUT /api/v1/notifications/${id}/read`
    expect(await refusal(mark, { token })).toBe('404 not_found')
  })

  test("[AU7] somebody else's is not there, for reading and for marking, and stays unread", async () => {
    const { id } = await toStaff()
    for (const who of [shop.colleague.token, shop.manager.token]) {
      expect(await refusal(`${LIST}/${id}`, { token: who })).toBe('404 not_found')
      const marks = `/api/v1/notifications/${id}`
      expect(await refusal(`PUT ${marks}/read`, { token: who })).toBe('404 not_found')
      expect(await refusal(`DELETE ${marks}`, { token: who })).toBe('404 not_found')
    }
    expect((await count()).unread).toBe(1)
  })
})

describe('marks', () => {
  test.each([
    ['PUT', 'read', { unread: 0, unseen: 0 }],
    ['PUT', 'seen', { unread: 1, unseen: 0 }],
    ['PUT', 'archived', { unread: 0, unseen: 0 }],
    ['PUT', 'acknowledged', { unread: 0, unseen: 0 }],
  ])('[IN2] %s %s, and the new counts', async (method, mark, counts) => {
    const { id } = await toStaff({ requires_ack: true })
    const answer = await act(`${method} /${id}/${mark}`)
    expect(answer).toMatchObject({ status: 200, body: { archived: true, counts } })
    expect(await count()).toMatchObject(counts)
  })

  test('[IN2] unsetting one unsets nothing else', async () => {
    const { id } = await toStaff()
    await act(`PUT /${id}/read`)
    const { body } = await act(`DELETE /${id}/read`)
    expect(body).toMatchObject({ archived: true, counts: { unread: 1, unseen: 0 } })
    await act(`PUT /${id}/archived`)
    expect((await act(`DELETE /${id}/archived`)).body.counts).toMatchObject({ unread: 0 })
    expect(idsOf(await inbox())).toEqual([id])
  })

  test('[IN2] reaches the own socket, twice it changes nothing and sends no frame', async () => {
    const { id } = await toShop()
    const socket = await openSocket({ token })
    await act(`PUT /${id}/read`)
    const { data } = await socket.frame('notification_state')
    expect(data).toMatchObject({ notification_ids: [id], state: 'read' })
    expect(await act(`PUT /${id}/read`)).toMatchObject({ status: 200, body: { archived: true } })
    await socket.settled()
    expect(socket.of('notification_state')).toHaveLength(1)
    socket.close()
  })

  test('[IN2] deleted is gone, for this reader alone', async () => {
    const { id } = await toShop()
    const answer = await act(`DELETE /${id}`)
    expect(answer).toMatchObject({ status: 200, body: { counts: { unread: 0 } } })
    expect(idsOf(await inbox())).toEqual([])
    const others = await must<InboxAnswer>(LIST, { token: shop.colleague.token })
    expect(idsOf(others)).toEqual([id])
  })
})

describe('bulk', () => {
  test('[IN2] read-all, without a body', async () => {
    await toStaff()
    await toShop()
    const answer = await act('POST /read-all')
    expect(answer).toMatchObject({ status: 200, body: { counts: { unread: 0, unseen: 0 } } })
  })

  test('[IN2] read-all of a category, of a shop, up to here', async () => {
    const first = await toShop({ type: 'team.announcement', message: 'One' })
    await toShop({ type: 'team.announcement', message: 'Two' })
    await toShop()
    await toStaff()
    const step = { category: 'team', up_to: { [first.stream]: first.seq } }
    expect((await act('POST /read-all', step)).body.counts?.unread).toBe(3)
    const team = await act('POST /read-all', { category: 'team' })
    expect(team.body.counts?.unread).toBe(2)
    const here = await act('POST /read-all', { location_id: shop.location })
    expect(here.body.counts?.unread).toBe(1)
  })

  test('[IN2] seen-all, up to here: seen and not read, on the other devices too', async () => {
    const { stream, seq } = await toShop()
    await toShop()
    const socket = await openSocket({ token })
    const answer = await act('POST /seen-all', { up_to: { [stream]: seq } })
    expect(answer).toMatchObject({ status: 200, body: { counts: { unread: 2, unseen: 1 } } })
    await socket.settled()
    const [frame] = socket.of('notification_state')
    expect(frame).toMatchObject({ data: { state: 'seen', up_to: { [stream]: seq } } })
    socket.close()
  })

  test('[IN2] clear, as query and as body', async () => {
    const one = await toShop()
    const two = await toShop()
    const up_to = { [one.stream]: one.seq }
    const query = new URLSearchParams({ up_to: JSON.stringify(up_to) })
    expect((await act(`DELETE ?${query}`)).status).toBe(200)
    expect(idsOf(await inbox())).toEqual([two.id])
    expect((await act('DELETE ', { category: 'custom' })).status).toBe(200)
    expect(idsOf(await inbox())).toEqual([])
    const three = await toStaff()
    expect(idsOf(await inbox())).toEqual([three.id])
  })

  test.each([
    ['an unknown category', 'POST /read-all', { category: 'food' }, '/category'],
    ['a place that is none', 'POST /read-all', { up_to: { 'shop:a': 1 } }, '/up_to/shop:a'],
    ['a negative seq', 'POST /read-all', { up_to: { 'user:a': -1 } }, '/up_to/user:a'],
    ['up_to that is a list', 'POST /read-all', { up_to: [] }, '/up_to'],
    ['a field that nobody knows', 'POST /read-all', { all: true }, '/all'],
    ['up_to that is no JSON', 'DELETE ?up_to=hello', undefined, '/up_to'],
    ['up_to that is a list', 'DELETE ?up_to=[]', undefined, '/up_to'],
    ['query and body at once', 'DELETE ?category=team', { location_id: 'x' }, '/location_id'],
    ['a cursor of nobody', 'GET ?after=hello', undefined, '/after'],
    ['a cursor of nobody', 'GET ?before=hello', undefined, '/before'],
    ['both ways at once', 'GET ?before=a&after=a', undefined, '/before'],
  ])('[IN2][CO3] %s: 422 (%s)', async (_what, route, body, pointer) => {
    const errors = [{ pointer, message: expect.any(String) }]
    expect(await act(route, body)).toMatchObject({ status: 422, body: { code: 'invalid', errors } })
  })
})

describe('what is older than the log of the hub', () => {
  test('[IN2] is found in D1 and marked there; while D1 is down: 503', async () => {
    const { id } = await insertOld()
    await setFaults({ d1: { down: true } })
    const mark = `PUT /api/v1/notifications/${id}/read`
    expect(await refusal(mark, { token })).toBe('503 archive_unavailable')
    await setFaults()
    const answer = await act(`PUT /${id}/read`)
    expect(answer).toMatchObject({ status: 200, body: { archived: true, counts: { unread: 0 } } })
    expect((await must<Notification>(`${LIST}/${id}`, { token })).state?.is_read).toBe(true)
  })
})

/** An entry of an earlier epoch of the own stream: in D1, and in no hub's log. */
async function insertOld(): Promise<{ id: string }> {
  const recent = await toStaff()
  await act(`PUT /${recent.id}/read`)
  const id = '01800000-0000-7000-8000-000000000001'
  const sent_at = new Date(Date.now() - 3_600_000).toISOString()
  const stored = {
    id,
    type: 'custom',
    priority: 'normal',
    title: 'Old',
    to: { user_id: shop.staff.id },
    sender: 'service:booking',
    sent_at,
    created_at: sent_at,
  }
  await env.DB.prepare(
    `INSERT INTO notifications (stream, place, id, audience, category, type, priority, sent_at, asks, body)
     VALUES (?, ?, ?, 3, 'custom', 'custom', 'normal', ?, 0, ?)`,
  )
    .bind(
      `user:${shop.staff.id}`,
      '01800000-0000-7000-8000-000000000000:000000000007',
      id,
      Date.parse(sent_at),
      JSON.stringify(stored),
    )
    .run()
  return { id }
}

describe('while D1 is down', () => {
  test('[AR3] a mark stands: 202, on the socket at once, and counted when D1 is back', async () => {
    const { id } = await toStaff()
    const socket = await openSocket({ token })
    await setFaults({ d1: { down: true } })
    const answer = await act(`PUT /${id}/read`)
    expect([answer.status, answer.body]).toEqual([202, { archived: false }])
    await socket.frame('notification_state')
    await letPass(5_000)
    expect((await count()).unread).toBe(0)
    socket.close()
  })

  test('[OP1] the own status needs no D1', async () => {
    const socket = await openSocket({ token, device: 'phone' })
    await setFaults({ d1: { down: true } })
    const status = await must<{ connections: object[] }>('GET /api/v1/ws/status', { token })
    expect(status).toMatchObject({
      connected: true,
      connections: [
        {
          connection_id: socket.welcome.connection_id,
          device: 'phone',
          stream: `user:${shop.staff.id}`,
          visible: true,
        },
      ],
    })
    socket.close()
  })
})

test('[OP1] the own status names sockets at locations too', async () => {
  const own = await openSocket({ token, device: 'phone' })
  const there = await openSocket({ token, device: 'phone', location: shop.location })
  const { connections } = await must<{ connections: { stream: string }[] }>(
    'GET /api/v1/ws/status',
    { token },
  )
  expect(connections.map(({ stream }) => stream)).toEqual([
    `user:${shop.staff.id}`,
    `location:${shop.location}`,
  ])
  own.close()
  there.close()
})
