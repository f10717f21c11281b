// [WS4] Coming back to a stream: everything that was missed, in order, or the advice to take a snapshot.
import { beforeEach, describe, expect, test, afterEach } from 'vitest'
import type { WelcomeFrame } from '../../protocol/server-frames.ts'
import { must } from './helpers/api.ts'
import { letPass, setFaults } from './helpers/faults.ts'
import { EVICTIONS, evict, look, userHub, locationHub } from './helpers/hubs.ts'
import { send, sendMany } from './helpers/sends.ts'
import { openShop, type Shop } from './helpers/shop.ts'
import { openSocket, type TestSocket } from './helpers/socket.ts'
import { memberToken } from './helpers/tokens.ts'

let shop: Shop
let id: string
let token: string

beforeEach(async () => {
  shop = await openShop()
  ;({ id, token } = shop.staff)
})
afterEach(async () => {
  await setFaults()
})

const seqs = (socket: TestSocket) => socket.of('notification').map((frame) => frame.seq)
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)
const resume = async ({ epoch }: WelcomeFrame, since: number | string, location?: string) => {
  const socket = await openSocket({ token, epoch, since, ...(location && { location }) })
  await socket.settled()
  return socket
}

describe.each(['awake', ...EVICTIONS] as const)('a resume (%s)', (how) => {
  test('[WS4][ST3] brings exactly what was missed, in order, in one burst behind the welcome', async () => {
    const first = await openSocket({ token })
    await sendMany({ user_id: id }, 10)
    if (how !== 'awake') await evict(userHub(id), how)
    const socket = await resume(first.welcome, 4)
    expect(socket.welcome).toMatchObject({ recovered: true, seq: 10 })
    expect(seqs(socket)).toEqual(range(5, 10))
    expect(socket.texts).toHaveLength(2)
  })

  test('[WS4] of a location’s stream, too', async () => {
    const { location } = shop
    const first = await openSocket({ token, location })
    await sendMany({ location_id: location }, 5)
    await sendMany({ location_id: location, roles: ['manager'] }, 2)
    await send({ location_id: location })
    if (how !== 'awake') await evict(locationHub(location), how)
    const socket = await resume(first.welcome, 3, location)
    expect([socket.welcome.recovered, seqs(socket)]).toEqual([true, [4, 5, 8]])
  })
})

describe('whether a resume can be whole', () => {
  test('[WS4] at the head nothing was missed', async () => {
    const { welcome } = await openSocket({ token })
    expect((await resume(welcome, 0)).welcome.recovered).toBe(true)
    await send({ user_id: id })
    expect((await resume(welcome, 1)).welcome.recovered).toBe(true)
  })

  test.each<[string, (welcome: WelcomeFrame) => { epoch?: string; since?: number }]>([
    ['[WS4] above the head', ({ epoch }) => ({ epoch, since: 4 })],
    ['[WS4] without an epoch', () => ({ since: 3 })],
    ['[WS4] without since', ({ epoch }) => ({ epoch })],
    ['[ST1] in another epoch', ({ epoch }) => ({ epoch: epoch.replace(/.$/, 'x'), since: 3 })],
  ])('%s it cannot', async (_rule, asked) => {
    const first = await openSocket({ token })
    await sendMany({ user_id: id }, 3)
    const socket = await openSocket({ token, ...asked(first.welcome) })
    await socket.settled()
    expect([socket.welcome.recovered, socket.welcome.seq, seqs(socket)]).toEqual([false, 3, []])
  })

  test('[WS4] 500 behind it can, 501 it cannot', async () => {
    const { welcome } = await openSocket({ token })
    await sendMany({ user_id: id }, 501)
    const near = await resume(welcome, 1)
    expect([near.welcome.recovered, seqs(near)]).toEqual([true, range(2, 501)])
    const far = await resume(welcome, 0)
    expect([far.welcome.recovered, seqs(far)]).toEqual([false, []])
  })

  test('[ST4] after the log was trimmed, what is kept resumes as before', async () => {
    const { welcome } = await openSocket({ token })
    await sendMany({ user_id: id }, 1_300)
    await letPass(25 * 3_600_000)
    token = await memberToken(id)
    await send({ user_id: id })
    const kept = await look(userHub(id), (sql) =>
      sql.all<{ seq: number }>('SELECT seq FROM log ORDER BY seq').map((row) => row.seq),
    )
    expect(kept).toEqual(range(301, 1_301))
    await evict(userHub(id), 'hibernate')
    const fresh = await openSocket({ token })
    expect(fresh.welcome).toMatchObject({ epoch: welcome.epoch, seq: 1_301 })
    expect(seqs(await resume(fresh.welcome, 1_299))).toEqual([1_300, 1_301])
  })
})

describe('what a resume skips', () => {
  test('[WS4][NO6] but not an expired or deleted one that took another’s place', async () => {
    const first = await openSocket({ token })
    const soon = { collapse_key: 'k', expires_at: new Date(Date.now() + 60_000).toISOString() }
    const one = await send({ user_id: id }, { collapse_key: 'k' })
    const two = await send({ user_id: id }, soon)
    await letPass(120_000)
    token = await memberToken(id)
    const later = await resume(first.welcome, one.seq)
    expect(later.of('notification').map(({ data }) => [data.id, data.replaces])).toEqual([
      [two.id, one.id],
    ])
    const three = await send({ user_id: id }, { collapse_key: 'k' })
    await must(`DELETE /api/v1/notifications/${three.id}`, { token })
    const last = await resume(first.welcome, two.seq)
    expect(last.all.map(({ type }) => type)).toContain('notification_state')
    expect(last.of('notification').map(({ data }) => data.id)).toEqual([three.id])
  })

  test('[WS4] an expired entry', async () => {
    const { welcome } = await openSocket({ token })
    await send({ user_id: id }, { expires_at: new Date(Date.now() + 60_000).toISOString() })
    await send({ user_id: id })
    expect(seqs(await resume(welcome, 0))).toEqual([1, 2])
    await letPass(61_000)
    const fresh = await openSocket({ token })
    expect(seqs(await resume(fresh.welcome, 0))).toEqual([2])
  })

  test.each(['awake', ...EVICTIONS] as const)(
    '[WS4][NO6] a replaced entry, at home and copied (%s)',
    async (how) => {
      const { location } = shop
      const own = await openSocket({ token })
      const ids: string[] = []
      for (const to of [{ user_id: id }, { location_id: location }]) {
        for (let index = 0; index < 3; index += 1) {
          ids.push((await send(to, { collapse_key: 'till' })).id)
        }
      }
      await own.frame('notification', ({ data }) => data.id === ids[5])
      if (how !== 'awake')
        await Promise.all([evict(userHub(id), how), evict(locationHub(location), how)])
      const socket = await resume(own.welcome, 0)
      expect(socket.of('notification').map(({ data }) => [data.id, data.replaces])).toEqual([
        [ids[2], ids[1]],
        [ids[5], ids[4]],
      ])
    },
  )

  test('[NO6] another audience, another key and another person are not replaced', async () => {
    const { location } = shop
    const { welcome } = await openSocket({ token, location })
    await send({ location_id: location }, { collapse_key: 'a' })
    await send({ location_id: location, roles: ['staff'] }, { collapse_key: 'a' })
    await send({ location_id: location }, { collapse_key: 'b' })
    expect(seqs(await resume(welcome, 0, location))).toEqual([1, 2, 3])
  })
})

test.each(['own', 'location'] as const)(
  '[ST5] an entry that cannot be written does not silence the %s stream',
  async (kind) => {
    const { location } = shop
    const to = kind === 'own' ? { user_id: id } : { location_id: location }
    const hub = kind === 'own' ? userHub(id) : locationHub(location)
    const { welcome } = await openSocket({ token, ...(kind === 'location' && { location }) })
    await sendMany(to, 3)
    await look(hub, (sql) => sql.run("UPDATE log SET body = '{' WHERE seq = 2"))
    const socket = await resume(welcome, 0, kind === 'location' ? location : undefined)
    expect([socket.welcome.recovered, seqs(socket)]).toEqual([true, [1, 3]])
  },
)

test('[ST3][ST5] sockets that come and go while entries are written miss nothing and see nothing twice', async () => {
  const { location } = shop
  const first = await openSocket({ token, location })
  const writing = (async () => {
    for (let index = 0; index < 40; index += 1) await send({ location_id: location })
  })()
  const seen: number[][] = []
  let since = 0
  while (since < 40) {
    const socket = await resume(first.welcome, since, location)
    expect(socket.welcome.recovered).toBe(true)
    const got = seqs(socket)
    if (got.length > 0) seen.push(got)
    since = got.at(-1) ?? since
    socket.close()
  }
  await writing
  expect(seen.flat()).toEqual(range(1, 40))
  expect(seqs(first)).toEqual(range(1, 40))
})
