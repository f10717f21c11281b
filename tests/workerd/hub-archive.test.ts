// D1 follows the hubs (AR1 to AR4), whatever happens to either.
import { abortAllDurableObjects, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { parsePlace } from '../../db/place.ts'
import type { SendAnswer } from '../../protocol/api.ts'
import { setFaults } from './helpers/faults.ts'
import {
  EVICTIONS,
  eventually,
  evict,
  locationHub,
  look,
  userHub,
  type Hub,
} from './helpers/hubs.ts'
import { send, sendMany, trySend } from './helpers/sends.ts'
import { addLocation, openShop, type Shop } from './helpers/shop.ts'
import { openSocket, upgrade } from './helpers/socket.ts'

let shop: Shop
let id: string
let token: string

beforeEach(async () => {
  shop = await openShop()
  ;({ id, token } = shop.staff)
})
afterEach(async () => {
  await env.DB.exec('DROP TRIGGER IF EXISTS refuse')
  await setFaults()
})

const DOWN = { d1: { down: true } }

interface Archived {
  id: string
  place: string
}

/** What D1 has of a stream, in the order of the stream. */
async function inArchive(stream: string) {
  const { results } = await env.DB.prepare(
    'SELECT id, place FROM notifications WHERE stream = ? ORDER BY place',
  )
    .bind(stream)
    .all<Archived>()
  return results.map((row) => ({ id: row.id, ...parsePlace(row.place) }))
}

/** What the hub has. */
const inLog = (hub: Hub) =>
  look(hub, (sql) => {
    const [meta] = sql.all<{ value: string }>("SELECT value FROM meta WHERE key = 'epoch'")
    return sql
      .all<{ id: string; seq: number }>(
        "SELECT id, seq FROM log WHERE kind = 'notification' ORDER BY seq",
      )
      .map((row) => ({ id: row.id, epoch: meta?.value, seq: row.seq }))
  })

const drained = (hub: Hub, stream: string) =>
  eventually(async () => expect(await inArchive(stream)).toEqual(await inLog(hub)))

const alarmOf = (hub: Hub) => look(hub, (_, state) => state.storage.getAlarm())

describe('while D1 is away', () => {
  test.each(['awake', ...EVICTIONS] as const)(
    '[AR3][AR4] sends are accepted and delivered, and the log drains by itself, in order (%s)',
    async (how) => {
      const stream = `location:${shop.location}`
      const hub = locationHub(shop.location)
      const socket = await openSocket({ token, location: shop.location })
      await setFaults(DOWN)
      const answers: SendAnswer[] = []
      for (let index = 0; index < 5; index += 1) {
        const { status, body } = await trySend({ location_id: shop.location })
        expect([status, body.archived]).toEqual([202, false])
        answers.push(body)
        await socket.frame('notification', ({ data }) => data.id === body.id)
      }
      if (how !== 'awake') await evict(hub, how)
      expect(await inArchive(stream)).toEqual([])
      expect(await alarmOf(hub)).not.toBeNull()
      await setFaults()
      // No call from here: the alarm rings in its own time.
      await drained(hub, stream)
      const ids = (await inArchive(stream)).map((row) => row.id)
      expect(ids).toEqual(answers.map((answer) => answer.id))
      expect(await trySend({ location_id: shop.location })).toMatchObject({ status: 201 })
    },
  )

  test('[AR3] an answer does not wait for a D1 that is known to fail', async () => {
    await setFaults(DOWN)
    await send({ user_id: id })
    const before = Date.now()
    expect((await trySend({ user_id: id })).status).toBe(202)
    expect(Date.now() - before).toBeLessThan(500)
  })

  test('[AR3] an answer waits a second for a slow one, and the entry arrives all the same', async () => {
    await setFaults({ d1: { delay_ms: 1_400 } })
    const before = Date.now()
    expect(await trySend({ user_id: id })).toMatchObject({ status: 202, body: { archived: false } })
    expect(Date.now() - before).toBeGreaterThanOrEqual(990)
    await setFaults()
    await drained(userHub(id), `user:${id}`)
  })

  test('[ST1] a hub without an epoch answers 503, and later begins', async () => {
    const fresh = await addLocation()
    await look(locationHub(fresh), (_, state) => state.storage.deleteAll())
    await evict(locationHub(fresh), 'close')
    await setFaults(DOWN)
    expect((await trySend({ location_id: fresh })).status).toBe(503)
    await setFaults()
    expect(await trySend({ location_id: fresh })).toMatchObject({ status: 201, body: { seq: 1 } })
    const { results } = await env.DB.prepare(
      'SELECT seq FROM archive_cursors WHERE stream = ? ORDER BY epoch',
    )
      .bind(`location:${fresh}`)
      .all()
    expect(results).toEqual([{ seq: 0 }, { seq: 1 }])
  })

  test('[WS2] nor is a socket refused for longer than that', async () => {
    await look(userHub(id), (_, state) => state.storage.deleteAll())
    await evict(userHub(id), 'close')
    await setFaults(DOWN)
    const refused = await upgrade({ token })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    await setFaults()
    expect((await openSocket({ token })).welcome.seq).toBe(0)
  })
})

describe('a process that dies', () => {
  test('[ST5][AR2] in the middle of a flush loses nothing and writes nothing twice', async () => {
    const stream = `user:${id}`
    await setFaults({ d1: { delay_ms: 300 } })
    const answered: SendAnswer[] = []
    for (let round = 0; round < 4; round += 1) {
      const sends = Array.from({ length: 5 }, async () => {
        const { status, body } = await trySend({ user_id: id })
        if (status < 300) answered.push(body)
      })
      // The entries are in the log, their batch is on its way.
      await eventually(async () =>
        expect((await inLog(userHub(id))).length).toBeGreaterThan(round * 5),
      )
      await abortAllDurableObjects()
      await Promise.all(sends)
      await send({ user_id: id })
    }
    await setFaults()
    await drained(userHub(id), stream)
    const archived = await inArchive(stream)
    expect(archived.map((row) => row.seq)).toEqual(archived.map((_, index) => index + 1))
    for (const { id: one, seq } of answered) {
      expect(archived.find((row) => row.id === one)?.seq).toBe(seq)
    }
  })

  test('[ST5] while D1 is down, too: the alarm outlives it', async () => {
    await setFaults(DOWN)
    const { id: sent } = await send({ user_id: id })
    await abortAllDurableObjects()
    await setFaults()
    await eventually(async () =>
      expect((await inArchive(`user:${id}`)).map((row) => row.id)).toEqual([sent]),
    )
  })
})

describe('a hub that lost its storage', () => {
  test('[ST1] starts a younger epoch at 1, and the archive keeps both', async () => {
    const stream = `user:${id}`
    const socket = await openSocket({ token })
    const old = await send({ user_id: id })
    await look(userHub(id), (_, state) => state.storage.deleteAll())
    await evict(userHub(id), 'close')
    const { epoch, seq } = socket.welcome
    const back = await openSocket({ token, epoch, since: seq })
    expect(back.welcome).toMatchObject({ recovered: false, seq: 0 })
    expect(back.welcome.epoch > epoch).toBe(true)
    const young = await send({ user_id: id })
    expect(young).toMatchObject({ seq: 1, archived: true })
    expect(await inArchive(stream)).toEqual([
      { id: old.id, epoch, seq: 1 },
      { id: young.id, epoch: back.welcome.epoch, seq: 1 },
    ])
  })

  test('[ST1][ST7] its members take everything of the new epoch', async () => {
    const { location } = shop
    const socket = await openSocket({ token })
    await sendMany({ location_id: location }, 3)
    await socket.frame('notification', ({ data }) => data.seq === 3)
    await look(locationHub(location), (_, state) => state.storage.deleteAll())
    await evict(locationHub(location), 'close')
    const back = await openSocket({ token })
    const { id: young } = await send({ location_id: location })
    for (const one of [socket, back]) {
      const { seq, data } = await one.frame('notification', (frame) => frame.data.id === young)
      expect([seq, data.seq]).toEqual([4, 1])
    }
  })
})

describe('an entry that D1 refuses', () => {
  test('[AR2] is parked, and those around it are archived', async () => {
    await setFaults(DOWN)
    await sendMany({ user_id: id }, 30)
    await env.DB.exec(
      `CREATE TRIGGER refuse BEFORE INSERT ON notifications WHEN NEW.body LIKE '%Number 17"%'
       BEGIN SELECT RAISE(ABORT, 'constraint failed: refused'); END`.replace(/\s+/g, ' '),
    )
    await setFaults()
    await eventually(async () => expect(await inArchive(`user:${id}`)).toHaveLength(29))
    const parked = await look(userHub(id), (sql) => sql.all('SELECT seq FROM log WHERE parked = 1'))
    expect(parked).toEqual([{ seq: 17 }])
    expect(await trySend({ user_id: id })).toMatchObject({ status: 201, body: { seq: 31 } })
  })
})

test('[AR8] a clock that goes back leaves no log waiting for it', async () => {
  await setFaults({ ...DOWN, clock_ahead_ms: 3_600_000 })
  await send({ user_id: id })
  await setFaults()
  expect(await inArchive(`user:${id}`)).toHaveLength(1)
})

test.each(['user', 'location'] as const)(
  '[ST6] an alarm over which a %s hub fails is armed all the same',
  async (kind) => {
    const hub = kind === 'user' ? userHub(id) : locationHub(shop.location)
    await setFaults(DOWN)
    await send(kind === 'user' ? { user_id: id } : { location_id: shop.location })
    await look(hub, (sql) => sql.run('DROP TABLE collapse'))
    let failed = false
    try {
      await runDurableObjectAlarm(hub as DurableObjectStub)
    } catch {
      failed = true
    }
    expect([failed, await alarmOf(hub)]).toEqual([true, expect.any(Number)])
    await evict(hub, 'hibernate')
  },
)

test('[AR1] a mark is on its way even if the rest of the same text never ends', async () => {
  const socket = await openSocket({ token })
  const { id: entry } = await send({ user_id: id })
  await runDurableObjectAlarm(userHub(id))
  expect(await alarmOf(userHub(id))).toBeNull()
  await setFaults(DOWN)
  type Location = ReturnType<typeof locationHub>
  const silent = { pull: () => new Promise(() => {}) } as unknown as Location
  const slow = vi.spyOn(env.LOCATION_HUB, 'getByName').mockReturnValue(silent)
  const unknown = '0193a6a0-0000-7000-8000-000000000001'
  socket.send([
    { type: 'read', notification_ids: [entry] },
    { type: 'read', notification_ids: [unknown] },
  ])
  await socket.frame('notification_state')
  expect(await alarmOf(userHub(id))).not.toBeNull()
  slow.mockRestore()
})

test('[ST6] a hub with nothing left to do lets its alarm ring out', async () => {
  await send({ user_id: id })
  await runDurableObjectAlarm(userHub(id))
  expect(await alarmOf(userHub(id))).toBeNull()
})
