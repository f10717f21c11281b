// Tabs of one browser: those of one person share a socket, whatever happens to the tab that has it.
import {
  chromium,
  type Browser,
  type BrowserContext,
  type Page,
  type WebSocket,
} from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StatusAnswer } from '../../protocol/api.ts'
import { en } from '../../web/messages/en.ts'
import { badge, connected, openWindow, PHONE, row, signIn, type Window } from './phones.ts'
import { anaTells, ask, tokenOf } from './rest.ts'
import { startServer, type Server } from './server.ts'

let server: Server
let browser: Browser
let context: BrowserContext
const windows: Window[] = []
const opened: { page: Page; socket: WebSocket }[] = []

/** Does this tab have the socket? */
const leads = ({ page }: Window) =>
  opened.some((one) => one.page === page && !one.socket.isClosed())

/** Somebody who is not in this browser tells Ben's shop something. */
const tellBen = (title: string) => anaTells(server, { location_id: 'downtown' }, title)

async function sockets(user: string) {
  const token = await tokenOf(server, user)
  return (await ask<StatusAnswer>(server, 'GET /ws/status', { token })).connections.length
}

const oneSocket = (user: string) => expect.poll(() => sockets(user), { timeout: 15_000 }).toBe(1)

const me = ({ page }: Window) => page.getByRole('link', { name: en.tabs.me, exact: true }).click()

/** The cookie let in who came last: this tab is for somebody of its own. */
async function stepAside(window: Window) {
  await me(window)
  await window.page.getByRole('button', { name: en.me.someoneElse, exact: true }).click()
}

async function tab(name: string): Promise<Window> {
  const page = await context.newPage()
  const window: Window = { page, complaints: [] }
  page.on('pageerror', (error) => window.complaints.push(error.message))
  windows.push(window)
  page.on('websocket', (socket) => opened.push({ page, socket }))
  await page.goto(server.origin)
  const inbox = page.getByRole('heading', { level: 1, name: en.tabs.inbox })
  await inbox.or(page.getByRole('heading', { level: 1, name: en.signIn.title })).waitFor()
  if (await inbox.isVisible()) await stepAside(window)
  await signIn(window, name)
  await connected(window)
  return window
}

async function allShow(tabs: Window[], title: string) {
  for (const one of tabs) {
    await row(one, title).waitFor({ timeout: 15_000 })
    expect(await row(one, title).count()).toBe(1)
  }
}

beforeAll(async () => {
  server = await startServer()
  browser = await chromium.launch({
    executablePath: process.env['CHROME_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
    // A person's browser has one.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })
})

afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

describe('tabs of one person', () => {
  let first: Window
  let second: Window
  let third: Window

  beforeAll(async () => {
    const door = await openWindow(browser, server.origin, PHONE)
    context = door.page.context()
    await door.page.close()
    first = await tab('Ben')
    second = await tab('Ben')
    third = await tab('Ben')
  })

  test('[ST3] they have one socket between them, and all show what comes', async () => {
    expect(await sockets('ben')).toBe(1)
    await tellBen('One')
    await allShow([first, second, third], 'One')
    expect(await sockets('ben')).toBe(1)
  })

  test('[IN2] what is read in one is read in the others', async () => {
    await expect.poll(() => badge(third)).toBe(1)
    await row(second, 'One').click()
    for (const one of [first, second, third]) await expect.poll(() => badge(one)).toBe(0)
    await second.page.goBack()
  })

  test('somebody else in the next tab has their own', async () => {
    const cleo = await tab('Cleo')
    expect([await sockets('ben'), await sockets('cleo')]).toEqual([1, 1])
    await anaTells(server, { user_id: 'cleo' }, 'For Cleo')
    await row(cleo, 'For Cleo').waitFor()
    for (const one of [first, second, third]) expect(await row(one, 'For Cleo').count()).toBe(0)
    await cleo.page.close()
  })

  test('[ST5] the tab that has it is closed: the others are live, and miss nothing', async () => {
    expect([first, second, third].map(leads)).toEqual([true, false, false])
    const closing = first.page.close()
    await tellBen('Two')
    await closing
    await tellBen('Three')
    await allShow([second, third], 'Two')
    await allShow([second, third], 'Three')
    for (const one of [second, third]) await connected(one)
    await oneSocket('ben')
  })

  test('a tab that crashes passes it on', async () => {
    const fourth = await tab('Ben')
    expect([second, third, fourth].map(leads)).toEqual([true, false, false])
    const crash = await context.newCDPSession(second.page)
    const crashed = second.page.waitForEvent('crash')
    void crash.send('Page.crash').catch(() => undefined)
    await crashed
    await tellBen('Four')
    await allShow([third, fourth], 'Four')
    await oneSocket('ben')
    second = fourth
  })

  test('a tab that hangs is not waited for, and follows when it goes on', async () => {
    expect([second, third].map(leads)).toEqual([false, true])
    const debug = await context.newCDPSession(third.page)
    await debug.send('Debugger.enable')
    const stopped = new Promise((resolve) => debug.once('Debugger.paused', resolve))
    await debug.send('Debugger.pause')
    await stopped
    await tellBen('Five')
    await second.page.bringToFront()
    await allShow([second], 'Five')
    await oneSocket('ben')
    expect(leads(second)).toBe(true)
    await debug.send('Debugger.disable')
    await allShow([third], 'Five')
    await tellBen('Six')
    await allShow([second, third], 'Six')
    await connected(third)
    await oneSocket('ben')
    expect([second, third].map(leads)).toEqual([true, false])
  })

  test('a page in the back-forward cache holds nothing up, and is live when it is back', async () => {
    const isKept = (one: Window) =>
      one.page.evaluate(() => {
        addEventListener('pageshow', ({ persisted }) => {
          document.documentElement.dataset['kept'] = String(persisted)
        })
      })
    await isKept(second)
    expect(leads(second)).toBe(true)
    await second.page.goto('data:text/html,elsewhere')
    await tellBen('Seven')
    await allShow([third], 'Seven')
    await oneSocket('ben')
    await second.page.goBack({ waitUntil: 'commit' })
    await connected(second)
    await allShow([second, third], 'Seven')
    expect(await second.page.evaluate(() => document.documentElement.dataset['kept'])).toBe('true')
    await tellBen('Eight')
    await allShow([second, third], 'Eight')
    await oneSocket('ben')
  })

  test('signing out of one tab leaves a person in the other', async () => {
    expect(leads(third)).toBe(true)
    await me(third)
    await third.page.getByRole('button', { name: en.me.signOut, exact: true }).click()
    await third.page.getByRole('heading', { level: 1, name: en.signIn.title }).waitFor()
    await tellBen('Nine')
    await allShow([second], 'Nine')
    await connected(second)
    await oneSocket('ben')
  })

  test('no window complained', () => {
    expect(windows.flatMap((window) => window.complaints)).toEqual([])
  })
})
