// [ST5][ST7][CO5] What is promised holds whenever a process dies, and whatever becomes of an answer on its way.
import { abortAllDurableObjects, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { InboxAnswer, SendAnswer } from '../../protocol/api.ts'
import { endMembership } from '../../worker/directory.ts'
import { call, must } from './helpers/api.ts'
import { setFaults } from './helpers/faults.ts'
import { EVICTIONS, eventually, evict, locationHub, look, userHub } from './helpers/hubs.ts'
import { send, sendMany, trySend } from './helpers/sends.ts'
import { openShop, type Shop } from './helpers/shop.ts'
import { openSocket, type TestSocket } from './helpers/socket.ts'
import { adminToken, serviceToken } from './helpers/tokens.ts'

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

const seqs = (socket: TestSocket) => socket.of('notification').map((frame) => frame.seq)
const range = (to: number) => Array.from({ length: to }, (_, index) => index + 1)
const inbox = () => must<InboxAnswer>('GET /api/v1/notifications?limit=100', { token })
const resume = async ({ welcome }: TestSocket, since: number) => {
  const socket = await openSocket({ token, epoch: welcome.epoch, since })
  await socket.settled()
  return socket
}

type Result = Omit<SendAnswer, 'status'> & { status: number; idempotent_replayed?: true }

/** A batch of two to this person; `own` keys its items themselves. */
async function sendTwo(key: string, own = false): Promise<Result[]> {
  const items = ['first', 'second'].map((title, index) => ({
    to: { user_id: id },
    type: 'custom',
    title,
    ...(own && { idempotency_key: `${key}-${index}` }),
  }))
  const { body } = await call<{ results: Result[] }>('POST /api/v1/notifications/batch', {
    token: await serviceToken(),
    body: { notifications: items },
    headers: own ? {} : { 'Idempotency-Key': key },
  })
  return body.results
}

describe('[CO5] a key', () => {
  test.each([
    ['of the header', false],
    ['of each item', true],
  ])('%s: forty batches at once write each item once', async (_which, own) => {
    const all = await Promise.all(Array.from({ length: 40 }, () => sendTwo('k', own)))
    for (const item of [0, 1]) {
      const results = all.map((batch) => batch[item])
      expect(new Set(results.map((one) => one?.id)).size).toBe(1)
      expect(results.filter((one) => !one?.idempotent_replayed)).toHaveLength(1)
    }
    expect((await inbox()).data).toHaveLength(2)
  })

  test('an item’s key and the header’s are the same to no item', async () => {
    const [first] = await sendTwo('k')
    const [other] = await sendTwo('k', true)
    expect(first?.id).not.toBe(other?.id)
  })

  test('holds across a killed process, whether its answer came or not', async () => {
    await setFaults({ d1: { delay_ms: 200 } })
    const cut = Array.from({ length: 5 }, (_, index) =>
      trySend({ user_id: id }, { key: `k${index}` }),
    )
    await eventually(async () =>
      expect(await look(userHub(id), (sql) => sql.all('SELECT seq FROM log'))).not.toEqual([]),
    )
    await abortAllDurableObjects()
    const before = await Promise.all(cut)
    await setFaults()
    const after = await Promise.all(
      cut.map((_, index) => trySend({ user_id: id }, { key: `k${index}` })),
    )
    expect(after.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201])
    for (const [index, { status, body }] of before.entries()) {
      if (status < 300) expect(after[index]?.body.id).toBe(body.id)
    }
    expect((await inbox()).data.map((one) => one.seq).toSorted()).toEqual(range(5))
  })
})

describe('between two hubs', () => {
  /** Calls to this person's hub: `how` decides what becomes of a nudge. */
  function onNudge(how: (nudge: () => Promise<unknown>) => Promise<unknown>) {
    const getByName = env.USER_HUB.getByName.bind(env.USER_HUB)
    return vi.spyOn(env.USER_HUB, 'getByName').mockImplementation((name, options) => {
      const stub = getByName(name, options)
      if (name !== `user:${id}`) return stub
      const nudge = (place: string, number: number) => how(() => stub.nudge(place, number))
      return { nudge } as unknown as typeof stub
    })
  }
  const write = (title: string, hub = locationHub(location)) =>
    hub.send(
      [
        {
          send: { to: { location_id: location }, type: 'custom', title },
          sender: 'service:test',
          created_at: new Date().toISOString(),
          idempotency: null,
        },
      ],
      null,
      0,
    )

  test('[ST7] a process that dies after the commit and before the nudge: the alarm of the next one tells', async () => {
    const socket = await openSocket({ token })
    const asked = Promise.withResolvers<void>()
    const lost = onNudge(async () => {
      asked.resolve()
      return new Promise(() => {})
    })
    await write('committed')
    await asked.promise
    await abortAllDurableObjects()
    lost.mockRestore()
    await runDurableObjectAlarm(locationHub(location))
    const back = await resume(socket, 0)
    expect([back.welcome.recovered, seqs(back)]).toEqual([true, [1]])
    // And who came back hears what comes next.
    await write('next')
    await back.frame('notification', ({ data }) => data.title === 'next')
  })

  test.each(EVICTIONS)(
    '[ST7] a location hub that goes right after its commit (%s): a socket that stayed hears by the alarm',
    async (how) => {
      const socket = await openSocket({ token })
      const lost = onNudge(() => Promise.reject(new Error('the call was lost')))
      await write('told late')
      await evict(locationHub(location), how)
      lost.mockRestore()
      await runDurableObjectAlarm(locationHub(location))
      await socket.frame('notification', ({ data }) => data.title === 'told late')
      expect(seqs(socket)).toEqual([1])
    },
  )

  test('[ST7] a process that dies after the nudge and before the copy: the next socket has it, once', async () => {
    const socket = await openSocket({ token })
    // The user hub's question for entries is on its way, and never answered.
    const asked = Promise.withResolvers<void>()
    const here = locationHub(location)
    const pull = () => {
      asked.resolve()
      return new Promise(() => {})
    }
    const silent = { pull } as unknown as typeof here
    const again = vi.spyOn(env.LOCATION_HUB, 'getByName').mockReturnValue(silent)
    await write('nudged', here)
    await asked.promise
    await abortAllDurableObjects()
    again.mockRestore()
    const back = await resume(socket, 0)
    expect([back.welcome.recovered, seqs(back)]).toEqual([true, [1]])
    expect(back.of('notification')[0]?.data.title).toBe('nudged')
  })

  test('[ST7] a hub that hangs keeps nobody else from what comes next', async () => {
    const [slow, fast] = [
      await openSocket({ token }),
      await openSocket({ token: shop.manager.token }),
    ]
    const hanging = onNudge(() => new Promise(() => {}))
    const begun = Date.now()
    for (const title of ['one', 'two', 'three']) {
      await write(title)
      await fast.frame('notification', ({ data }) => data.title === title)
    }
    // Waited for to the end, it would be two seconds for each.
    expect(Date.now() - begun).toBeLessThan(3_500)
    hanging.mockRestore()
    await runDurableObjectAlarm(locationHub(location))
    await eventually(async () => {
      await runDurableObjectAlarm(locationHub(location))
      expect(seqs(slow)).toEqual([1, 2, 3])
    })
  })
})

describe('an answer of D1 that is lost', () => {
  test.each(['awake', 'killed'] as const)(
    '[AR2][ST5] the batch has landed: nothing is written twice, and the log goes on (%s)',
    async (how) => {
      const batch = env.DB.batch.bind(env.DB)
      const lost = vi.spyOn(env.DB, 'batch').mockImplementation(async (statements) => {
        await batch(statements)
        throw new Error('Network connection lost.')
      })
      const [first] = await sendMany({ user_id: id }, 3)
      expect(first?.archived).toBe(false)
      lost.mockRestore()
      if (how === 'killed') await abortAllDurableObjects()
      await send({ user_id: id })
      await eventually(async () => expect((await inbox()).counts.unread).toBe(4))
      expect((await inbox()).data.map((one) => one.seq)).toEqual([4, 3, 2, 1])
    },
  )

  test('[AR2] a batch that lands late, behind others, changes nothing', async () => {
    const batch = env.DB.batch.bind(env.DB)
    const late: (() => Promise<unknown>)[] = []
    const held = vi.spyOn(env.DB, 'batch').mockImplementation((statements) => {
      late.push(() => batch(statements))
      return Promise.reject(new Error('Network connection lost.'))
    })
    await send({ user_id: id }, { title: 'held back' })
    held.mockRestore()
    await userHub(id).wake()
    await send({ user_id: id }, { title: 'another' })
    expect((await inbox()).counts.unread).toBe(2)
    const outcomes = await Promise.allSettled(late.map((land) => land()))
    expect(outcomes.map((one) => one.status)).toContain('rejected')
    const { data, counts } = await inbox()
    expect([data.map((one) => one.seq), counts.unread]).toEqual([[2, 1], 2])
  })
})

describe('while D1 is slow', () => {
  test('[AR4] live delivery, resume and other people’s answers do not wait for it', async () => {
    const own = await openSocket({ token })
    const room = await openSocket({ token, location })
    await setFaults({ d1: { delay_ms: 4_000 } })
    const sends = [trySend({ user_id: id }), trySend({ location_id: location })]
    await own.frame('notification', ({ data }) => data.stream === `user:${id}`)
    await own.frame('notification', ({ data }) => data.stream === `location:${location}`)
    await room.frame('notification')
    const back = await resume(own, 0)
    expect([back.welcome.recovered, seqs(back)]).toEqual([true, [1, 2]])
    const answers = await Promise.all(sends)
    expect(answers.map(({ status, body }) => [status, body.archived])).toEqual([
      [202, false],
      [202, false],
    ])
    const archived = await env.DB.prepare(
      'SELECT count(*) AS n FROM notifications WHERE stream = ?',
    )
      .bind(`user:${id}`)
      .first('n')
    expect(archived).toBe(0)
  })
})

describe('[WS12] a socket that acknowledges nothing', () => {
  test('is closed behind a thousand entries, and what it missed comes with the next', async () => {
    const slow = await openSocket({ token })
    const fine = await openSocket({ token })
    await sendMany({ user_id: id }, 600)
    await fine.frame('notification', (frame) => frame.seq === 600)
    expect((await fine.ask({ type: 'ack', seq: 600 })).type).toBe('ok')
    await sendMany({ user_id: id }, 401)
    expect(await slow.frame('bye')).toMatchObject({
      code: 4008,
      reason: 'slow_consumer',
      retry: true,
    })
    expect((await slow.closed).code).toBe(4008)
    await fine.frame('notification', (frame) => frame.seq === 1_001)
    expect(fine.of('bye')).toEqual([])
    const last = seqs(slow).at(-1) ?? 0
    const back = await resume(slow, last)
    expect(back.welcome.recovered).toBe(true)
    expect([...seqs(slow), ...seqs(back)]).toEqual(range(1_001))
  })
})

describe.each(EVICTIONS)('[AU8] who is out while hubs are not in memory (%s)', (how) => {
  test('hears so on every socket that is still there, and opens none', async () => {
    const own = await openSocket({ token })
    const room = await openSocket({ token, location })
    const admin = await adminToken()
    await Promise.all([evict(userHub(id), how), evict(locationHub(location), how)])
    await endMembership(env, location, id)
    if (how === 'hibernate') {
      expect(await room.frame('bye')).toMatchObject({ code: 4503, retry: false })
      expect((await own.frame('membership')).data).toEqual({ location_id: location, role: null })
    }
    await expect(openSocket({ token, location })).rejects.toThrow('answers 403')
    const again = how === 'hibernate' ? own : await openSocket({ token })
    await evict(userHub(id), 'hibernate')
    await must(`DELETE /api/v1/users/${id}`, { token: admin })
    expect((await again.frame('bye')).code).toBe(4503)
    await expect(openSocket({ token })).rejects.toThrow(/answers 40[13]/)
  })
})
