import { afterEach, describe, expect, test } from 'vitest'
import type { Problem } from '../../protocol/errors.ts'
import type { EventAnswer } from '../../protocol/events.ts'
import { call, must, refusal } from './helpers/api.ts'
import { setFaults } from './helpers/faults.ts'
import { evict, EVICTIONS, locationHub, userHub } from './helpers/hubs.ts'
import { addUser, join, openShop } from './helpers/shop.ts'
import { openSocket, type TestSocket } from './helpers/socket.ts'
import { adminToken, serviceToken } from './helpers/tokens.ts'

const ROUTE = 'POST /api/v1/events'

afterEach(async () => {
  await setFaults()
})

const publish = async (to: object, event_type = 'appointment_updates', data: object = { n: 1 }) =>
  (
    await must<EventAnswer>(ROUTE, {
      token: await serviceToken(),
      body: { to, event_type, data },
    })
  ).sockets

async function listen(socket: TestSocket, event_type: string, id = `s-${event_type}`) {
  socket.send({ type: 'subscribe', id, event_type })
  await socket.frame('ok', ({ re }) => re === id)
}

describe('live events', () => {
  test('[NO7] reach only sockets that subscribed, and say how many', async () => {
    const { location, staff, colleague } = await openShop()
    const [listening, deaf] = [
      await openSocket({ token: staff.token, location }),
      await openSocket({ token: colleague.token, location }),
    ]
    expect(await publish({ location_id: location })).toBe(0)
    await listen(listening, 'appointment_updates')
    await listen(listening, 'x_chairs')
    expect(await publish({ location_id: location }, 'x_chairs', { free: 2 })).toBe(1)
    const event = await listening.frame('event')
    expect(event).toEqual({ type: 'event', event_type: 'x_chairs', data: { free: 2 } })
    listening.send({ type: 'unsubscribe', id: 'u', event_type: 'x_chairs' })
    await listening.frame('ok', ({ re }) => re === 'u')
    expect(await publish({ location_id: location }, 'x_chairs')).toBe(0)
    expect(deaf.all.filter(({ type }) => type === 'event')).toEqual([])
  })

  test('[NO7] to a person reach the own stream, and are stored nowhere', async () => {
    const { staff } = await openShop()
    const socket = await openSocket({ token: staff.token })
    await listen(socket, 'team_updates')
    expect(await publish({ user_id: staff.id }, 'team_updates')).toBe(1)
    await socket.frame('event')
    const again = await openSocket({
      token: staff.token,
      device: 'again',
      epoch: socket.welcome.epoch,
      since: 0,
    })
    expect(again.welcome.seq).toBe(0)
    expect(again.all.map(({ type }) => type)).toEqual(['welcome'])
  })

  test.each(EVICTIONS)('[WS13] a subscription survives hibernation; after %s', async (how) => {
    const { location, staff } = await openShop()
    const own = await openSocket({ token: staff.token })
    const shop = await openSocket({ token: staff.token, location })
    await listen(own, 'team_updates')
    await listen(shop, 'team_updates')
    await evict(userHub(staff.id), how)
    await evict(locationHub(location), how)
    const expected = how === 'hibernate' ? 1 : 0
    expect(await publish({ user_id: staff.id }, 'team_updates')).toBe(expected)
    expect(await publish({ location_id: location }, 'team_updates')).toBe(expected)
  })

  test('[NO7] figures are for managers: to subscribe, and still when they come', async () => {
    const { location, manager, staff } = await openShop()
    const [boss, barber] = [
      await openSocket({ token: manager.token, location }),
      await openSocket({ token: staff.token, location }),
    ]
    await listen(boss, 'performance_updates')
    barber.send({ type: 'subscribe', id: 'no', event_type: 'performance_updates' })
    const refused = await barber.frame('error')
    expect(refused).toMatchObject({ re: 'no', code: 'forbidden', temporary: false })
    expect(await publish({ location_id: location }, 'performance_updates')).toBe(1)
    await join(location, manager, 'staff')
    expect(await publish({ location_id: location }, 'performance_updates')).toBe(0)
  })

  test('[WS9] a type that is none is a bad frame, and the socket lives', async () => {
    const { staff } = await openShop()
    const socket = await openSocket({ token: staff.token })
    for (const event_type of ['', 'x_', 'x_Ä', 'x_'.padEnd(63, 'a'), 'appointments', 7]) {
      socket.send({ type: 'subscribe', event_type })
      const { code } = await socket.frame('error')
      expect([event_type, code]).toEqual([event_type, 'bad_frame'])
    }
    await listen(socket, 'x_'.padEnd(62, 'a'))
  })

  test('[NO7] a socket listens to at most 32 types', async () => {
    const { staff } = await openShop()
    const socket = await openSocket({ token: staff.token })
    for (let i = 0; i < 32; i++) await listen(socket, `x_${i}`)
    socket.send({ type: 'subscribe', id: 'more', event_type: 'x_more' })
    expect(await socket.frame('error')).toMatchObject({ re: 'more', code: 'too_large' })
    await listen(socket, 'x_3', 'again')
  })

  test('[AU7] who may publish, and where', async () => {
    const { location, manager, staff } = await openShop()
    const other = await openShop()
    const body = (to: object) => ({ to, event_type: 'team_updates', data: {} })
    const as = (token: string, to: object) => refusal(ROUTE, { token, body: body(to) })
    const there = { location_id: location }
    expect(await as(staff.token, there)).toBe('403 forbidden')
    expect(await as(other.manager.token, there)).toBe('403 forbidden')
    expect(await as(manager.token, { user_id: other.staff.id })).toBe('403 forbidden')
    expect(await as(await serviceToken(['notifications:send']), there)).toBe('403 forbidden')
    for (const token of [manager.token, await adminToken()]) {
      const answer = await call(ROUTE, { token, body: body({ user_id: staff.id }) })
      expect(answer).toMatchObject({ status: 200, body: { sockets: 0 } })
    }
  })

  test.each<[string, object, string]>([
    ['a type that is none', { event_type: 'nothing' }, '422 invalid /event_type'],
    ['data that is a list', { data: [] }, '422 invalid /data'],
    ['nobody', { to: {} }, '422 invalid /to'],
    ['an unknown field', { extra: 1 }, '422 invalid /extra'],
    ['an unknown person', { to: { user_id: 'nobody-here' } }, '422 unknown_recipient /to'],
    ['an unknown shop', { to: { location_id: 'no-shop' } }, '422 unknown_recipient /to'],
  ])('[CO3] %s is refused by name', async (_title, change, expected) => {
    const someone = await addUser()
    const body = { to: { user_id: someone.id }, event_type: 'team_updates', data: {}, ...change }
    const answer = await call<Problem>(ROUTE, { token: await serviceToken(), body })
    const { code, errors = [] } = answer.body
    const pointers = errors.map(({ pointer }) => pointer).join(' ')
    expect([answer.status, code, pointers].join(' ')).toBe(expected)
  })
})
