// [TR6] What a person does where there is no network, in a browser: a network that swallows everything, a tab that is
// closed, and a new one when the network is back.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createShopbell, type Shopbell } from '../../client/index.ts'
import { en } from '../../web/messages/en.ts'
import { startFaultProxy, type FaultProxy } from '../faults/fault-proxy.ts'
import {
  accessibilityProblems,
  badge,
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
import { freePort, startServer, type Server } from './server.ts'

let server: Server
let browser: Browser
let proxy: FaultProxy
/** Ben's own stream, heard from a place that always has a network. */
let watcher: Shopbell
const marks: string[] = []
const titles = new Map<string, string>()

beforeAll(async () => {
  const port = await freePort()
  proxy = await startFaultProxy(port)
  const ALLOWED_ORIGINS = `http://localhost:${proxy.port}`
  server = await startServer({ PORT: String(port), ALLOWED_ORIGINS })
  browser = await launch()
  watcher = shopbellOf('ben', 'watcher')
  watcher.connection.onFrames((frames) => {
    for (const frame of frames) {
      if (frame.type === 'notification') titles.set(frame.data.id, frame.data.title)
      if (frame.type !== 'notification_state' || frame.data.state === 'seen') continue
      const names = frame.data.notification_ids?.map((id) => titles.get(id)) ?? ['up to here']
      marks.push(`${frame.data.state} ${names.join()}`)
    }
  })
  watcher.start()
  await until(() => watcher.connection.getState().name === 'live')
})

afterAll(async () => {
  watcher?.stop()
  await browser?.close()
  await proxy?.stop()
  await server?.stop()
})

const shopbellOf = (user: string, device: string) =>
  createShopbell({ base: server.origin, device, signIn: (api) => api.signInDev(user) })

const until = (isSo: () => boolean) => vi.waitUntil(isSo, { timeout: 15_000 })

async function anaSends(...all: string[]) {
  const ana = shopbellOf('ana', 'ana')
  for (const title of all) {
    await ana.api.send({
      to: { location_id: 'downtown' },
      type: 'team.announcement',
      title,
      message: `${title}.`,
      requires_ack: true,
    })
  }
}

const back = ({ page }: Window) => page.getByRole('button', { name: en.back }).click()
const press = ({ page }: Window, name: string) =>
  page.locator('.detail-actions').getByRole('button', { name }).click()

describe('[TR6] without a network', () => {
  let ben: Window

  beforeAll(async () => {
    ben = await openWindow(browser, `http://localhost:${proxy.port}`, SMALL_PHONE)
    await signIn(ben, 'Ben')
    await connected(ben)
    await anaSends('Tea is ready', 'Keys are at the bar', 'We close at six')
    await row(ben, 'We close at six').waitFor()
    await until(() => titles.size === 3)
  })

  test('what is done shows at once, and what is not sent yet is marked', async () => {
    proxy.setWeather({ blackHole: true })
    await row(ben, 'Tea is ready').click()
    await ben.page.getByRole('heading', { name: 'Tea is ready' }).waitFor()
    await back(ben)
    await row(ben, 'Keys are at the bar').click()
    await press(ben, en.detail.delete)
    await row(ben, 'We close at six').click()
    await press(ben, en.detail.confirm)
    await ben.page.getByText(en.detail.unsent).waitFor()
    await ben.page.getByText(en.detail.confirmed).waitFor()
    expect(await accessibilityProblems(ben)).toEqual([])
    await picture(ben, 'outbox-detail')
    await back(ben)

    expect(await row(ben, 'Keys are at the bar').count()).toBe(0)
    expect(await badge(ben)).toBe(0)
    expect(await ben.page.getByTestId('unsent').count()).toBe(2)
    await ben.page.getByText(/^5 changes/).waitFor()
    expect(marks).toEqual([])
  })

  test('it looks and reads well, by day and by night', async () => {
    // The browser finds out by itself, or is told.
    await ben.page.context().setOffline(true)
    await ben.page.getByText(en.inbox.unsentOffline(5)).waitFor({ timeout: 60_000 })
    expect(await accessibilityProblems(ben)).toEqual([])
    expect(await overflows(ben)).toBe(false)
    await picture(ben, 'outbox-light')
    await ben.page.emulateMedia({ colorScheme: 'dark' })
    await picture(ben, 'outbox-dark')
    await ben.page.emulateMedia({ colorScheme: 'light' })
    await ben.page.getByRole('link', { name: en.tabs.me }).click()
    await ben.page.getByText(en.me.unsentStays(5)).waitFor()
    expect(await accessibilityProblems(ben)).toEqual([])
    await picture(ben, 'outbox-me')
  })

  test('[IN2] the tab is closed; a new one with a network sends all of it, in order, once', async () => {
    const context = ben.page.context()
    await ben.page.close()
    await context.setOffline(false)
    proxy.setWeather()
    const page = await context.newPage()
    await page.goto(`http://localhost:${proxy.port}`)
    ben = { page, complaints: [] }
    await connected(ben)
    await until(() => marks.length >= 5)
    await row(ben, 'Tea is ready').waitFor()
    await expect.poll(() => page.getByTestId('unsent').count(), { timeout: 10_000 }).toBe(0)
    // Once more through the whole stream: nothing came twice, or late.
    await anaSends('One more')
    await until(() => titles.size === 4)
    expect(marks).toEqual([
      'read Tea is ready',
      'read Keys are at the bar',
      'deleted Keys are at the bar',
      'read We close at six',
      'acknowledged We close at six',
    ])
    await expect.poll(() => badge(ben), { timeout: 10_000 }).toBe(1)
    expect(await row(ben, 'Keys are at the bar').count()).toBe(0)
  })
})
