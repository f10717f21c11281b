// [AU8] What ends somebody's access ends it on open sockets and on new requests. "Within five seconds" is shown with the
// clock of the faults: nobody waits.
import { createScheduledController } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { decodeJwt } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../../db/open.ts'
import { endSessions } from '../../db/sessions.ts'
import { revokeServiceKey } from '../../db/service-keys.ts'
import { now } from '../../durable-objects/clock.ts'
import type { NewServiceKey, TokenAnswer } from '../../protocol/api.ts'
import worker from '../../worker/index.ts'
import { Browser, deploy } from './helpers/deployment.ts'
import { setFaults } from './helpers/faults.ts'
import { evict, locationHub, userHub } from './helpers/hubs.ts'
import { addLocation, addUser, openShop } from './helpers/shop.ts'
import { openSocket, upgrade } from './helpers/socket.ts'
import { adminToken } from './helpers/tokens.ts'

const ask = deploy()
const SIGNED_OUT = { code: 4501, reason: 'unauthorized' }
const NOT_HERE = { code: 4503, reason: 'forbidden' }
let admin: string

beforeEach(async () => {
  admin = await adminToken((await addUser('admin', { role: 'admin' })).id)
})

afterEach(async () => {
  await setFaults()
})

async function signIn(userId: string) {
  const browser = new Browser()
  const body = { user_id: userId }
  const answer = await ask<TokenAnswer>('POST /api/v1/auth/dev', { body, browser })
  return { browser, token: answer.body.access_token }
}

const logOut = (browser: Browser, everywhere = false) =>
  ask('POST /api/v1/auth/logout', { browser, body: { everywhere } })

const opens = async (token: string) => (await ask('GET /api/v1/me', { token })).status

async function upgradeStatus(token: string, location?: string): Promise<number> {
  const response = await upgrade({ token, ...(location !== undefined && { location }) })
  response.webSocket?.accept()
  response.webSocket?.close()
  await response.body?.cancel()
  return response.status
}

describe('signing out', () => {
  test('[AU2][AU8] everywhere closes every socket of the person, of no one else, and opens none', async () => {
    const { location, staff, colleague } = await openShop()
    const [phone, desk] = [await signIn(staff.id), await signIn(staff.id)]
    const other = await signIn(colleague.id)
    const sockets = await Promise.all([
      openSocket({ token: phone.token }),
      openSocket({ token: desk.token }),
      openSocket({ token: desk.token, location }),
    ])
    const others = [
      await openSocket({ token: other.token }),
      await openSocket({ token: other.token, location }),
    ]
    expect((await logOut(phone.browser, true)).status).toBe(204)
    const closed = await Promise.all(sockets.map((socket) => socket.closed))
    expect(closed).toEqual([SIGNED_OUT, SIGNED_OUT, SIGNED_OUT])
    for (const socket of sockets) {
      expect(socket.of('bye')).toMatchObject([{ code: 4501, retry: false }])
    }
    for (const { token } of [phone, desk]) {
      expect([await upgradeStatus(token), await upgradeStatus(token, location)]).toEqual([401, 401])
      expect(await opens(token)).toBe(401)
    }
    for (const socket of others) await socket.settled()
    expect(await opens(other.token)).toBe(200)
  })

  test('[AU8] hubs refuse by what they know themselves: out of memory, and with D1 away', async () => {
    const { location, staff } = await openShop()
    const { token, browser } = await signIn(staff.id)
    await logOut(browser)
    await evict(userHub(staff.id), 'close')
    await evict(locationHub(location), 'close')
    await setFaults({ d1: { down: true } })
    expect([await upgradeStatus(token), await upgradeStatus(token, location)]).toEqual([401, 401])
  })

  test('[AU2] one session leaves the sockets of the others open', async () => {
    const { id } = await addUser()
    const [phone, desk] = [await signIn(id), await signIn(id)]
    const socket = await openSocket({ token: phone.token })
    const kept = await openSocket({ token: desk.token })
    await logOut(phone.browser)
    expect(await socket.closed).toEqual(SIGNED_OUT)
    await kept.settled()
    expect(await upgradeStatus((await signIn(id)).token)).toBe(101)
  })

  test('[AU2] a replayed token closes the sockets of its session', async () => {
    const { id } = await addUser()
    const { browser, token } = await signIn(id)
    const socket = await openSocket({ token })
    const stolen = new Browser()
    stolen.cookie = browser.cookie
    const refresh = (by: Browser) =>
      ask<TokenAnswer>('POST /api/v1/auth/token', {
        body: { grant_type: 'refresh_token' },
        browser: by,
      })
    await refresh(browser)
    const { body } = await refresh(browser)
    // [WS11] The socket goes on with the newest token: it is the session that ends, not one token.
    expect(await socket.ask({ type: 'auth', token: body.access_token })).toMatchObject({
      type: 'ok',
    })
    expect((await refresh(stolen)).status).toBe(401)
    expect(await socket.closed).toEqual(SIGNED_OUT)
  })

  test('[WS11] a socket does not go on with the token of a session that has ended', async () => {
    const { id } = await addUser()
    const [phone, desk] = [await signIn(id), await signIn(id)]
    const socket = await openSocket({ token: desk.token })
    await logOut(phone.browser)
    const answer = await socket.ask({ type: 'auth', token: phone.token })
    expect(answer).toMatchObject({ type: 'error', code: 'unauthorized' })
  })

  test('[AR7] hubs that were not told at once are told by the cron', async () => {
    const { location, staff } = await openShop()
    const { token } = await signIn(staff.id)
    const sockets = [await openSocket({ token }), await openSocket({ token, location })]
    // As an isolate leaves it that ends right after D1 has committed.
    await endSessions(openDatabase(env.DB), { user_id: staff.id }, now())
    await worker.scheduled(createScheduledController({ cron: '* * * * *' }), env)
    for (const socket of sockets) expect(await socket.closed).toEqual(SIGNED_OUT)
  })
})

describe('the list', () => {
  /** What another isolate does: this one is not told. */
  const endElsewhere = (id: string) => endSessions(openDatabase(env.DB), { user_id: id }, now())

  test('[AU8] an isolate hears within five seconds of what another one ended', async () => {
    const { id } = await addUser()
    const { token } = await signIn(id)
    expect(await opens(token)).toBe(200)
    await endElsewhere(id)
    await setFaults({ clock_ahead_ms: 5_000 })
    expect(await opens(token)).toBe(401)
  })

  test('[AU8] and of a key that was revoked, also for a token that it remembers', async () => {
    const { location } = await openShop()
    const { body: key } = await ask<NewServiceKey>('POST /api/v1/service-keys', {
      token: admin,
      body: { name: 'Booking', scopes: ['notifications:send'] },
    })
    const { client_id, client_secret } = key
    const { body } = await ask<TokenAnswer>('POST /api/v1/auth/token', {
      body: { grant_type: 'client_credentials', client_id, client_secret },
    })
    const send = async () => {
      const answer = await ask('POST /api/v1/notifications', {
        token: body.access_token,
        body: { to: { location_id: location }, type: 'custom', title: 'Hello' },
      })
      return answer.status
    }
    expect(await send()).toBe(201)
    await revokeServiceKey(openDatabase(env.DB), client_id, now())
    await setFaults({ clock_ahead_ms: 4_999 })
    // Old enough to be read again, young enough to be used once more without waiting for it.
    await send()
    expect(await send()).toBe(401)
  })

  test('[AU8] while D1 is away the last known list holds, and nobody else is kept out', async () => {
    const { location, manager, staff } = await openShop()
    const [ended, going] = [await signIn(manager.id), await signIn(staff.id)]
    await logOut(ended.browser)
    expect(await opens(ended.token)).toBe(401)
    await setFaults({ d1: { down: true }, clock_ahead_ms: 60_000 })
    const status = async (token: string) =>
      (await ask('PUT /api/v1/notifications/00000000-0000-7000-8000-000000000000/read', { token }))
        .status
    expect(await status(ended.token)).toBe(401)
    expect(await status(going.token)).toBe(503)
    expect(await upgradeStatus(going.token, location)).toBe(101)
  })

  test('[AU8] a row is of interest for one token’s life, and goes with the daily cron', async () => {
    const { id } = await addUser()
    const { token } = await signIn(id)
    await endElsewhere(id)
    const sid = String(decodeJwt(token)['sid'])
    const rows = () =>
      env.DB.prepare('SELECT count(*) AS n FROM revocations WHERE key = ?').bind(sid).first('n')
    const daily = () => worker.scheduled(createScheduledController({ cron: '17 3 * * *' }), env)
    await daily()
    expect(await rows()).toBe(1)
    await setFaults({ clock_ahead_ms: 17 * 60_000 })
    await daily()
    expect(await rows()).toBe(0)
  })
})

describe('the directory', () => {
  test('[AU8] who is removed from a shop is out of its stream, and hears why on their own', async () => {
    const { location, staff } = await openShop()
    const { token } = await signIn(staff.id)
    const own = await openSocket({ token })
    const room = await openSocket({ token, location })
    const route = `DELETE /api/v1/locations/${location}/members/${staff.id}`
    expect((await ask(route, { token: admin })).status).toBe(204)
    expect(await room.closed).toEqual(NOT_HERE)
    const { data } = await own.frame('membership')
    expect(data).toEqual({ location_id: location, role: null })
    expect(await upgradeStatus(token, location)).toBe(403)
    expect((await ask(`GET /api/v1/locations/${location}`, { token })).status).toBe(404)
    expect(await opens(token)).toBe(200)
  })

  test('[AU8] who is deleted is out of everything, at once', async () => {
    const { location, staff } = await openShop()
    const { token, browser } = await signIn(staff.id)
    const sockets = [await openSocket({ token }), await openSocket({ token, location })]
    expect((await ask(`DELETE /api/v1/users/${staff.id}`, { token: admin })).status).toBe(204)
    for (const socket of sockets) expect((await socket.closed).code).toBeGreaterThan(4500)
    expect(await opens(token)).toBe(401)
    expect(await upgradeStatus(token)).toBeGreaterThanOrEqual(401)
    expect(await upgradeStatus(token, location)).toBeGreaterThanOrEqual(401)
    const body = { grant_type: 'refresh_token' }
    expect((await ask('POST /api/v1/auth/token', { body, browser })).status).toBe(401)
    const { results } = await env.DB.prepare('SELECT * FROM sessions WHERE user_id = ?')
      .bind(staff.id)
      .all()
    expect(results).toEqual([])
  })

  test('[AU8] who is deleted and made again comes in with a new session, not with an old token', async () => {
    const { id } = await addUser()
    const { token } = await signIn(id)
    await ask(`DELETE /api/v1/users/${id}`, { token: admin })
    await ask(`PUT /api/v1/users/${id}`, { token: admin, body: { name: 'Again' } })
    expect([await opens(token), await upgradeStatus(token)]).toEqual([401, 401])
    const again = await signIn(id)
    expect([await opens(again.token), await upgradeStatus(again.token)]).toEqual([200, 101])
  })
})

describe('an admin at a shop that does not know them', () => {
  async function visitor() {
    const location = await addLocation()
    const { id } = await addUser('owner', { role: 'admin' })
    const { token, browser } = await signIn(id)
    const room = await openSocket({ token, location })
    return { id, location, token, browser, room }
  }

  test('[AU8] signs out: the socket there closes, too', async () => {
    const { location, token, browser, room } = await visitor()
    await logOut(browser, true)
    expect(await room.closed).toEqual(SIGNED_OUT)
    expect(await upgradeStatus(token, location)).toBe(401)
    // Where they have not been, their own hub refuses.
    expect(await upgradeStatus(token, await addLocation())).toBe(401)
  })

  test('[AU8] is deleted', async () => {
    const { id, token, location, room } = await visitor()
    await ask(`DELETE /api/v1/users/${id}`, { token: admin })
    expect((await room.closed).code).toBeGreaterThan(4500)
    expect(await upgradeStatus(token, location)).toBe(401)
    expect((await ask(`GET /api/v1/users/${id}`, { token })).status).toBe(401)
  })

  test('[AU8] is no admin any more: signed out, and back with fewer rights', async () => {
    const { id, token, location, room } = await visitor()
    const body = { name: 'Owner', role: 'member' }
    expect((await ask(`PUT /api/v1/users/${id}`, { token: admin, body })).status).toBe(200)
    expect(await room.closed).toEqual(SIGNED_OUT)
    expect((await ask('GET /api/v1/service-keys', { token })).status).toBe(401)
    const again = await signIn(id)
    expect((await ask('GET /api/v1/service-keys', { token: again.token })).status).toBe(404)
    expect(await upgradeStatus(again.token, location)).toBe(403)
  })
})
