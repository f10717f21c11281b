import { describe, expect, test } from 'vitest'
import {
  CLIENT_ID,
  CLIENT_SECRET,
  createFakeShopbell,
  problem,
} from '../../tests/package/fake-shopbell.ts'
import { createFakeClock } from '../../tests/fakes/fake-clock.ts'
import { ShopbellError } from '../errors.ts'
import { chunksOf } from './batch.ts'
import { createSender } from './sender.ts'
import type { BatchNotice, BatchResult } from './sends.ts'

const BATCH = '/notifications/batch'

const notices = (count: number): BatchNotice[] =>
  Array.from({ length: count }, (_, i) => ({
    to: { user_id: `user-${i}` },
    type: 'custom',
    title: `No ${i}`,
  }))

function setUp() {
  const fake = createFakeShopbell()
  const clock = createFakeClock()
  const sender = createSender({
    url: 'https://bell.test',
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    fetch: fake.fetch,
    clock,
    random: () => 0,
    newKey: () => 'day',
  })
  const send = async (all: readonly BatchNotice[]): Promise<BatchResult[] | ShopbellError> => {
    const ended = sender.sendBatch(all).catch((error: unknown) => {
      if (error instanceof ShopbellError) return error
      throw error
    })
    await clock.advance(600_000)
    return ended
  }
  const keys = () =>
    fake
      .sends()
      .map(({ body }) =>
        (body.notifications as BatchNotice[]).map(({ idempotency_key }) => idempotency_key),
      )
  return { fake, send, keys }
}

const words = (results: BatchResult[] | ShopbellError) =>
  results instanceof ShopbellError
    ? results.code
    : results.map((one) => (one.ok ? one.id : one.error.code))

describe('a batch', () => {
  test('[NO3] one result per notice, in their order, each under a key of its own', async () => {
    const { send, keys } = setUp()
    expect(
      words(await send([...notices(2), { ...notices(1)[0]!, idempotency_key: 'own' }])),
    ).toEqual(['n-1', 'n-2', 'n-3'])
    expect(keys()).toEqual([['day:0', 'day:1', 'own']])
  })

  test('nothing to send asks nobody', async () => {
    const { fake, send } = setUp()
    expect(await send([])).toEqual([])
    expect(fake.seen).toEqual([])
  })

  test('[NO3] one that is not right is refused here, and the others go', async () => {
    const { send, keys } = setUp()
    const [first, second, third] = notices(3)
    const results = await send([first!, { ...second!, title: '' }, third!])
    expect(words(results)).toEqual(['n-1', 'invalid', 'n-2'])
    expect(keys()).toEqual([['day:0', 'day:2']])
  })

  test("an item's problem is its own: code, status, fields", async () => {
    const { fake, send } = setUp()
    const errors = [{ pointer: '/to/user_id', message: 'is not a user here' }]
    fake.refuseItem('day:1', { status: 422, code: 'unknown_recipient', errors, request_id: 'r' })
    const results = await send(notices(2))
    expect(results).toMatchObject([
      { ok: true, index: 0, status: 'sent', stream: 'user:user-0', seq: 1, replayed: false },
      { ok: false, index: 1, error: { code: 'unknown_recipient', status: 422, fields: errors } },
    ])
  })

  test('[CO5] an item that failed for now goes again alone, with its key', async () => {
    const { fake, send, keys } = setUp()
    fake.refuseItem('day:1', { status: 503, code: 'unavailable' }, { status: 429 })
    expect(words(await send(notices(3)))).toEqual(['n-1', 'n-3', 'n-2'])
    expect(keys()).toEqual([['day:0', 'day:1', 'day:2'], ['day:1'], ['day:1']])
  })

  test('[CO5] a lost answer is asked for again, and nothing is sent twice', async () => {
    const { fake, send, keys } = setUp()
    fake.trouble(BATCH, 'no network')
    expect(words(await send(notices(2)))).toEqual(['n-1', 'n-2'])
    expect(keys()).toEqual([
      ['day:0', 'day:1'],
      ['day:0', 'day:1'],
    ])
  })

  test('an item that stays refused is an error of its own, after as many tries', async () => {
    const { fake, send } = setUp()
    fake.refuseItem('day:0', ...Array.from({ length: 9 }, () => ({ status: 503 })))
    expect(words(await send(notices(2)))).toEqual(['unavailable', 'n-1'])
    expect(fake.sends()).toHaveLength(5)
  })

  test('an item that stays refused does not keep the next request from going', async () => {
    const { fake, send } = setUp()
    fake.refuseItem('day:0', ...Array.from({ length: 9 }, () => ({ status: 503 })))
    const results = words(await send(notices(501)))
    expect([results[0], results[1], results[500]]).toEqual(['unavailable', 'n-1', 'n-500'])
  })

  test('more than fit one request go in several, one after the other', async () => {
    const { fake, send } = setUp()
    const results = await send(notices(1_001))
    expect(words(results)).toHaveLength(1_001)
    expect(fake.sends().map(({ body }) => (body.notifications as unknown[]).length)).toEqual([
      500, 500, 1,
    ])
  })

  test('when nobody answered anything it rejects', async () => {
    const { fake, send } = setUp()
    fake.trouble(BATCH, problem(403, { code: 'forbidden' }))
    expect(words(await send(notices(2)))).toBe('forbidden')
  })

  test('when a later request fails for good, what is known is not lost, and the rest is not tried', async () => {
    const { fake, send } = setUp()
    fake.trouble(BATCH, await answerOf(500), problem(403, { code: 'forbidden' }))
    const results = words(await send(notices(1_200)))
    expect([results[0], results[499], results[500], results[1_199]]).toEqual([
      'x-0',
      'x-499',
      'forbidden',
      'forbidden',
    ])
    expect(fake.sends()).toHaveLength(2)
  })

  test('an answer that leaves items out says so of them', async () => {
    const { fake, send } = setUp()
    fake.trouble(BATCH, await answerOf(1))
    expect(words(await send(notices(2)))).toEqual(['x-0', 'bad_answer'])
  })
})

const answerOf = async (count: number) =>
  Response.json({
    results: Array.from({ length: count }, (_, i) => ({
      id: `x-${i}`,
      stream: 'user:a',
      seq: 1,
      archived: true,
      status: 201,
    })),
  })

test('[CO6] requests stay under the number of bytes that the server takes', () => {
  const json = `"${'ä'.repeat(20_000)}"`
  const chunks = chunksOf(Array.from({ length: 60 }, (_, index) => ({ index, json })))
  const bytes = chunks.map((chunk) =>
    Buffer.byteLength(`{"notifications":[${chunk.map((one) => one.json).join(',')}]}`),
  )
  expect(chunks.map(({ length }) => length)).toEqual([26, 26, 8])
  expect(Math.max(...bytes)).toBeLessThanOrEqual(1024 * 1024)
})
