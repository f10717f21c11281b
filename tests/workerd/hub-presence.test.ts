// [TR1] Who is in the room, told at most once a second, and not again for a phone that only reconnects.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { setClockAhead } from '../../durable-objects/clock.ts'
import { endMembership } from '../../worker/directory.ts'
import { env } from 'cloudflare:workers'
import { letPass, setFaults } from './helpers/faults.ts'
import { EVICTIONS, eventually, evict, locationHub, look } from './helpers/hubs.ts'
import { send } from './helpers/sends.ts'
import { openShop, type Person, type Shop } from './helpers/shop.ts'
import { openSocket, type TestSocket } from './helpers/socket.ts'
import { memberToken } from './helpers/tokens.ts'

let shop: Shop
let location: string

beforeEach(async () => {
  shop = await openShop()
  ;({ location } = shop)
})
afterEach(async () => {
  await setFaults()
})

const enter = ({ token }: Person) => openSocket({ token, location })
const told = (socket: TestSocket) =>
  socket.of('presence').flatMap(({ data }) => data.map((one) => `${one.user_id} ${one.status}`))
/** Waits until somebody is told to be something. */
const hears = (socket: TestSocket, { id }: Person, status: string) =>
  socket.frame('presence', ({ data }) =>
    data.some((one) => one.user_id === id && one.status === status),
  )
const rows = () =>
  look(locationHub(location), (sql) =>
    sql.all<{ user_id: string; status: string; leaving_at: number | null }>(
      'SELECT user_id, status, leaving_at FROM presence',
    ),
  )
/** The hub has heard that somebody's last socket closed. */
const leaveIsHeard = ({ id }: Person) =>
  eventually(async () =>
    expect((await rows()).find((row) => row.user_id === id)?.leaving_at).not.toBeNull(),
  )
const alarmOf = () => look(locationHub(location), (_, state) => state.storage.getAlarm())

describe('somebody who comes', () => {
  test('[TR1] is told to those who are there, and to themselves', async () => {
    const manager = await enter(shop.manager)
    await hears(manager, shop.manager, 'online')
    await letPass(1_000)
    const staff = await enter(shop.staff)
    for (const socket of [manager, staff]) {
      expect((await hears(socket, shop.staff, 'online')).data).toHaveLength(1)
    }
  })

  test('[TR1] within a second of others is told in one list with them', async () => {
    const manager = await enter(shop.manager)
    await hears(manager, shop.manager, 'online')
    await enter(shop.staff)
    await enter(shop.colleague)
    await manager.settled()
    expect(told(manager)).toHaveLength(1)
    expect(await alarmOf()).not.toBeNull()
    await letPass(1_000)
    const { data } = await hears(manager, shop.staff, 'online')
    expect(data.map((one) => one.user_id).toSorted()).toEqual(
      [shop.staff.id, shop.colleague.id].toSorted(),
    )
  })

  test('[TR1] with a second window is no news', async () => {
    const manager = await enter(shop.manager)
    await hears(manager, shop.manager, 'online')
    await letPass(2_000)
    await enter(shop.manager)
    await manager.settled()
    expect(told(manager)).toHaveLength(1)
  })
})

test('[TR1] away is all windows hidden, and survives hibernation', async () => {
  const manager = await enter(shop.manager)
  const [phone, till] = [await enter(shop.staff), await enter(shop.staff)]
  await letPass(1_000)
  await hears(manager, shop.staff, 'online')
  await phone.ask({ type: 'state', visible: false })
  await evict(locationHub(location), 'hibernate')
  await letPass(3_000)
  await till.ask({ type: 'state', visible: false })
  await hears(manager, shop.staff, 'away')
  await letPass(6_000)
  await phone.ask({ type: 'state', visible: true })
  await hears(manager, shop.staff, 'online')
  expect(told(manager).filter((one) => one.startsWith(shop.staff.id))).toHaveLength(3)
})

describe.each(['awake', 'hibernate'] as const)('somebody who leaves (%s)', (how) => {
  const meet = async () => {
    const manager = await enter(shop.manager)
    const staff = await enter(shop.staff)
    await letPass(1_000)
    await hears(manager, shop.staff, 'online')
    return { manager, staff }
  }

  test('[TR1] is told after 15 s', async () => {
    const { manager, staff } = await meet()
    if (how === 'hibernate') await evict(locationHub(location), how)
    staff.close()
    await leaveIsHeard(shop.staff)
    if (how === 'hibernate') await evict(locationHub(location), how)
    await letPass(15_500)
    await manager.settled()
    expect(told(manager).at(-1)).toBe(`${shop.staff.id} online`)
    expect(await alarmOf()).not.toBeNull()
    await letPass(16_500)
    const { data } = await hears(manager, shop.staff, 'offline')
    expect(data).toHaveLength(1)
  })

  test('[TR1] and is back before that was never away', async () => {
    const { manager, staff } = await meet()
    staff.close()
    await leaveIsHeard(shop.staff)
    if (how === 'hibernate') await evict(locationHub(location), how)
    await letPass(10_000)
    await enter(shop.staff)
    await letPass(30_000)
    await manager.settled()
    expect(told(manager).filter((one) => one.startsWith(shop.staff.id))).toHaveLength(1)
  })
})

describe('somebody who went silent', () => {
  test('[TR1][WS6] is told at the hub’s next wake, with the time they were last seen', async () => {
    const manager = await enter(shop.manager)
    await enter(shop.staff)
    await letPass(1_000)
    await hears(manager, shop.staff, 'online')
    const before = Date.now()
    setClockAhead(60_000)
    await manager.settled()
    setClockAhead(80_000)
    await send({ location_id: location })
    const { data } = await hears(manager, shop.staff, 'offline')
    const [gone] = data
    expect(Date.parse(gone?.last_seen ?? '')).toBeLessThan(before + 5_000)
  })

  test('[TR1] is looked for every five minutes while somebody else watches', async () => {
    await enter(shop.manager)
    await enter(shop.staff)
    await letPass(1_000)
    const at = await eventually(async () => {
      const alarm = await alarmOf()
      expect(alarm).not.toBeNull()
      return alarm ?? 0
    })
    expect(at - Date.now()).toBeLessThanOrEqual(5 * 60_000)
  })

  test('[ST6] and a room with nobody else in it sets no alarm for it', async () => {
    const manager = await enter(shop.manager)
    await hears(manager, shop.manager, 'online')
    await letPass(5_000)
    expect(await alarmOf()).toBeNull()
  })
})

test('[TR1] after a crash, who does not come back is told to have left', async () => {
  await enter(shop.staff)
  await enter(shop.manager)
  await letPass(1_000)
  await evict(locationHub(location), 'close')
  const manager = await enter(shop.manager)
  expect(manager.welcome.presence?.map((one) => one.user_id)).toContain(shop.staff.id)
  expect(await alarmOf()).not.toBeNull()
  await letPass(17_000)
  await hears(manager, shop.staff, 'offline')
  expect(told(manager).filter((one) => one.startsWith(shop.manager.id))).toEqual([])
})

test('[TR1][AU8] a member who was removed leaves like anybody else', async () => {
  const manager = await enter(shop.manager)
  const staff = await enter(shop.staff)
  await letPass(1_000)
  await hears(manager, shop.staff, 'online')
  await endMembership(env, location, shop.staff.id)
  expect((await staff.frame('bye')).code).toBe(4503)
  await letPass(17_000)
  await hears(manager, shop.staff, 'offline')
})

test('[WS11] who may not listen any more is not told', async () => {
  const expired = await openSocket({ token: await memberToken(shop.staff.id, {}, 60), location })
  setClockAhead(60_000)
  const manager = await enter(shop.manager)
  await hears(manager, shop.manager, 'online')
  expect(expired.of('presence').flatMap((frame) => frame.data)).toHaveLength(1)
})

test.each(EVICTIONS)('[WS3] a welcome says who is there (%s)', async (how) => {
  const staff = await enter(shop.staff)
  await staff.ask({ type: 'state', visible: false })
  await letPass(1_100)
  await hears(staff, shop.staff, 'away')
  await evict(locationHub(location), how)
  const { welcome } = await enter(shop.manager)
  expect(welcome.presence).toMatchObject([{ user_id: shop.staff.id, status: 'away' }])
})
