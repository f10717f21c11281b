// [AR2] Entries that D1 refuses for their content: seen, tried again, and in the end as if nothing had been.
import { abortAllDurableObjects, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type {
  CommandAnswer,
  InboxAnswer,
  ParkedEntry,
  ParkedList,
  RetryAnswer,
  SendAnswer,
} from '../../protocol/api.ts'
import { call, must, refusal } from './helpers/api.ts'
import { letPass, setFaults } from './helpers/faults.ts'
import { EVICTIONS, eventually, evict, locationHub, look, userHub } from './helpers/hubs.ts'
import { send, sendMany, trySend } from './helpers/sends.ts'
import { openShop, type Shop } from './helpers/shop.ts'
import { openSocket } from './helpers/socket.ts'
import { adminToken, memberToken } from './helpers/tokens.ts'

let shop: Shop
let id: string
let token: string
let admin: string

beforeEach(async () => {
  shop = await openShop()
  ;({ id, token } = shop.staff)
  admin = await adminToken()
})
afterEach(async () => {
  vi.restoreAllMocks()
  await env.DB.exec('DROP TRIGGER IF EXISTS refuse_marks')
  await env.DB.exec('DROP TRIGGER IF EXISTS refuse_steps')
  await setFaults()
})

const parkedOf = async (stream: string): Promise<ParkedEntry[]> => {
  const { data } = await must<ParkedList>('GET /api/v1/archive/parked?limit=100', { token: admin })
  return data.filter((one) => one.stream === stream)
}
const retryRoute = (stream: string, seq: number) =>
  `POST /api/v1/archive/parked/${encodeURIComponent(stream)}/${seq}/retry`
const retry = (stream: string, seq: number) =>
  must<RetryAnswer>(retryRoute(stream, seq), { token: admin })
const inbox = () => must<InboxAnswer>('GET /api/v1/notifications', { token })
const titles = async () => (await inbox()).data.map((one) => one.title)
const countOf = (stream: string) =>
  env.DB.prepare('SELECT parked FROM hub_stats WHERE hub = ?').bind(stream).first('parked')

/** Sends while D1 refuses what carries this title. */
async function sendPoison(to: Parameters<typeof send>[0], more = {}): Promise<SendAnswer> {
  const title = `poison ${crypto.randomUUID()}`
  await setFaults({ d1: { refuse: title } })
  const { status, body } = await trySend(to, { title, ...more })
  expect([status, body.archived]).toEqual([202, false])
  return body
}

describe('a parked entry', () => {
  test.each(['user', 'location'] as const)(
    '[AR2] of a %s stream is delivered, listed without a word of it, and retried to its place',
    async (kind) => {
      const to = kind === 'user' ? { user_id: id } : { location_id: shop.location }
      const stream = kind === 'user' ? `user:${id}` : `location:${shop.location}`
      const socket = await openSocket({ token })
      await send(to, { title: 'before' })
      const poison = await sendPoison(to)
      await socket.frame('notification', ({ data }) => data.id === poison.id)
      await send(to, { title: 'after' })
      const { counts, as_of } = await inbox()
      expect([await titles(), counts.unread, as_of[stream]]).toEqual([['after', 'before'], 2, 3])
      const listed = await parkedOf(stream)
      expect(listed).toEqual([
        {
          stream,
          epoch: expect.stringMatching(/^[0-9a-f-]{36}$/),
          seq: 2,
          id: poison.id,
          kind: 'notification',
          parked_at: expect.stringMatching(/Z$/),
          reason: 'constraint failed',
        },
      ])
      expect(await countOf(stream)).toBe(1)

      expect(await refusal(retryRoute(stream, 2), { token: admin })).toBe('409 archive_refused')
      expect((await parkedOf(stream))[0]?.parked_at).not.toBe(listed[0]?.parked_at)
      await setFaults()
      const epoch = listed[0]?.epoch
      const answer = { stream, epoch, seq: 2, id: poison.id, kind: 'notification', archived: true }
      expect(await retry(stream, 2)).toEqual(answer)
      const whole = await inbox()
      expect(whole.data.map((one) => one.seq)).toEqual([3, 2, 1])
      expect([whole.counts.unread, whole.as_of[stream]]).toEqual([3, 3])
      expect(await parkedOf(stream)).toEqual([])
      await eventually(async () => expect(await countOf(stream)).toBe(0))
      expect(await refusal(retryRoute(stream, 2), { token: admin })).toBe('404 not_found')
    },
  )

  test.each(['hibernate', 'close', 'killed'] as const)(
    '[AR2][WS13] is still parked after its hub was gone (%s), and can be retried',
    async (how) => {
      await send({ user_id: id }, { title: 'before' })
      await sendPoison({ user_id: id })
      if (how === 'killed') await abortAllDurableObjects()
      else await evict(userHub(id), how)
      await send({ user_id: id }, { title: 'after' })
      expect(await parkedOf(`user:${id}`)).toHaveLength(1)
      await setFaults()
      expect(await retry(`user:${id}`, 2)).toMatchObject({ seq: 2, archived: true })
      expect((await inbox()).counts.unread).toBe(3)
    },
  )

  test('[AR2] in the middle of a hundred is the only one missing, and comes once', async () => {
    await setFaults({ d1: { down: true } })
    await sendMany({ user_id: id }, 100)
    await setFaults({ d1: { refuse: 'Number 50"' } })
    await eventually(async () => expect((await inbox()).counts.unread).toBe(99))
    await setFaults()
    await Promise.all(
      Array.from({ length: 3 }, () => call(retryRoute(`user:${id}`, 50), { token: admin })),
    )
    const { data, counts } = await must<InboxAnswer>('GET /api/v1/notifications?limit=100', {
      token,
    })
    expect(data.map((one) => one.seq)).toEqual(
      Array.from({ length: 100 }, (_, index) => 100 - index),
    )
    expect(counts.unread).toBe(100)
  })

  test('[CO5] is told of as not archived to who sends it again, until it is', async () => {
    const title = `poison ${crypto.randomUUID()}`
    await setFaults({ d1: { refuse: title } })
    const again = () => trySend({ user_id: id }, { title, key: 'once' })
    expect([(await again()).status, (await again()).status]).toEqual([202, 202])
    await setFaults()
    await retry(`user:${id}`, 1)
    const { status, body } = await again()
    expect([status, body.archived, body.seq]).toEqual([201, true, 1])
  })

  test('[NO6] that a newer one of its key has replaced is not shown, and one that it replaces is not either', async () => {
    const key = { collapse_key: 'till' }
    await send({ user_id: id }, { ...key, title: 'oldest' })
    await sendPoison({ user_id: id }, key)
    expect(await titles()).toEqual(['oldest'])
    await setFaults()
    await retry(`user:${id}`, 2)
    expect(await titles()).toEqual([expect.stringContaining('poison')])
    await sendPoison({ user_id: id }, key)
    await send({ user_id: id }, { ...key, title: 'newest' })
    await setFaults()
    await retry(`user:${id}`, 3)
    expect([await titles(), (await inbox()).counts.unread]).toEqual([['newest'], 1])
  })

  test('[DI3] goes with its person', async () => {
    await sendPoison({ user_id: id })
    await must(`DELETE /api/v1/users/${id}`, { token: admin })
    expect(await parkedOf(`user:${id}`)).toEqual([])
    expect(await refusal(retryRoute(`user:${id}`, 1), { token: admin })).toBe('404 not_found')
  })

  test.each([
    'user:nobody/1',
    'location:nobody/1',
    'nobody/1',
    'user:nobody/x',
    'user:nobody/1e400',
    'user:%20/1',
  ])('[AR2] where nothing is, nothing comes into being: %s', async (path) => {
    const users = vi.spyOn(env.USER_HUB, 'getByName')
    const locations = vi.spyOn(env.LOCATION_HUB, 'getByName')
    const route = `POST /api/v1/archive/parked/${path}/retry`
    expect(await refusal(route, { token: admin })).toBe('404 not_found')
    expect([users.mock.calls, locations.mock.calls]).toEqual([[], []])
  })

  test('[AR2] that is none is not found, at a hub that is there', async () => {
    await send({ user_id: id })
    expect(await refusal(retryRoute(`user:${id}`, 1), { token: admin })).toBe('404 not_found')
    expect(await refusal(retryRoute(`user:${id}`, 7), { token: admin })).toBe('404 not_found')
  })
})

describe('while D1 is away', () => {
  test('[AR4] neither can be asked for', async () => {
    await sendPoison({ user_id: id })
    await setFaults({ d1: { down: true } })
    for (const route of ['GET /api/v1/archive/parked', retryRoute(`user:${id}`, 1)]) {
      expect(await refusal(route, { token: admin })).toBe('503 archive_unavailable')
    }
  })

  test.each(['awake', ...EVICTIONS] as const)(
    '[AR2] what was asked for before is done by the alarm (%s)',
    async (how) => {
      await sendPoison({ user_id: id })
      await setFaults({ d1: { down: true } })
      const result = await userHub(id).retryParked(1)
      expect(result.outcome).toBe('waiting')
      if (how !== 'awake') await evict(userHub(id), how)
      await letPass(61_000)
      token = await memberToken(id)
      admin = await adminToken()
      await eventually(async () => expect((await inbox()).counts.unread).toBe(1))
      await eventually(async () => expect(await countOf(`user:${id}`)).toBe(0))
      expect(await parkedOf(`user:${id}`)).toEqual([])
    },
  )

  test('[AR2] what D1 took without an answer does not stay parked', async () => {
    await sendPoison({ user_id: id })
    await setFaults()
    const batch = env.DB.batch.bind(env.DB)
    const lost = vi.spyOn(env.DB, 'batch').mockImplementation(async (statements) => {
      await batch(statements)
      throw new Error('Network connection lost.')
    })
    expect((await userHub(id).retryParked(1)).outcome).toBe('waiting')
    lost.mockRestore()
    expect([(await inbox()).counts.unread, await parkedOf(`user:${id}`)]).toEqual([1, []])
    await letPass(61_000)
    token = await memberToken(id)
    await runDurableObjectAlarm(userHub(id))
    await eventually(async () => expect(await countOf(`user:${id}`)).toBe(0))
    expect((await inbox()).counts.unread).toBe(1)
  })
})

describe('what a person did', () => {
  /** D1 refuses marks or steps from now on. */
  const refuse = (what: 'marks' | 'steps') =>
    env.DB.exec(
      `CREATE TRIGGER refuse_${what} BEFORE INSERT ON inbox_${what} BEGIN SELECT RAISE(ABORT, 'constraint failed'); END`,
    )
  const allow = (what: 'marks' | 'steps') => env.DB.exec(`DROP TRIGGER refuse_${what}`)
  const command = (route: string) => call<CommandAnswer>(route, { token })

  test('[AR2][AR6] a parked mark is applied as the person has it now', async () => {
    const ids = (await sendMany({ user_id: id }, 3)).map((one) => one.id)
    await refuse('marks')
    for (const one of ids) {
      const { status, body } = await command(`PUT /api/v1/notifications/${one}/read`)
      expect([status, body.archived]).toEqual([202, false])
    }
    await allow('marks')
    const parked = await parkedOf(`user:${id}`)
    expect(parked.map(({ kind, seq }) => [kind, seq])).toEqual([
      ['mark', 4],
      ['mark', 5],
      ['mark', 6],
    ])
    expect((await inbox()).counts.unread).toBe(3)
    await command(`DELETE /api/v1/notifications/${ids[1]}/read`)
    for (const { seq } of parked.toReversed()) await retry(`user:${id}`, seq)
    const { data, counts } = await inbox()
    expect(data.map((one) => one.state?.is_read)).toEqual([true, false, true])
    expect([counts.unread, await parkedOf(`user:${id}`)]).toEqual([1, []])
  })

  test('[AR2][AR6] a parked step leaves alone what came after it', async () => {
    const ids = (await sendMany({ user_id: id }, 3)).map((one) => one.id)
    await refuse('steps')
    expect((await command('POST /api/v1/notifications/read-all')).status).toBe(202)
    await allow('steps')
    await send({ user_id: id }, { title: 'later' })
    await command(`DELETE /api/v1/notifications/${ids[0]}/read`)
    expect((await inbox()).counts.unread).toBe(4)
    expect(await parkedOf(`user:${id}`)).toMatchObject([{ kind: 'step', seq: 4, id: null }])
    await retry(`user:${id}`, 4)
    const { data, counts } = await inbox()
    expect(data.map((one) => one.state?.is_read)).toEqual([false, true, true, false])
    expect(counts.unread).toBe(2)
  })
})

test('[DI3][AR2] a hub that had archived nothing writes nothing of who was erased meanwhile', async () => {
  await setFaults({ d1: { down: true } })
  await send({ user_id: id })
  await look(userHub(id), (_, state) => state.storage.deleteAlarm())
  await setFaults()
  const erase = ['notifications', 'archive_cursors'].map((table) =>
    env.DB.prepare(`DELETE FROM ${table} WHERE stream = ?`).bind(`user:${id}`),
  )
  await env.DB.batch([...erase, env.DB.prepare('DELETE FROM users WHERE id = ?').bind(id)])
  await userHub(id)
    .wake()
    .catch(() => undefined)
  const left = await env.DB.prepare('SELECT count(*) AS n FROM notifications WHERE stream = ?')
    .bind(`user:${id}`)
    .first('n')
  expect(left).toBe(0)
  expect(await locationHub(shop.location).head()).not.toBeNull()
})
