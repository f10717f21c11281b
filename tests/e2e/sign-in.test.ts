// [AU2][AU3] Coming in and going, in a browser: by the cookie, by the platform's page, out of one window and of all.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TOKEN_EXCHANGE } from '../../protocol/api.ts'
import { en } from '../../web/messages/en.ts'
import {
  accessibilityProblems,
  connected,
  launch,
  openWindow,
  overflows,
  picture,
  signIn,
  SMALL_PHONE,
  type Window,
} from './phones.ts'
import { startServer, type Server } from './server.ts'

/** A provider that is never asked: what these tests show it is no JWT. */
const PLATFORM = {
  PLATFORM_JWKS_URL: 'https://id.shop.example/.well-known/jwks.json',
  PLATFORM_ISSUER: 'https://id.shop.example',
  PLATFORM_AUDIENCE: 'shopbell',
}

let server: Server
let browser: Browser
const windows: Window[] = []

beforeAll(async () => {
  server = await startServer(PLATFORM)
  browser = await launch()
})

afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

async function open(path = '') {
  const window = await openWindow(browser, `${server.origin}${path}`, SMALL_PHONE)
  windows.push(window)
  return window
}

async function openAs(name: string) {
  const window = await open()
  await signIn(window, name)
  await connected(window)
  return window
}

/** Another window of the same browser. */
async function beside({ page }: Window): Promise<Window> {
  const other: Window = { page: await page.context().newPage(), complaints: [] }
  await other.page.goto(server.origin)
  return other
}

const button = ({ page }: Window, name: string) => page.getByRole('button', { name, exact: true })
const says = ({ page }: Window, text: string) => page.getByText(text).waitFor()
const atTheDoor = ({ page }: Window) =>
  page.getByRole('heading', { level: 1, name: en.signIn.title }).waitFor()

async function me(window: Window, name: string) {
  await window.page.getByRole('link', { name: en.tabs.me, exact: true }).click()
  await window.page.getByRole('heading', { level: 2, name }).waitFor()
}

/** What is left is the cookie, as in a window that is new. */
async function forget({ page }: Window) {
  await page.evaluate(() => sessionStorage.clear())
  await page.reload()
}

const refreshCookie = async (page: Page) =>
  (await page.context().cookies(`${server.origin}/api/v1/auth/token`)).find(
    ({ name }) => name === 'shopbell_refresh',
  )

describe('[AU2] by the cookie', () => {
  test('a window that has forgotten everything is still signed in', async () => {
    const ben = await openAs('Ben')
    const before = await refreshCookie(ben.page)
    expect(before).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/api/v1/auth' })
    await forget(ben)
    await connected(ben)
    await me(ben, 'Ben')
    await says(ben, en.me.browser)
    expect((await refreshCookie(ben.page))?.value).not.toBe(before?.value)
    expect(await accessibilityProblems(ben)).toEqual([])
    expect(await overflows(ben)).toBe(false)
    await picture(ben, 'me')
  })

  test('[AU3] another window of the browser can be somebody else', async () => {
    const ben = await openAs('Ben')
    const other = await beside(ben)
    await me(other, 'Ben')
    await button(other, en.me.someoneElse).click()
    await signIn(other, 'Ana')
    await connected(other)
    await me(other, 'Ana')
    await me(ben, 'Ben')
    await button(other, en.me.signOut).click()
    await atTheDoor(other)
    await connected(ben)
    expect(await ben.page.getByRole('heading', { level: 2, name: 'Ben' }).count()).toBe(1)
  })

  test('after signing out the cookie lets nobody in, and the other windows know', async () => {
    const ben = await openAs('Ben')
    await forget(ben)
    await connected(ben)
    const other = await beside(ben)
    await me(other, 'Ben')
    await button(other, en.me.signOut).click()
    await atTheDoor(other)
    await says(ben, en.signIn.problem.ended)
    for (const window of [ben, other]) {
      await window.page.reload()
      await atTheDoor(window)
      expect(await window.page.getByRole('alert').count()).toBe(0)
    }
  })

  test('signing out everywhere asks first, and signs the other phone out', async () => {
    const [one, two] = [await openAs('Cleo'), await openAs('Cleo')]
    await me(one, 'Cleo')
    await button(one, en.me.everywhere).click()
    const dialog = one.page.getByRole('dialog')
    await dialog.waitFor()
    expect(await accessibilityProblems(one)).toEqual([])
    await picture(one, 'sign-out-everywhere')
    await dialog.getByRole('button', { name: en.me.everywhere }).click()
    await atTheDoor(one)
    await says(two, en.signIn.problem.ended)
    await picture(two, 'signed-out')
    await forget(two)
    await atTheDoor(two)
  })

  test('without a network it holds here, says so, and is done when there is one', async () => {
    const ben = await openAs('Ben')
    await forget(ben)
    await connected(ben)
    await me(ben, 'Ben')
    await ben.page.context().setOffline(true)
    await button(ben, en.me.signOut).click()
    await says(ben, en.signIn.problem.still_open)
    await picture(ben, 'signed-out-offline')
    expect(await refreshCookie(ben.page)).toBeDefined()
    await ben.page.context().setOffline(false)
    await expect.poll(() => refreshCookie(ben.page)).toBeUndefined()
    await atTheDoor(ben)
    await ben.page.reload()
    await atTheDoor(ben)
  })
})

/** The platform's identity provider and the server's check of its JWT, played by the development sign-in. */
async function playExchange({ page }: Window, userId: string) {
  await page.route('**/api/v1/auth/token', async (route) => {
    const asked = route.request().postDataJSON() as Record<string, string>
    if (asked['grant_type'] !== TOKEN_EXCHANGE) return route.continue()
    expect(asked['subject_token']).toBe('their.own.jwt')
    const url = `${server.origin}/api/v1/auth/dev`
    const response = await route.fetch({ url, postData: JSON.stringify({ user_id: userId }) })
    return route.fulfill({ response })
  })
}

describe('[AU2] from the platform’s page', () => {
  const addressOf = ({ page }: Window) => page.evaluate(() => location.href)

  test('a bad fragment is told in a plain sentence, and is gone from the address', async () => {
    const window = await open('/#subject_token=not-a-jwt')
    await says(window, en.signIn.problem.refused)
    await atTheDoor(window)
    expect(await addressOf(window)).toBe(`${server.origin}/`)
    await window.page.reload()
    await atTheDoor(window)
    expect(await window.page.getByRole('alert').count()).toBe(0)
  })

  test('who is handed over is in, on the page that was asked for, and stays by the cookie', async () => {
    const window = await open()
    await atTheDoor(window)
    await playExchange(window, 'emi')
    // The same page with a fragment: the window hears of it without a load.
    await window.page.goto(`${server.origin}/#subject_token=their.own.jwt`)
    await connected(window)
    expect(await addressOf(window)).toBe(`${server.origin}/`)
    await window.page.goto('about:blank')
    await window.page.goto(`${server.origin}/me`)
    await window.page.getByRole('heading', { level: 2, name: 'Emi' }).waitFor()
  })

  test('and counts before who was here', async () => {
    const window = await openAs('Ben')
    await playExchange(window, 'cleo')
    await window.page.goto('about:blank')
    await window.page.goto(`${server.origin}/me#subject_token=their.own.jwt`)
    await window.page.getByRole('heading', { level: 2, name: 'Cleo' }).waitFor()
    expect(await addressOf(window)).toBe(`${server.origin}/me`)
  })
})

test('no window complained, and the policy stopped nothing', () => {
  expect(windows.flatMap((window) => window.complaints)).toEqual([])
})
