// The walking bell in a browser: a manager sends, phones of the shop ring, one reads, all follow.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { en } from '../../web/messages/en.ts'
import {
  accessibilityProblems,
  badge,
  COMPUTER,
  connected,
  launch,
  openWindow,
  overflows,
  picture,
  row,
  signIn,
  SMALL_PHONE,
  type Window,
} from './phones.ts'
import { startServer, type Server } from './server.ts'

let server: Server
let browser: Browser
const windows: Window[] = []

async function windowOf(name: string, size?: typeof COMPUTER) {
  const window = await openWindow(browser, server.origin, size)
  windows.push(window)
  await signIn(window, name)
  await connected(window)
  return window
}

async function say({ page }: Window, message: string) {
  await page.getByRole('link', { name: 'Send' }).click()
  await page.getByRole('textbox', { name: 'Title' }).fill(message)
  await page.getByRole('textbox', { name: 'Message' }).fill(`${message}, come and get some.`)
  await page.locator('button[type=submit]').click()
}

const unread = (window: Window) => expect.poll(() => badge(window), { timeout: 10_000 })

beforeAll(async () => {
  server = await startServer()
  browser = await launch()
})

afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

describe('the walking bell', () => {
  let ana: Window
  let ben: Window
  let cleo: Window
  let emi: Window

  beforeAll(async () => {
    ana = await windowOf('Ana', COMPUTER)
    ben = await windowOf('Ben')
    cleo = await windowOf('Cleo')
    emi = await windowOf('Emi')
  })

  test('[AU3] the door shows the demo people, and anybody can use it', async () => {
    const door = await openWindow(browser, server.origin, SMALL_PHONE)
    windows.push(door)
    await door.page.getByRole('button', { name: /^Olivia/ }).waitFor()
    expect(await door.page.getByRole('button').count()).toBe(6)
    expect(await accessibilityProblems(door)).toEqual([])
    expect(await overflows(door)).toBe(false)
    await picture(door, 'door')
  })

  test('a new phone is quiet, and staff are not offered to send', async () => {
    await ben.page.getByText('All quiet.').waitFor()
    expect(await badge(ben)).toBe(0)
    expect(await ben.page.title()).toBe('Inbox · Shopbell')
    expect(await ben.page.getByRole('link', { name: 'Send' }).count()).toBe(0)
    expect(await accessibilityProblems(ben)).toEqual([])
  })

  test('what a manager sends to the shop rings on the phones of its staff, live', async () => {
    await say(ana, 'Tea is ready')
    await ana.page.getByText('Sent to Downtown').waitFor()
    for (const phone of [ben, cleo]) {
      await row(phone, 'Tea is ready').waitFor()
      await unread(phone).toBe(1)
    }
    expect(await ben.page.title()).toBe('(1) Inbox · Shopbell')
    await picture(ben, 'inbox')
  })

  test('[NO8] another shop does not see it, and sees its own', async () => {
    const dario = await windowOf('Dario', COMPUTER)
    await say(dario, 'Fish is here')
    await row(emi, 'Fish is here').waitFor()
    await unread(emi).toBe(1)
    expect(await emi.page.title()).toBe('(1) Avisos · Shopbell')
    expect(await row(emi, 'Tea is ready').count()).toBe(0)
    expect(await row(ben, 'Fish is here').count()).toBe(0)
  })

  test('[IN2] reading on one device is read on the other, and only for that person', async () => {
    const second = await windowOf('Ben')
    await row(second, 'Tea is ready').waitFor()
    await unread(second).toBe(1)

    await row(ben, 'Tea is ready').click()
    await ben.page.getByRole('heading', { name: 'Tea is ready' }).waitFor()
    await picture(ben, 'detail')
    expect(await accessibilityProblems(ben)).toEqual([])

    await unread(second).toBe(0)
    await expect.poll(() => second.page.getByTestId('unread').count()).toBe(0)
    await unread(ben).toBe(0)
    expect(await badge(cleo)).toBe(1)
  })

  test('Escape closes what is open and gives the focus back to its row', async () => {
    await ben.page.keyboard.press('Escape')
    await expect.poll(() => new URL(ben.page.url()).pathname).toBe('/')
    const focused = await ben.page.evaluate(() => document.activeElement?.textContent)
    expect(focused).toContain('Tea is ready')
  })

  test('a reload loses nothing and stays signed in', async () => {
    await cleo.page.reload()
    await row(cleo, 'Tea is ready').waitFor()
    await unread(cleo).toBe(1)
    await ben.page.reload()
    await row(ben, 'Tea is ready').waitFor()
    await connected(ben)
    expect(await badge(ben)).toBe(0)
  })

  test('all of it can be marked read, and cleared after a question', async () => {
    await cleo.page.getByRole('button', { name: en.inbox.markAll }).click()
    await unread(cleo).toBe(0)
    await cleo.page.getByRole('button', { name: en.inbox.clear, exact: true }).click()
    await cleo.page.getByRole('dialog').waitFor()
    expect(await accessibilityProblems(cleo)).toEqual([])
    await picture(cleo, 'clear')
    await cleo.page.getByRole('button', { name: en.inbox.clearConfirm }).click()
    await cleo.page.getByText(en.inbox.emptyTitle).waitFor()
    expect(await row(ben, 'Tea is ready').count()).toBe(1)
  })

  test('[CO3] what the server refuses stands at its field', async () => {
    await ana.page.getByRole('button', { name: 'Send another' }).click()
    await ana.page.getByRole('textbox', { name: 'Title' }).fill('x'.repeat(201))
    await ana.page.getByRole('textbox', { name: 'Message' }).fill('Too long a title.')
    await ana.page.locator('button[type=submit]').click()
    const title = ana.page.getByRole('textbox', { name: 'Title' })
    await expect.poll(() => title.getAttribute('aria-invalid')).toBe('true')
    expect(await title.evaluate((field) => field === document.activeElement)).toBe(true)
    expect(await accessibilityProblems(ana)).toEqual([])
    await picture(ana, 'send')
  })

  test('list and detail stand side by side on a computer, for a keyboard too', async () => {
    await ana.page.getByRole('link', { name: 'Inbox' }).click()
    await row(ana, 'Tea is ready').focus()
    await ana.page.keyboard.press('Enter')
    await ana.page.getByRole('heading', { name: 'Tea is ready' }).waitFor()
    expect(await row(ana, 'Tea is ready').isVisible()).toBe(true)
    expect(await accessibilityProblems(ana)).toEqual([])
    await picture(ana, 'side-by-side')
  })

  test('no window complained, and the policy stopped nothing', () => {
    expect(windows.flatMap((window) => window.complaints)).toEqual([])
  })
})
