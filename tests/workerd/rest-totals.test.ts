// [OP1][OP2] What those who run a deployment see, from real hubs.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { StatusAnswer } from '../../protocol/api.ts'
import type { Totals } from '../../protocol/totals.ts'
import { app } from '../../worker/app.ts'
import { call, must, ORIGIN, refusal } from './helpers/api.ts'
import { setFaults } from './helpers/faults.ts'
import { evict, locationHub, userHub } from './helpers/hubs.ts'
import { send } from './helpers/sends.ts'
import { openShop, type Shop } from './helpers/shop.ts'
import { openSocket } from './helpers/socket.ts'
import { adminToken, serviceToken } from './helpers/tokens.ts'

const STATUS = 'GET /api/v1/ws/status'
const METRICS_TOKEN = env.METRICS_TOKEN ?? ''

let ahead = 0
let shop: Shop
let before: Totals

/** Past what an isolate keeps, and past a hub's interval. */
const later = (ms = 61_000) => setFaults({ clock_ahead_ms: (ahead += ms) })

async function totals(): Promise<Totals> {
  const answer = await must<StatusAnswer>(STATUS, { token: await adminToken() })
  if (answer.totals === undefined) throw new Error('no totals')
  return answer.totals
}

/** The totals, once they hold what was waited for. Hubs report when they like. */
const expectTotals = (expected: Partial<Totals>) =>
  expect
    .poll(
      async () => {
        await later(11_000)
        return totals()
      },
      { timeout: 10_000 },
    )
    .toMatchObject(expected)

const rowOf = (stream: string) =>
  env.DB.prepare('SELECT * FROM hub_stats WHERE hub = ?').bind(stream).first()

beforeEach(async () => {
  shop = await openShop()
  await later()
  before = await totals()
})
afterEach(async () => {
  await setFaults({ clock_ahead_ms: ahead })
})

describe('[OP1] totals', () => {
  test('are for admins and for services that may read them', async () => {
    const token = await serviceToken(['status:read'])
    expect(await must(STATUS, { token })).toEqual({
      connected: false,
      connections: [],
      totals: before,
    })
    expect(await must(STATUS, { token: shop.manager.token })).not.toHaveProperty('totals')
    expect(await refusal(STATUS, { token: await serviceToken(['events:send']) })).toBe(
      '404 not_found',
    )
  })

  test('sockets come and go, at both kinds of hub; people count by their own', async () => {
    const own = await openSocket({ token: shop.staff.token, device: 'phone' })
    const there = await openSocket({ token: shop.staff.token, location: shop.location })
    await expectTotals({
      active_connections: before.active_connections + 2,
      users_online: before.users_online + 1,
    })
    own.close()
    there.close()
    await expectTotals({
      active_connections: before.active_connections,
      users_online: before.users_online,
    })
    expect((await totals()).connection_duration_s.p50).toBeGreaterThanOrEqual(0)
  })

  test('are added up at most every ten seconds', async () => {
    const first = await totals()
    await setFaults({ clock_ahead_ms: (ahead += 5_000) })
    expect((await totals()).as_of).toBe(first.as_of)
    await later(6_000)
    expect((await totals()).as_of).not.toBe(first.as_of)
  })

  test('a second send of a minute costs D1 no row of figures, and is told with the next', async () => {
    const socket = await openSocket({ token: shop.staff.token, location: shop.location })
    await vi.waitFor(async () => expect(await rowOf(`location:${shop.location}`)).not.toBeNull())
    await send({ location_id: shop.location })
    await send({ location_id: shop.location })
    const told = await rowOf(`location:${shop.location}`)
    expect(told).toMatchObject({ sockets: 1, opened: 1 })
    await later()
    await send({ location_id: shop.location })
    // The welcome, three entries and what presence said.
    const now = await rowOf(`location:${shop.location}`)
    expect(Number(now?.['sent'])).toBeGreaterThanOrEqual(4)
    socket.close()
  })

  test('[WS13] a hub that slept has forgotten nothing', async () => {
    const { token, id } = shop.staff
    const socket = await openSocket({ token, device: 'phone' })
    await vi.waitFor(async () => expect(await rowOf(`user:${id}`)).toMatchObject({ sockets: 1 }))
    await socket.ask({ type: 'state', visible: false })
    await socket.ask({ type: 'nonsense' })
    await evict(userHub(id), 'hibernate')
    await socket.ask({ type: 'state', visible: true })
    await evict(userHub(id), 'hibernate')
    socket.close()
    await vi.waitFor(async () =>
      expect(await rowOf(`user:${id}`)).toMatchObject({
        sockets: 0,
        opened: 1,
        received: 3,
        errors: 1,
      }),
    )
  })

  test('who comes back is a reconnection, and a resume where nothing was missed', async () => {
    const { token } = shop.staff
    await send({ user_id: shop.staff.id })
    const first = await openSocket({ token, device: 'phone' })
    const { epoch, seq } = first.welcome
    const again = await openSocket({ token, device: 'phone', epoch, since: seq })
    const lost = await openSocket({ token, device: 'phone', epoch: 'other', since: seq })
    lost.close()
    await expectTotals({ reconnections: before.reconnections + 2, resumes: before.resumes + 1 })
    expect([again.welcome.recovered, lost.welcome.recovered]).toEqual([true, false])
    again.close()
  })

  test('[AR4] what D1 did not have is no backlog any more once it has it', async () => {
    await send({ location_id: shop.location })
    await setFaults({ d1: { down: true }, clock_ahead_ms: ahead })
    for (let count = 0; count < 3; count += 1) await send({ location_id: shop.location })
    await later(70_000)
    await expectTotals({ archive_backlog: 0, archive_backlog_age_s: 0 })
    const { body } = await call<{ unread: number }>('GET /api/v1/notifications/unread/count', {
      token: shop.staff.token,
    })
    expect(body.unread).toBe(4)
  })

  test('[AR4] while D1 is away an admin still sees their own sockets; a service is told so', async () => {
    await setFaults({ d1: { down: true }, clock_ahead_ms: (ahead += 11_000) })
    expect(await must(STATUS, { token: await adminToken() })).toEqual({
      connected: false,
      connections: [],
    })
    expect(await refusal(STATUS, { token: await serviceToken() })).toBe('503 archive_unavailable')
  })

  test('[ST6] a silent hub with sockets writes nothing, however long', async () => {
    const socket = await openSocket({ token: shop.staff.token, location: shop.location })
    const hub = `location:${shop.location}`
    await vi.waitFor(async () => expect(await rowOf(hub)).toMatchObject({ sockets: 1 }))
    const row = await rowOf(hub)
    await evict(locationHub(shop.location), 'hibernate')
    await socket.ping()
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await rowOf(hub)).toEqual(row)
    socket.close()
  })

  test('[DI3] who is erased leaves no row', async () => {
    const socket = await openSocket({ token: shop.staff.token })
    await vi.waitFor(async () => expect(await rowOf(`user:${shop.staff.id}`)).not.toBeNull())
    await must(`DELETE /api/v1/users/${shop.staff.id}`, { token: await adminToken() })
    await socket.closed
    expect(await rowOf(`user:${shop.staff.id}`)).toBeNull()
  })
})

describe('[OP2] GET /metrics', () => {
  const ask = async (given: string | null, settings: object = {}) => {
    const headers = new Headers()
    if (given !== null) headers.set('Authorization', `Bearer ${given}`)
    const request = new Request(`${ORIGIN}/metrics`, { headers })
    const response = await app.fetch(request, { ...env, ...settings }, createExecutionContext())
    return { status: response.status, headers: response.headers, text: await response.text() }
  }

  test('without a setting there is no such path, with or without a token', async () => {
    expect((await ask(null, { METRICS_TOKEN: undefined })).status).toBe(404)
    expect((await ask(METRICS_TOKEN, { METRICS_TOKEN: undefined })).status).toBe(404)
  })

  test.each([
    ['no token', null],
    ['another', 'a-token-for-something-else'],
    ['part of it', METRICS_TOKEN.slice(0, -1)],
    ['more than it', `${METRICS_TOKEN}x`],
  ])('with %s: 401', async (_what, given) => {
    const { status, headers } = await ask(given)
    expect([status, headers.get('WWW-Authenticate')]).toEqual([401, 'Bearer'])
  })

  test('an access token is none, whoever has it', async () => {
    expect((await ask(await adminToken())).status).toBe(401)
  })

  test('the same counters, as Prometheus reads them', async () => {
    const socket = await openSocket({ token: shop.staff.token })
    await expectTotals({ active_connections: before.active_connections + 1 })
    const { status, headers, text } = await ask(METRICS_TOKEN)
    expect(status).toBe(200)
    expect(headers.get('Content-Type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const { active_connections, reconnections } = await totals()
    expect(text).toContain(`\nshopbell_connections ${active_connections}\n`)
    expect(text).toContain(`\nshopbell_reconnections_total ${reconnections}\n`)
    expect(text).toMatch(/\nshopbell_connection_duration_seconds_bucket\{le="\+Inf"\} (\d+)\n/)
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(
        /^(# (HELP|TYPE) shopbell_\w+ .+|shopbell_\w+(\{\w+="[^"]+"\})? \d+(\.\d+)?)$/,
      )
    }
    socket.close()
  })

  test('[AR4] while D1 is away: 503, so that whoever watches is told', async () => {
    await setFaults({ d1: { down: true }, clock_ahead_ms: (ahead += 11_000) })
    expect((await ask(METRICS_TOKEN)).status).toBe(503)
  })
})
