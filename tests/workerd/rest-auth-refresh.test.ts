import { env } from 'cloudflare:workers'
import { decodeJwt } from 'jose'
import { afterEach, describe, expect, test } from 'vitest'
import type { TokenAnswer } from '../../protocol/api.ts'
import type { Problem } from '../../protocol/errors.ts'
import { Browser, deploy } from './helpers/deployment.ts'
import { setFaults } from './helpers/faults.ts'
import { addUser, openShop } from './helpers/shop.ts'
import { memberToken } from './helpers/tokens.ts'

const ask = deploy()
const DAY_MS = 24 * 3_600_000
const REFRESH = 'POST /api/v1/auth/token'
const grant = { grant_type: 'refresh_token' }

afterEach(async () => {
  await setFaults()
})

/** Somebody new, signed in with a browser. */
async function signedIn(userId?: string) {
  const id = userId ?? (await addUser()).id
  const browser = new Browser()
  const { body } = await ask<TokenAnswer>('POST /api/v1/auth/dev', {
    body: { user_id: id },
    browser,
  })
  return { id, browser, token: body.access_token }
}

const refresh = (browser: Browser) => ask<TokenAnswer & Problem>(REFRESH, { body: grant, browser })

/** A browser that has an older cookie of another one. */
function copyOf({ cookie }: Browser): Browser {
  const copy = new Browser()
  copy.cookie = cookie
  return copy
}

const opens = async (token: string) => (await ask('GET /api/v1/me', { token })).status

describe('the cookie', () => {
  test('[AU2][AU3] is for the routes of signing in, and out of reach of scripts and other sites', async () => {
    const { browser } = await signedIn()
    const attributes = browser.set?.split('; ').slice(1).toSorted()
    expect(attributes).toEqual([
      'HttpOnly',
      'Max-Age=2592000',
      'Path=/api/v1/auth',
      'SameSite=Strict',
    ])
  })

  test('[AU2] goes over https only outside development', async () => {
    const { browser } = await signedIn()
    const production = deploy({ ENVIRONMENT: 'production', RATE_LIMITS: 'on' })
    const at = 'https://shop.example'
    const { status } = await production(REFRESH, { body: grant, browser, at })
    expect(status).toBe(200)
    expect(browser.set).toContain('; Secure')
  })

  test('[AU6] counts for pages on the allow-list only', async () => {
    const { browser } = await signedIn()
    const cookie = { Cookie: browser.cookie ?? '' }
    for (const headers of [cookie, { ...cookie, Origin: 'https://evil.example' }]) {
      for (const route of [REFRESH, 'POST /api/v1/auth/logout']) {
        const body = route === REFRESH ? grant : {}
        const answer = await ask<Problem>(route, { body, headers })
        expect([answer.status, answer.body.code]).toEqual([403, 'origin_not_allowed'])
      }
    }
    expect((await refresh(browser)).status).toBe(200)
  })

  test('[AU5] is stored as a hash: what D1 has makes no token', async () => {
    const { browser } = await signedIn()
    const [id, secret, nonce] = (browser.cookie ?? '').split('=')[1]?.split('.') ?? []
    const row = await env.DB.prepare('SELECT * FROM sessions WHERE id = ?').bind(id).first()
    expect(JSON.stringify(row)).toContain(nonce)
    expect(JSON.stringify(row)).not.toContain(secret)
  })
})

describe('refresh_token', () => {
  test('[AU2] gives a token that says what the directory says now, and a new cookie', async () => {
    const { location, staff } = await openShop()
    const { browser, token } = await signedIn(staff.id)
    const before = browser.cookie
    const { status, body } = await refresh(browser)
    expect(status).toBe(200)
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 900,
    })
    expect(browser.cookie).not.toBe(before)
    const claims = decodeJwt(body.access_token)
    expect(claims).toMatchObject({ sub: staff.id, loc: { [location]: 'staff' } })
    expect(claims['sid']).toBe(decodeJwt(token)['sid'])
    expect(await opens(body.access_token)).toBe(200)
  })

  test('[AU2] replayed ends the session, and the access of everybody who has it', async () => {
    const { browser, token } = await signedIn()
    const stolen = copyOf(browser)
    const first = await refresh(browser)
    const second = await refresh(browser)
    expect([first.status, second.status]).toEqual([200, 200])
    const replayed = await refresh(stolen)
    expect([replayed.status, replayed.body.code]).toEqual([401, 'unauthorized'])
    expect(stolen.cookie).toBeNull()
    expect((await refresh(browser)).status).toBe(401)
    for (const one of [token, first.body.access_token, second.body.access_token]) {
      expect(await opens(one)).toBe(401)
    }
  })

  test('[AU2] the one before, too late for a lost answer, is a replay', async () => {
    const { browser, token } = await signedIn()
    const late = copyOf(browser)
    await refresh(browser)
    await setFaults({ clock_ahead_ms: 31_000 })
    expect((await refresh(late)).status).toBe(401)
    expect((await refresh(browser)).status).toBe(401)
    expect(await opens(token)).toBe(401)
  })

  test('[AU2] two tabs at the same moment get the same cookie, and both go on', async () => {
    const { browser } = await signedIn()
    const tabs = Array.from({ length: 5 }, () => copyOf(browser))
    const answers = await Promise.all(tabs.map((tab) => refresh(tab)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(new Set(tabs.map(({ cookie }) => cookie)).size).toBe(1)
    const [tab] = tabs
    expect(tab && (await refresh(tab)).status).toBe(200)
  })

  test('[AU2] an answer that was lost is given again', async () => {
    const { browser } = await signedIn()
    const lost = copyOf(browser)
    await refresh(lost)
    await setFaults({ clock_ahead_ms: 20_000 })
    expect((await refresh(browser)).status).toBe(200)
    expect(browser.cookie).toBe(lost.cookie)
  })

  test('[AU2] of another client: the session of one with the secret of another is neither', async () => {
    const [ana, ben] = [await signedIn(), await signedIn()]
    const parts = ({ browser }: typeof ana) =>
      (browser.cookie ?? '').split('=')[1]?.split('.') ?? []
    const [id] = parts(ana)
    const [, secret, nonce] = parts(ben)
    const mixed = new Browser()
    mixed.cookie = `shopbell_refresh=${[id, secret, nonce].join('.')}`
    expect((await refresh(mixed)).status).toBe(401)
    for (const one of [ana, ben]) {
      const { status, body } = await refresh(one.browser)
      expect([status, decodeJwt(body.access_token).sub]).toEqual([200, one.id])
    }
  })

  test.each([
    ['no cookie', null],
    ['what is no token', 'shopbell_refresh=hello'],
    [
      'a session that there is not',
      `shopbell_refresh=${crypto.randomUUID()}.${'s'.repeat(43)}.${'n'.repeat(22)}`,
    ],
  ])('[AU2] with %s: 401', async (_what, cookie) => {
    const browser = new Browser()
    browser.cookie = cookie
    const { status, body } = await refresh(browser)
    expect([status, body.code]).toEqual([401, 'unauthorized'])
  })

  test('[AU2] a session ends after 30 days without a use', async () => {
    const { browser } = await signedIn()
    await setFaults({ clock_ahead_ms: 29 * DAY_MS })
    expect((await refresh(browser)).status).toBe(200)
    await setFaults({ clock_ahead_ms: 58 * DAY_MS })
    expect((await refresh(browser)).status).toBe(200)
    await setFaults({ clock_ahead_ms: 89 * DAY_MS })
    expect((await refresh(browser)).status).toBe(401)
  })

  test('[AU2] and 90 days after it began, used or not', async () => {
    const { browser } = await signedIn()
    for (const days of [25, 50, 75]) {
      await setFaults({ clock_ahead_ms: days * DAY_MS })
      expect((await refresh(browser)).status).toBe(200)
    }
    expect(browser.set).toMatch(/Max-Age=12959\d\d|Max-Age=1296000/)
    await setFaults({ clock_ahead_ms: 90 * DAY_MS })
    expect((await refresh(browser)).status).toBe(401)
  })

  test('[AR4] while D1 is away it says so, and the cookie stays good', async () => {
    const { browser } = await signedIn()
    await setFaults({ d1: { down: true } })
    const { status, body } = await refresh(browser)
    expect([status, body.code]).toEqual([503, 'archive_unavailable'])
    await setFaults()
    expect((await refresh(browser)).status).toBe(200)
  })
})

describe('POST /auth/logout', () => {
  const LOGOUT = 'POST /api/v1/auth/logout'

  test('[AU2] ends the session of the cookie, and no other of that person', async () => {
    const phone = await signedIn()
    const desk = await signedIn(phone.id)
    const answer = await ask(LOGOUT, { browser: phone.browser })
    expect(answer.status).toBe(204)
    expect(phone.browser.cookie).toBeNull()
    expect(await opens(phone.token)).toBe(401)
    expect(await opens(desk.token)).toBe(200)
    expect((await refresh(desk.browser)).status).toBe(200)
  })

  test('[AU2] with the access token alone it ends that session', async () => {
    const { browser, token } = await signedIn()
    expect((await ask(LOGOUT, { token })).status).toBe(204)
    expect(await opens(token)).toBe(401)
    expect((await refresh(browser)).status).toBe(401)
  })

  test('[AU2] everywhere: every session of that person, and of nobody else', async () => {
    const phone = await signedIn()
    const desk = await signedIn(phone.id)
    const other = await signedIn()
    const body = { everywhere: true }
    expect((await ask(LOGOUT, { browser: phone.browser, body })).status).toBe(204)
    for (const { token, browser } of [phone, desk]) {
      expect(await opens(token)).toBe(401)
      expect((await refresh(browser)).status).toBe(401)
    }
    expect(await opens(other.token)).toBe(200)
    const again = await signedIn(phone.id)
    expect(await opens(again.token)).toBe(200)
  })

  test('[AU2] with nothing left to end it is done; everywhere needs somebody', async () => {
    const browser = new Browser()
    expect((await ask(LOGOUT, { browser })).status).toBe(204)
    const { status } = await ask(LOGOUT, { browser, body: { everywhere: true } })
    expect(status).toBe(401)
  })

  test.each([
    ['a token that is none', () => 'hello', {}, 401],
    ['a field that nobody knows', () => undefined, { all: true }, 422],
  ])('[AU2] %s', async (_what, token, body, status) => {
    expect((await ask(LOGOUT, { token: token(), body })).status).toBe(status)
  })

  test('[AU2] a token without a session ends nothing and fails at nothing', async () => {
    const { id } = await addUser()
    expect((await ask(LOGOUT, { token: await memberToken(id) })).status).toBe(204)
  })
})
