// [ST7] The own stream is complete, whatever else is open.
import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { putMember } from '../../db/members.ts'
import { openDatabase } from '../../db/open.ts'
import { now, setClockAhead } from '../../durable-objects/clock.ts'
import type { SendItem } from '../../durable-objects/rpc.ts'
import { setFaults } from './helpers/faults.ts'
import { EVICTIONS, eventually, evict, locationHub, look, userHub } from './helpers/hubs.ts'
import { send, sendMany } from './helpers/sends.ts'
import { addLocation, addUser, join, openShop, type Shop } from './helpers/shop.ts'
import { openSocket, type TestSocket } from './helpers/socket.ts'

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
  vi.restoreAllMocks()
  await setFaults()
})

const homes = (socket: TestSocket) =>
  socket.of('notification').map(({ data }) => `${data.stream.split(':')[0]} ${data.seq}`)
const seqs = (socket: TestSocket) => socket.of('notification').map((frame) => frame.seq)
const watchers = () =>
  look(locationHub(location), (sql) =>
    sql.all<{ user_id: string }>('SELECT * FROM watchers').map((row) => row.user_id),
  )
const alarmOf = (hub: Parameters<typeof look>[0]) =>
  look(hub, (_, state) => state.storage.getAlarm())
/** Straight into the location's log, without waiting for D1. */
const item = (title: string): SendItem => ({
  send: { to: { location_id: location }, type: 'custom', title },
  sender: 'service:test',
  created_at: new Date().toISOString(),
  idempotency: null,
})
const write = (title: string) => locationHub(location).send([item(title)], null, 0)

describe('with only an own socket open', () => {
  test.each(['awake', ...EVICTIONS] as const)(
    '[ST7] what a location is sent arrives, with its home and the own seq (%s)',
    async (how) => {
      const socket = await openSocket({ token })
      await send({ user_id: id })
      if (how !== 'awake') await evict(locationHub(location), how)
      if (how === 'hibernate') await evict(userHub(id), how)
      await send({ location_id: location })
      await send({ user_id: id })
      await send({ location_id: location })
      await eventually(() => expect(socket.of('notification')).toHaveLength(4))
      expect(seqs(socket)).toEqual([1, 2, 3, 4])
      expect(homes(socket).toSorted()).toEqual(['location 1', 'location 2', 'user 1', 'user 3'])
    },
  )

  test('[ST7][NO4] what is not for this member is not copied', async () => {
    const socket = await openSocket({ token })
    const boss = await openSocket({ token: shop.manager.token })
    await send({ location_id: location, roles: ['manager'] })
    await send({ location_id: location })
    await boss.frame('notification', ({ data }) => data.seq === 2)
    await socket.frame('notification', ({ data }) => data.seq === 2)
    expect([homes(socket), homes(boss)]).toEqual([['location 2'], ['location 1', 'location 2']])
  })

  test('[ST7] an entry is there once, however often the hub is told', async () => {
    const socket = await openSocket({ token })
    await send({ location_id: location })
    await socket.frame('notification')
    await Promise.all(Array.from({ length: 9 }, () => userHub(id).nudge(location, 1)))
    await socket.settled()
    expect(seqs(socket)).toEqual([1])
  })

  test('[ST7] what came while nobody was here is taken before the welcome', async () => {
    const first = await openSocket({ token })
    first.close()
    await sendMany({ location_id: location }, 3)
    const { welcome } = await openSocket({ token })
    expect(welcome.seq).toBe(3)
    expect(welcome.heads?.[`location:${location}`]?.seq).toBe(3)
    const resumed = await openSocket({ token, epoch: first.welcome.epoch, since: 0 })
    await resumed.settled()
    expect([resumed.welcome.recovered, seqs(resumed)]).toEqual([true, [1, 2, 3]])
  })
})

describe('who watches', () => {
  test('[ST7] is told; who answers "nobody here" is forgotten, and comes back with the next socket', async () => {
    const socket = await openSocket({ token })
    expect(await watchers()).toEqual([id])
    socket.close()
    await eventually(async () => {
      await write('anybody?')
      expect(await watchers()).toEqual([])
    })
    await openSocket({ token })
    expect(await watchers()).toEqual([id])
  })

  test('[ST7] "nobody here" forgets only the registration that the nudge named', async () => {
    const registered = () =>
      look(locationHub(location), (sql) =>
        sql.all<{ number: number }>('SELECT * FROM watchers').map((row) => row.number),
      )
    const socket = await openSocket({ token })
    const [number = 0] = await registered()
    socket.close()
    const hub = env.USER_HUB.getByName(`user:${id}`)
    await eventually(async () =>
      expect(await hub.nudge(location, number)).toEqual({ nobody: true }),
    )
    await openSocket({ token })
    const [renewed = 0] = await registered()
    expect(renewed).toBeGreaterThan(number)
    expect(await hub.nudge(location, number)).toEqual({ nobody: false })
  })

  test('[ST7] comes back without a row written, here or there, as long as nobody was told that they are gone', async () => {
    const written = async () => [
      await look(userHub(id), (sql) => sql.all("SELECT * FROM meta WHERE key = 'watch_number'")),
      await look(locationHub(location), (sql) => sql.all('SELECT * FROM watchers')),
    ]
    const socket = await openSocket({ token })
    const before = await written()
    socket.close()
    await openSocket({ token })
    expect(await written()).toEqual(before)
  })

  test('[ST7] others are not called', async () => {
    const nudge = vi.spyOn(env.USER_HUB, 'getByName')
    await write('hello')
    expect(nudge.mock.calls.flat()).toEqual([])
  })
})

/** Nudges that never get through, as when a process dies over them. */
const loseNudges = () =>
  vi.spyOn(env.USER_HUB, 'getByName').mockImplementation(() => {
    throw new Error('the call was lost')
  })

/** A location whose hub lost its storage and cannot read the directory: its pulls take as long as D1 does. */
async function slowLocation(): Promise<string> {
  const slow = await addLocation()
  await join(slow, shop.staff, 'staff')
  await look(locationHub(slow), (_, state) => state.storage.deleteAll())
  await evict(locationHub(slow), 'close')
  return slow
}

describe('while a socket is being opened', () => {
  test('[WS4] a location that does not answer delays the welcome for a second at most', async () => {
    await slowLocation()
    await setFaults({ d1: { delay_ms: 1_500 } })
    const before = Date.now()
    await openSocket({ token })
    expect(Date.now() - before).toBeLessThan(1_400)
  })

  test('[ST7] somebody who is about to come is somebody', async () => {
    await slowLocation()
    await setFaults({ d1: { delay_ms: 1_500 } })
    const opening = openSocket({ token })
    await eventually(async () => expect(await watchers()).toEqual([id]))
    await write('while it opens')
    await eventually(async () =>
      expect(
        await look(locationHub(location), (sql) =>
          sql.all("SELECT value FROM meta WHERE key = 'nudged'"),
        ),
      ).toEqual([{ value: '1' }]),
    )
    const socket = await opening
    expect(socket.welcome.heads?.[`location:${location}`]?.seq).toBe(1)
    await write('after it opened')
    await socket.frame('notification', ({ data }) => data.title === 'after it opened')
  })

  test('[WS4] a pull that fails after the welcome is made again by the alarm', async () => {
    const slow = await slowLocation()
    await setFaults({ d1: { delay_ms: 2_500 } })
    const socket = await openSocket({ token })
    await eventually(async () => expect(await alarmOf(userHub(id))).not.toBeNull())
    await setFaults()
    await locationHub(slow).head()
    await locationHub(slow).send(
      [{ ...item('late'), send: { to: { location_id: slow }, type: 'custom', title: 'late' } }],
      null,
      0,
    )
    await runDurableObjectAlarm(userHub(id))
    await socket.frame('notification', ({ data }) => data.title === 'late')
  })
})

describe('far behind', () => {
  const cameAndWent = async () => {
    const socket = await openSocket({ token })
    socket.close()
    return socket.welcome
  }

  test('[ST7] 200 behind is copied, in pages, before the welcome', async () => {
    const { epoch } = await cameAndWent()
    await sendMany({ location_id: location }, 200)
    const socket = await openSocket({ token, epoch, since: 0 })
    await socket.settled()
    expect([socket.welcome.recovered, seqs(socket).length]).toEqual([true, 200])
  })

  test('[ST7] more than 200 behind at the first socket jumps, and every older place needs a snapshot', async () => {
    await send({ user_id: id })
    const { epoch } = await cameAndWent()
    await sendMany({ location_id: location }, 201)
    const socket = await openSocket({ token, epoch, since: 1 })
    expect(socket.welcome).toMatchObject({ recovered: false, seq: 2 })
    expect(socket.welcome.heads?.[`location:${location}`]?.seq).toBe(201)
    for (const since of [0, 1]) {
      const other = await openSocket({ token, epoch, since })
      expect(other.welcome.recovered).toBe(false)
    }
    const after = await openSocket({ token, epoch, since: 2 })
    expect(after.welcome.recovered).toBe(true)
    await send({ location_id: location })
    for (const one of [socket, after]) {
      expect(await one.frame('notification')).toMatchObject({ seq: 3, data: { seq: 202 } })
    }
  })

  test('[ST7] a jump of a stream that had nothing else raises its floor, too', async () => {
    const { epoch } = await cameAndWent()
    await sendMany({ location_id: location }, 201)
    const { welcome } = await openSocket({ token, epoch, since: 0 })
    expect(welcome).toMatchObject({ recovered: false, seq: 1 })
  })

  test('[ST7] with a socket open, everything is copied however much it is', async () => {
    const socket = await openSocket({ token })
    await look(locationHub(location), (sql) => sql.run('DELETE FROM watchers'))
    await evict(locationHub(location), 'hibernate')
    await sendMany({ location_id: location }, 450)
    await userHub(id).nudge(location, 1)
    await eventually(() => expect(socket.of('notification')).toHaveLength(450))
    expect(seqs(socket)).toEqual(Array.from({ length: 450 }, (_, index) => index + 1))
  })

  test('[ST7][ST4] what the location no longer keeps is not passed over in silence', async () => {
    await send({ user_id: id })
    const socket = await openSocket({ token })
    await look(locationHub(location), (sql) => sql.run('DELETE FROM watchers'))
    await evict(locationHub(location), 'hibernate')
    await sendMany({ location_id: location }, 5)
    await look(locationHub(location), (sql) => sql.run('DELETE FROM log WHERE seq <= 3'))
    await evict(locationHub(location), 'hibernate')
    await userHub(id).nudge(location, 1)
    expect(await socket.frame('bye')).toMatchObject({ code: 4001, retry: true })
    const back = await openSocket({ token, epoch: socket.welcome.epoch, since: 1 })
    expect(back.welcome.recovered).toBe(false)
  })
})

describe('nudges', () => {
  test('[ST7] that a crash cut off are made by the alarm', async () => {
    const socket = await openSocket({ token })
    const lost = loseNudges()
    await write('told late')
    await eventually(async () =>
      expect(
        await look(locationHub(location), (sql) =>
          sql.all('SELECT * FROM watchers WHERE untold IS NOT NULL'),
        ),
      ).toHaveLength(1),
    )
    lost.mockRestore()
    await evict(locationHub(location), 'close')
    expect(await alarmOf(locationHub(location))).not.toBeNull()
    await runDurableObjectAlarm(locationHub(location))
    await socket.frame('notification', ({ data }) => data.title === 'told late')
  })

  test('[ST4] what a watcher has not been told of is not trimmed', async () => {
    const socket = await openSocket({ token })
    await write('first')
    await socket.frame('notification')
    loseNudges()
    await sendMany({ location_id: location }, 1_200)
    setClockAhead(25 * 3_600_000)
    await write('trims')
    const oldest = () =>
      look(locationHub(location), (sql) => sql.all('SELECT min(seq) AS seq FROM log'))
    expect(await oldest()).toEqual([{ seq: 1 }])
    vi.restoreAllMocks()
    socket.close()
    await runDurableObjectAlarm(locationHub(location))
    await eventually(async () => {
      await write('trims')
      expect(await oldest()).not.toEqual([{ seq: 1 }])
    })
  })
})

describe('a new member', () => {
  test('[ST7] whose location has not heard of them yet is taken up as soon as it has', async () => {
    const newcomer = await addUser()
    const socket = await openSocket({ token: newcomer.token })
    const head = await locationHub(location).head()
    if (!head) throw new Error('no head')
    const member = { location_id: location, user_id: newcomer.id, role: 'staff' as const }
    await putMember(openDatabase(env.DB), { ...member, head, now: now() })
    await userHub(newcomer.id).refreshDirectory()
    await socket.frame('membership')
    await eventually(async () => expect(await alarmOf(userHub(newcomer.id))).not.toBeNull())
    await locationHub(location).refreshDirectory()
    await write('welcome')
    await runDurableObjectAlarm(userHub(newcomer.id))
    await socket.frame('notification', ({ data }) => data.title === 'welcome')
  })
})

test('[ST7][NO8] what is for a new manager is copied, also while the location has not heard of it', async () => {
  const socket = await openSocket({ token })
  await send({ location_id: location })
  await socket.frame('notification')
  const head = await locationHub(location).head()
  if (!head) throw new Error('no head')
  const member = { location_id: location, user_id: id, role: 'manager' as const }
  await putMember(openDatabase(env.DB), { ...member, head, now: now() })
  await userHub(id).refreshDirectory()
  await socket.frame('membership')
  await send({ location_id: location, roles: ['manager'] })
  await send({ location_id: location })
  await socket.frame('notification', ({ data }) => data.seq === 3)
  expect(homes(socket)).toEqual(['location 1', 'location 2', 'location 3'])
})
