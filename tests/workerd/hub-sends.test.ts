// What a hub does with a send: once for a key (CO5), to those it is for (NO4), in the place of an older one (NO6).
import { beforeEach, describe, expect, test, afterEach } from 'vitest'
import { now } from '../../durable-objects/clock.ts'
import { SOCKET_HEADER, type Identity, type SocketRequest } from '../../durable-objects/rpc.ts'
import { saveUser } from '../../worker/directory.ts'
import { env } from 'cloudflare:workers'
import { setFaults } from './helpers/faults.ts'
import { EVICTIONS, evict, locationHub, look, userHub } from './helpers/hubs.ts'
import { send, sendMany, trySend } from './helpers/sends.ts'
import { addUser, join, openShop, unique, type Shop } from './helpers/shop.ts'
import { openSocket, TestSocket } from './helpers/socket.ts'
import { adminToken } from './helpers/tokens.ts'

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

const seqs = (socket: TestSocket) => socket.of('notification').map((frame) => frame.seq)
const logged = () =>
  look(userHub(id), (sql) => sql.all<{ n: number }>('SELECT count(*) AS n FROM log')[0]?.n)
/** Pairing a display comes later; hubs know it already. */
async function openDisplay(): Promise<TestSocket> {
  const identity: Identity = {
    sub: `display:${unique('wall')}`,
    role: 'display',
    loc: { [location]: 'display' },
    scp: [],
    exp: now() / 1_000 + 900,
    jti: unique('token'),
  }
  const asked: SocketRequest = { identity, device: null, epoch: null, since: null }
  const { webSocket } = await locationHub(location).fetch('https://hub.invalid/', {
    headers: { Upgrade: 'websocket', [SOCKET_HEADER]: JSON.stringify(asked) },
  })
  if (!webSocket) throw new Error('the display was refused')
  return new TestSocket(webSocket)
}

const isReplay = (headers: Headers) => headers.get('Idempotent-Replayed') === 'true'

describe('[CO5] a key', () => {
  test.each(['awake', ...EVICTIONS] as const)(
    '[CO5] with the same body gives the same answer and no second effect (%s)',
    async (how) => {
      const socket = await openSocket({ token })
      const first = await trySend({ user_id: id }, { key: 'k' })
      if (how !== 'awake') await evict(userHub(id), how)
      const again = await trySend({ user_id: id }, { key: 'k' })
      expect([first.status, again.status, again.body]).toEqual([201, 201, first.body])
      expect([isReplay(first.headers), isReplay(again.headers)]).toEqual([false, true])
      expect(await logged()).toBe(1)
      if (how !== 'close') {
        await socket.settled()
        expect(seqs(socket)).toEqual([1])
      }
    },
  )

  test('[CO5] with another body is refused, and the first stays', async () => {
    await send({ user_id: id }, { key: 'k' })
    const other = await trySend({ user_id: id }, { key: 'k', title: 'Something else' })
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_mismatch' } })
    expect(await logged()).toBe(1)
  })

  test('[CO5] sent forty times at once writes once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => trySend({ user_id: id }, { key: 'k' })),
    )
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(answers.filter(({ headers }) => !isReplay(headers))).toHaveLength(1)
    expect(await logged()).toBe(1)
  })

  test('[CO5] is each hub’s own: another recipient is another request', async () => {
    const [a, b] = [
      await send({ user_id: id }, { key: 'k' }),
      await send({ user_id: shop.colleague.id }, { key: 'k' }),
    ]
    expect(a.id).not.toBe(b.id)
  })

  test('[CO5][AR3] a replay says how it is archived now', async () => {
    await setFaults({ d1: { down: true } })
    const first = await trySend({ user_id: id }, { key: 'k' })
    const again = await trySend({ user_id: id }, { key: 'k' })
    expect([first.status, again.status]).toEqual([202, 202])
    await setFaults()
    await expect
      .poll(async () => (await trySend({ user_id: id }, { key: 'k' })).body.archived, {
        timeout: 15_000,
      })
      .toBe(true)
  })
})

describe('who gets an entry of a location', () => {
  test.each(['awake', 'hibernate'] as const)(
    '[NO4] managers, staff, an admin and a display (%s)',
    async (how) => {
      const owner = await addUser('owner', { role: 'admin' })
      const sockets = {
        manager: await openSocket({ token: shop.manager.token, location }),
        staff: await openSocket({ token, location }),
        admin: await openSocket({ token: await adminToken(owner.id), location }),
        display: await openDisplay(),
      }
      if (how === 'hibernate') await evict(locationHub(location), how)
      await send({ location_id: location, roles: ['manager'] })
      await send({ location_id: location, roles: ['staff'] })
      await send({ location_id: location })
      for (const socket of Object.values(sockets)) {
        await socket.frame('notification', (frame) => frame.seq === 3)
      }
      expect(Object.entries(sockets).map(([who, socket]) => [who, ...seqs(socket)])).toEqual([
        ['manager', 1, 3],
        ['staff', 2, 3],
        ['admin', 1, 2, 3],
        ['display', 3],
      ])
      expect(sockets.staff.of('notification')[0]?.data.state).toBeNull()
    },
  )

  test('[NO2] each in their own language', async () => {
    const spanish = await join(location, await addUser('es', { locale: 'es' }), 'staff')
    const owner = await addUser('owner', { role: 'admin' })
    const boss = await addUser('boss', { role: 'admin', locale: 'es' })
    await join(location, boss, 'manager')
    const tokens = [token, spanish.token, await adminToken(owner.id), await adminToken(boss.id)]
    const sockets: TestSocket[] = []
    for (const one of tokens) sockets.push(await openSocket({ token: one, location }))
    await send(
      { location_id: location },
      {
        type: 'appointment.booked',
        title: undefined,
        data: {
          appointment_id: 'a',
          client_name: 'Zoë',
          service: 'Cut',
          time: '2026-11-24T10:00:00Z',
        },
      },
    )
    const titles = []
    for (const socket of sockets) titles.push((await socket.frame('notification')).data.title)
    expect(titles).toEqual([
      'Zoë booked a cut',
      expect.stringContaining('Zoë ha reservado'),
      'Zoë booked a cut',
      expect.stringContaining('Zoë ha reservado'),
    ])
  })

  test('[NO2] who changes their language reads the next one in it', async () => {
    const socket = await openSocket({ token })
    await saveUser(env, id, { name: 'staff', locale: 'es' })
    await send(
      { user_id: id },
      {
        type: 'performance.goal_achieved',
        title: undefined,
        data: { metric: 'revenue', value: 2, goal: 1 },
      },
    )
    expect((await socket.frame('notification')).data.title).toMatch(/objetivo|meta/i)
  })
})

describe('[NO6] a collapse key', () => {
  test.each(['awake', ...EVICTIONS] as const)('names what it replaces (%s)', async (how) => {
    const first = await send({ user_id: id }, { collapse_key: 'k' })
    if (how !== 'awake') await evict(userHub(id), how)
    const socket = await openSocket({ token })
    await send({ user_id: id }, { collapse_key: 'k' })
    expect((await socket.frame('notification')).data.replaces).toBe(first.id)
  })

  test('in one call goes out in order, and only the last is replayed', async () => {
    const first = await openSocket({ token })
    await sendMany({ user_id: id }, 3, { collapse_key: 'k' })
    await first.frame('notification', (frame) => frame.seq === 3)
    const back = await openSocket({ token, epoch: first.welcome.epoch, since: 0 })
    await back.settled()
    expect([seqs(first), seqs(back)]).toEqual([[1, 2, 3], [3]])
  })
})

test('[ST1][NO1] what many send at once stands in one order, times and all', async () => {
  const socket = await openSocket({ token })
  const answers = await Promise.all(Array.from({ length: 60 }, () => send({ user_id: id })))
  await socket.frame('notification', (frame) => frame.seq === 60)
  const order = answers.map((answer) => answer.seq).toSorted((a, b) => a - b)
  expect(order).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
  expect(seqs(socket)).toEqual(order)
  const times = socket.of('notification').map(({ data }) => data.sent_at)
  expect(times).toEqual([...new Set(times)].toSorted())
})
