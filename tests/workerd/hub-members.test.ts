// [NO8][AU8] Memberships that change while sockets are open, and people and shops that cease to be.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deleteUser, putUser } from '../../db/directory.ts'
import { openDatabase } from '../../db/open.ts'
import { now } from '../../durable-objects/clock.ts'
import { endMembership, eraseLocation, eraseUser, saveUser } from '../../worker/directory.ts'
import { env } from 'cloudflare:workers'
import { setFaults } from './helpers/faults.ts'
import { EVICTIONS, eventually, evict, locationHub, look, userHub } from './helpers/hubs.ts'
import { send, trySend } from './helpers/sends.ts'
import { addLocation, addUser, join, openShop, type Shop } from './helpers/shop.ts'
import { openSocket, upgrade, type TestSocket } from './helpers/socket.ts'

let shop: Shop
let id: string
let token: string
let location: string

beforeEach(async () => {
  shop = await openShop()
  ;({ id, token } = shop.staff)
  ;({ location } = shop)
})
afterEach(async () => {
  await setFaults()
})

const homes = (socket: TestSocket) =>
  socket.of('notification').map(({ data }) => `${data.stream.split(':')[0]} ${data.seq}`)

describe.each(['awake', ...EVICTIONS] as const)('a change of membership (%s)', (how) => {
  /** Takes both hubs from memory; sockets that were lost come back where they were. */
  const settle = async (socket: TestSocket, since: number): Promise<TestSocket> => {
    if (how === 'awake') return socket
    await Promise.all([evict(userHub(id), how), evict(locationHub(location), how)])
    if (how === 'hibernate') return socket
    return openSocket({ token, epoch: socket.welcome.epoch, since })
  }

  test('[NO8] somebody new hears of it, and of what is sent from then on', async () => {
    const second = await addLocation()
    await send({ location_id: second })
    let socket = await openSocket({ token })
    await send({ user_id: id })
    await socket.frame('notification')
    socket = await settle(socket, 1)
    await join(second, shop.staff, 'manager')
    expect((await socket.frame('membership')).data).toEqual({
      location_id: second,
      role: 'manager',
    })
    await send({ location_id: second })
    expect(
      (await socket.frame('notification', ({ data }) => data.location_id === second)).data.seq,
    ).toBe(2)
    const fresh = await openSocket({ token })
    expect(fresh.welcome.memberships).toEqual({ [location]: 'staff', [second]: 'manager' })
  })

  test('[NO8][AU8] somebody removed hears of it, and of nothing else', async () => {
    await send({ user_id: id })
    let own = await openSocket({ token })
    await send({ location_id: location })
    await own.frame('notification')
    own = await settle(own, 2)
    const room = await openSocket({ token, location })
    const other = await openSocket({ token: shop.colleague.token, location })
    await endMembership(env, location, id)
    expect((await own.frame('membership')).data).toEqual({ location_id: location, role: null })
    expect(await room.frame('bye')).toMatchObject({ code: 4503, reason: 'forbidden', retry: false })
    await send({ location_id: location })
    await other.frame('notification')
    await own.settled()
    expect(own.of('notification').filter(({ data }) => data.seq === 2)).toEqual([])
    expect((await upgrade({ token, location })).status).toBe(403)
    const back = await openSocket({ token, epoch: own.welcome.epoch, since: 0 })
    expect(back.welcome).toMatchObject({ recovered: false, memberships: {} })
  })

  test('[NO8] a new role reads its own from then on, and no older ones', async () => {
    let room = await openSocket({ token, location })
    const own = await settle(await openSocket({ token }), 0)
    if (how === 'close') room = await openSocket({ token, location })
    await send({ location_id: location, roles: ['manager'] })
    await join(location, shop.staff, 'manager')
    expect((await own.frame('membership')).data.role).toBe('manager')
    await send({ location_id: location, roles: ['staff'] })
    await send({ location_id: location, roles: ['manager'] })
    for (const socket of [room, own]) {
      await socket.frame('notification', ({ data }) => data.seq === 3)
      expect(homes(socket)).toEqual(['location 3'])
    }
  })
})

describe('the floor', () => {
  test('[ST7] rises with a change: who resumes from below takes a snapshot, from above not', async () => {
    await send({ user_id: id })
    const { welcome } = await openSocket({ token })
    await join(await addLocation(), shop.staff, 'staff')
    const resume = async (since: number) =>
      (await openSocket({ token, epoch: welcome.epoch, since })).welcome
    expect(await resume(1)).toMatchObject({ recovered: false, seq: 2 })
    expect(await resume(2)).toMatchObject({ recovered: true, seq: 2 })
  })

  test('[ST7] of an empty stream stays at 0', async () => {
    const { welcome } = await openSocket({ token })
    await join(await addLocation(), shop.staff, 'staff')
    const back = await openSocket({ token, epoch: welcome.epoch, since: 0 })
    expect(back.welcome).toMatchObject({ recovered: true, seq: 0 })
  })

  test('[DI1] stays where it is when nothing changes', async () => {
    await send({ user_id: id })
    const socket = await openSocket({ token })
    await join(location, shop.staff, 'staff')
    await saveUser(env, id, { name: 'Another name' })
    await userHub(id).refreshDirectory()
    const back = await openSocket({ token, epoch: socket.welcome.epoch, since: 1 })
    await socket.settled()
    expect([back.welcome.recovered, socket.of('membership')]).toEqual([true, []])
  })
})

test('[NO8] who left and came back sees nothing of what was sent meanwhile', async () => {
  const socket = await openSocket({ token })
  await send({ location_id: location })
  await socket.frame('notification')
  await endMembership(env, location, id)
  await send({ location_id: location })
  await join(location, shop.staff, 'staff')
  await send({ location_id: location })
  await socket.frame('notification', ({ data }) => data.seq === 3)
  const room = await openSocket({ token, location })
  const resumed = await openSocket({ token, location, epoch: room.welcome.epoch, since: 0 })
  await resumed.settled()
  expect([homes(socket), homes(resumed)]).toEqual([['location 1', 'location 3'], ['location 3']])
})

describe('somebody who is erased', () => {
  /** A call to a hub that erases itself over it. */
  const ending = async (call: () => Promise<void>) => {
    let said = 'nothing'
    try {
      await call()
    } catch (error) {
      said = error instanceof Error ? error.message : String(error)
    }
    expect(said).toBe('erased')
  }
  const entries = () => look(userHub(id), (sql) => sql.all('SELECT seq FROM log'))

  test('[DI3][AR7] loses sockets and storage at once, and the caller is told that it was done', async () => {
    const socket = await openSocket({ token })
    await send({ user_id: id })
    await socket.frame('notification')
    const room = await openSocket({ token, location })
    await eraseUser(env, id)
    expect(await socket.frame('bye')).toMatchObject({ code: 4503, retry: false })
    expect(await room.frame('bye')).toMatchObject({ code: 4503, retry: false })
    const { results } = await env.DB.prepare('SELECT hub FROM hub_tasks WHERE hub = ?')
      .bind(`user:${id}`)
      .all()
    expect(results).toEqual([])
    expect(await entries()).toEqual([])
    expect((await upgrade({ token })).status).toBe(403)
    expect((await trySend({ user_id: id })).status).toBe(422)
  })

  test('[DI3] and made anew begins anew', async () => {
    const first = await openSocket({ token })
    await send({ user_id: id })
    await eraseUser(env, id)
    expect(await entries()).toEqual([])
    await saveUser(env, id, { name: 'Somebody else' })
    const again = await openSocket({ token })
    expect(again.welcome).toMatchObject({ seq: 0, memberships: {} })
    expect(again.welcome.epoch > first.welcome.epoch).toBe(true)
  })

  test('[DI3] and made anew before the hub heard of it begins anew all the same', async () => {
    await send({ user_id: id })
    const first = await openSocket({ token })
    const db = openDatabase(env.DB)
    await deleteUser(db, id, now())
    await scheduler.wait(2)
    await putUser(db, { id, name: 'Somebody else' }, now())
    await ending(() => userHub(id).refreshDirectory())
    expect((await first.frame('bye')).code).toBe(4503)
    expect(await entries()).toEqual([])
    const again = await openSocket({ token })
    expect(again.welcome.seq).toBe(0)
    expect(again.welcome.epoch > first.welcome.epoch).toBe(true)
  })

  test('[DI3] while sends are on their way: none is accepted and lost', async () => {
    await setFaults({ d1: { delay_ms: 100 } })
    const sends = Array.from({ length: 10 }, () => trySend({ user_id: id }))
    await eventually(async () => expect(await entries()).toHaveLength(10))
    await eraseUser(env, id)
    for (const { status } of await Promise.all(sends))
      expect([201, 202, 422, 503]).toContain(status)
    await setFaults()
    expect(await entries()).toEqual([])
    expect((await upgrade({ token })).status).toBe(403)
  })

  test('[DI3][AR2] what their hub had not archived yet does not come back to the archive', async () => {
    await send({ user_id: id })
    await setFaults({ d1: { down: true } })
    await send({ user_id: id })
    // Deleted behind the hub's back; then its alarm rings.
    await setFaults()
    await deleteUser(openDatabase(env.DB), id, now())
    await ending(() => userHub(id).wake())
    expect(await entries()).toEqual([])
    for (const table of ['notifications', 'archive_cursors']) {
      const { results } = await env.DB.prepare(`SELECT * FROM ${table} WHERE stream = ?`)
        .bind(`user:${id}`)
        .all()
      expect(results).toEqual([])
    }
  })

  test('[DI3] a shop: its sockets end, and its members hear of it', async () => {
    const own = await openSocket({ token })
    const room = await openSocket({ token, location })
    await eraseLocation(env, location)
    expect((await room.frame('bye')).code).toBe(4503)
    expect((await own.frame('membership')).data).toEqual({ location_id: location, role: null })
    expect((await trySend({ location_id: location })).status).toBe(422)
  })
})

test('[AU8] nobody unknown gets a hub', async () => {
  const stranger = await addUser()
  await eraseUser(env, stranger.id)
  await userHub(stranger.id).refreshDirectory()
  expect((await upgrade({ token: stranger.token })).status).toBe(403)
})
