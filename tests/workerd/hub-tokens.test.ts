// [WS11] Tokens on open sockets, and [WS6] sockets that say nothing any more.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { setClockAhead } from '../../durable-objects/clock.ts'
import { endMembership } from '../../worker/directory.ts'
import { env } from 'cloudflare:workers'
import { letPass, setFaults } from './helpers/faults.ts'
import { EVICTIONS, evict, locationHub, userHub } from './helpers/hubs.ts'
import { send } from './helpers/sends.ts'
import { openShop, type Shop } from './helpers/shop.ts'
import { openSocket, type TestSocket } from './helpers/socket.ts'
import { adminToken, memberToken, serviceToken } from './helpers/tokens.ts'

let shop: Shop
let id: string
let location: string

beforeEach(async () => {
  shop = await openShop()
  ;({ id } = shop.staff)
  ;({ location } = shop)
})
afterEach(async () => {
  await setFaults()
})

const HIBERNATED = ['awake', 'hibernate'] as const
const sleep = async (how: (typeof HIBERNATED)[number]) => {
  if (how === 'hibernate')
    await Promise.all([evict(userHub(id), how), evict(locationHub(location), how)])
}
/** The runtime's clock has gone on: what happened before can be told from what happens now. */
const later = async () => {
  const before = Date.now()
  while (Date.now() === before) await scheduler.wait(1)
}
const types = (socket: TestSocket) => socket.all.map((frame) => frame.type)

describe.each(HIBERNATED)('past its token’s end (%s)', (how) => {
  test('[WS11] a socket gets nothing more, and 4010 at the hub’s next wake', async () => {
    const token = await memberToken(id, {}, 60)
    const own = await openSocket({ token })
    const room = await openSocket({ token, location })
    const other = await openSocket({ token: shop.staff.token, location })
    await sleep(how)
    setClockAhead(60_000)
    await send({ user_id: id })
    await send({ location_id: location })
    for (const socket of [own, room]) {
      expect(await socket.frame('bye')).toMatchObject({
        code: 4010,
        reason: 'token_expired',
        retry: true,
      })
      expect((await socket.closed).code).toBe(4010)
      expect(socket.of('notification')).toEqual([])
    }
    await other.frame('notification')
  })

  test('[WS11] what it still says is not heard', async () => {
    const token = await memberToken(id, {}, 120)
    const socket = await openSocket({ token })
    await sleep(how)
    setClockAhead(121_000)
    socket.send({ type: 'ack', id: 'late', seq: 0 })
    await socket.frame('bye')
    expect(types(socket)).toEqual(['welcome', 'bye'])
  })
})

test('[WS11] however short the token and however lately the hub looked around', async () => {
  await openSocket({ token: shop.staff.token })
  setClockAhead(6_000)
  const socket = await openSocket({ token: await memberToken(id, {}, 2) })
  setClockAhead(9_000)
  await send({ user_id: id })
  expect((await socket.frame('bye')).code).toBe(4010)
})

test('[WS11][NO8] nor is it told that a membership changed', async () => {
  const socket = await openSocket({ token: await memberToken(id, {}, 120) })
  setClockAhead(121_000)
  await endMembership(env, location, id)
  expect((await socket.frame('bye')).code).toBe(4010)
  expect(types(socket)).toEqual(['welcome', 'bye'])
})

describe('a fresh token on an open socket', () => {
  test.each(HIBERNATED)(
    '[WS11] is asked for a minute before the end, and the socket goes on (%s)',
    async (how) => {
      const socket = await openSocket({ token: await memberToken(id, {}, 120) })
      await sleep(how)
      await letPass(61_000)
      const { at } = await socket.frame('auth_expiring')
      expect(Date.parse(at) - Date.now()).toBeLessThan(121_000)
      const answer = await socket.ask({ type: 'auth', token: await memberToken(id) })
      expect(answer.type).toBe('ok')
      await sleep(how)
      setClockAhead(130_000)
      await socket.settled()
      await send({ user_id: id })
      await socket.frame('notification')
      expect(socket.of('auth_expiring')).toHaveLength(1)
    },
  )

  test('[WS11] is asked for once', async () => {
    const socket = await openSocket({ token: await memberToken(id, {}, 120) })
    for (const ms of [61_000, 67_000, 73_000]) await letPass(ms)
    await socket.settled()
    expect(socket.of('auth_expiring')).toHaveLength(1)
  })

  test('[WS11] of somebody else, of a service or of nobody changes nothing', async () => {
    const socket = await openSocket({ token: await memberToken(id, {}, 120) })
    const renew = async (token: string) => {
      const answer = await socket.ask({ type: 'auth', token })
      return answer.type === 'error' ? answer.code : answer.type
    }
    expect(await renew(shop.manager.token)).toBe('forbidden')
    expect(await renew(await serviceToken([], id))).toBe('forbidden')
    expect(await renew('hello')).toBe('unauthorized')
    setClockAhead(120_000)
    await send({ user_id: id })
    expect((await socket.frame('bye')).code).toBe(4010)
  })

  test('[WS11] that lets its bearer in no longer ends the socket', async () => {
    const admin = shop.colleague.id
    const socket = await openSocket({ token: await adminToken(admin), location })
    await endMembership(env, location, admin)
    await socket.settled()
    const answer = await socket.ask({ type: 'auth', token: await memberToken(admin) })
    expect(answer).toMatchObject({ type: 'error', code: 'forbidden' })
    expect(await socket.frame('bye')).toMatchObject({ code: 4503, retry: false })
  })

  test('[WS11] brings its rights', async () => {
    const admin = shop.manager.id
    const socket = await openSocket({ token: await adminToken(admin), location })
    await send({ location_id: location, roles: ['staff'] })
    await socket.frame('notification')
    expect(await socket.ask({ type: 'auth', token: await memberToken(admin) })).toMatchObject({
      type: 'ok',
    })
    await send({ location_id: location, roles: ['staff'] })
    await send({ location_id: location, roles: ['manager'] })
    await socket.frame('notification', (frame) => frame.seq === 3)
    expect(socket.of('notification').map((frame) => frame.seq)).toEqual([1, 3])
  })
})

describe.each(HIBERNATED)('a socket that went silent (%s)', (how) => {
  test('[WS6] is delivered to no more, and closed at the hub’s next wake', async () => {
    const silent = await openSocket({ token: shop.staff.token })
    await sleep(how)
    setClockAhead(75_000)
    await send({ user_id: id })
    expect(await silent.frame('bye')).toMatchObject({ code: 4009, reason: 'stale', retry: true })
    expect(silent.of('notification')).toEqual([])
  })

  test('[WS5][WS6] a ping keeps it, also one that woke nobody', async () => {
    const socket = await openSocket({ token: shop.staff.token })
    await sleep(how)
    setClockAhead(60_000)
    await socket.ping()
    await later()
    setClockAhead(120_000)
    await send({ user_id: id })
    await socket.frame('notification')
    setClockAhead(136_000)
    await send({ user_id: id })
    expect((await socket.frame('bye')).code).toBe(4009)
  })

  test('[OP1][WS6] is no connection', async () => {
    await openSocket({ token: shop.staff.token, device: 'phone' })
    await openSocket({ token: shop.staff.token, device: 'phone', location })
    expect(await userHub(id).connections()).toHaveLength(1)
    await sleep(how)
    setClockAhead(75_000)
    expect(await userHub(id).connections()).toEqual([])
    expect(await locationHub(location).connections(id)).toEqual([])
  })
})

test.each(EVICTIONS)('[OP1] a connection is described as it is (%s)', async (how) => {
  const { welcome } = await openSocket({ token: shop.staff.token, device: 'phone' })
  await evict(userHub(id), how)
  expect(await userHub(id).connections()).toEqual(
    how === 'close'
      ? []
      : [
          {
            connection_id: welcome.connection_id,
            device: 'phone',
            stream: `user:${id}`,
            connected_at: expect.any(String),
            last_seen: expect.any(String),
            visible: true,
          },
        ],
  )
})
