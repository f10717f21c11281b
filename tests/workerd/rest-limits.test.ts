// [CO6] With the limits on, and time standing still: what passes is then exactly what a bucket holds.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SendAnswer } from '../../protocol/api.ts'
import type { Problem } from '../../protocol/errors.ts'
import type { Notification } from '../../protocol/notification.ts'
import { app } from '../../worker/app.ts'
import { ORIGIN } from './helpers/api.ts'
import { setFaults } from './helpers/faults.ts'
import { openShop, unique, type Shop } from './helpers/shop.ts'
import { serviceToken } from './helpers/tokens.ts'

const SEND = 'POST /api/v1/notifications'
const BATCH = 'POST /api/v1/notifications/batch'
const LIST = 'GET /api/v1/notifications'
/** Asked wrongly: it costs nothing, and counts like any other. */
const WRONG = `${LIST}?limit=0`

/** A thousand requests on a busy machine. */
const PATIENCE_MS = 30_000

/** One object: what is read from it is remembered by it. */
const limitedEnv = { ...env, RATE_LIMITS: 'on' }

interface Answer {
  status: number
  headers: Headers
  body: unknown
}

async function ask(route: string, token: string, body?: unknown, headers = {}): Promise<Answer> {
  const [method = '', path = ''] = route.split(' ')
  const request = new Request(`${ORIGIN}${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const response = await app.fetch(request, limitedEnv, createExecutionContext())
  response.webSocket?.accept()
  response.webSocket?.close()
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? null : JSON.parse(text),
  }
}

const upgrade = (token: string) =>
  ask('GET /api/v1/ws', '', undefined, {
    Upgrade: 'websocket',
    'Sec-WebSocket-Protocol': `shopbell.v1, bearer.${token}`,
  })

const times = <T>(count: number, work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)))

const isSent = ({ status }: { status: number }) => status === 201 || status === 202

let shop: Shop
let clock: number

beforeEach(async () => {
  shop = await openShop()
  clock = Date.now()
  vi.spyOn(Date, 'now').mockImplementation(() => clock)
})
afterEach(async () => {
  vi.restoreAllMocks()
  await setFaults()
})

const toShop = (more: object = {}) => ({
  to: { location_id: shop.location },
  type: 'custom',
  title: 'Hello',
  ...more,
})

/** Every id that a member's list holds. */
async function listed(token: string): Promise<string[]> {
  const ids: string[] = []
  let after = ''
  for (;;) {
    const { body } = await ask(`GET /api/v1/notifications?limit=100${after}`, token)
    const { data, page } = body as { data: Notification[]; page: { after: string | null } }
    ids.push(...data.map(({ id }) => id))
    if (page.after === null) return ids
    after = `&after=${page.after}`
  }
}

describe('[CO6] 1,000 sends over the limit', { timeout: PATIENCE_MS }, () => {
  test('exactly the burst is accepted, the rest is 429, and nothing accepted is lost', async () => {
    const answers = await times(1_200, () => ask(SEND, shop.manager.token, toShop()))
    const sent = answers.filter(isSent)
    const refused = answers.filter(({ status }) => status === 429)
    expect([sent.length, refused.length]).toEqual([200, 1_000])
    for (const { headers, body } of refused) {
      expect(body).toMatchObject({ code: 'rate_limited', status: 429 })
      expect(headers.get('Retry-After')).toBe('1')
    }
    const ids = sent.map(({ body }) => (body as SendAnswer).id)
    await vi.waitFor(async () => expect(await listed(shop.staff.token)).toHaveLength(200))
    expect((await listed(shop.staff.token)).toSorted()).toEqual(ids.toSorted())
    clock += 2_000
    const later = await times(100, () => ask(SEND, shop.manager.token, toShop()))
    expect(later.filter(isSent)).toHaveLength(40)
  })

  test('the limit is the person, not the shop nor the address', async () => {
    await times(250, () => ask(SEND, shop.manager.token, toShop()))
    const other = await openShop()
    const theirs = await times(3, () =>
      ask(SEND, other.manager.token, toShop({ to: { location_id: other.location } })),
    )
    expect(theirs.every(isSent)).toBe(true)
  })

  test('a service has room for a hundred times as much', async () => {
    const token = await serviceToken(undefined, unique('booking'))
    const answers = await times(300, () => ask(SEND, token, toShop()))
    expect(answers.every(isSent)).toBe(true)
    expect(answers.at(-1)?.headers.get('RateLimit-Limit')).toBe('20000')
  })
})

describe('[CO6] a batch', { timeout: PATIENCE_MS }, () => {
  const batchOf = (count: number) => ({
    notifications: Array.from({ length: count }, () => toShop()),
  })

  test('each item counts: those within the limit are sent, the others answer 429 for themselves', async () => {
    const { status, headers, body } = await ask(BATCH, shop.manager.token, batchOf(500))
    const { results } = body as { results: (SendAnswer & Problem)[] }
    expect(status).toBe(207)
    expect(results.slice(0, 200).every(isSent)).toBe(true)
    expect(new Set(results.slice(200).map(({ code }) => code))).toEqual(new Set(['rate_limited']))
    expect(results).toHaveLength(500)
    expect(headers.get('RateLimit-Remaining')).toBe('0')
    expect(headers.get('Retry-After')).toBe('10')
  })

  test('with nothing left the whole request is refused, before its body is read', async () => {
    await ask(BATCH, shop.manager.token, batchOf(200))
    const answer = await ask(BATCH, shop.manager.token, 'not even a batch')
    expect(answer).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
  })
})

describe('[CO6] everything else', { timeout: PATIENCE_MS }, () => {
  test('500 requests at once, and 50 more with each second', async () => {
    const { token } = shop.staff
    const statuses = async (count: number) =>
      Map.groupBy(await times(count, () => ask(WRONG, token)), ({ status }) => status)
    const first = await statuses(520)
    expect([first.get(422)?.length, first.get(429)?.length]).toEqual([500, 20])
    clock += 1_000
    const second = await statuses(60)
    expect([second.get(422)?.length, second.get(429)?.length]).toEqual([50, 10])
  })

  test('upgrades: 30, then 3 with each second', async () => {
    const { token } = shop.staff
    const statuses = async (count: number) =>
      (await times(count, () => upgrade(token))).map(({ status }) => status).toSorted()
    expect(await statuses(32)).toEqual([...Array<number>(30).fill(101), 429, 429])
    clock += 1_000
    expect(await statuses(4)).toEqual([101, 101, 101, 429])
  })

  test('every answer says how it stands, a failed one too', async () => {
    const { token } = shop.staff
    const good = await ask(LIST, token)
    const failed = await ask(WRONG, token)
    const heard = [good, failed].map(({ status, headers }) => ({
      status,
      limit: headers.get('RateLimit-Limit'),
      remaining: headers.get('RateLimit-Remaining'),
      reset: headers.get('RateLimit-Reset'),
      retryAfter: headers.get('Retry-After'),
    }))
    expect(heard).toEqual([
      { status: 200, limit: '500', remaining: '499', reset: '1', retryAfter: null },
      { status: 422, limit: '500', remaining: '498', reset: '1', retryAfter: null },
    ])
  })
})
