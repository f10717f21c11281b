// [WS14] A network that spoils WebSockets and lets HTTP through, with the app in a browser behind it.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { en } from '../../web/messages/en.ts'
import { es } from '../../web/messages/es.ts'
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
import { anaTells } from './rest.ts'
import { freePort, startServer, type Server } from './server.ts'
import { startUpgradeProxy, type Sockets, type UpgradeProxy } from './upgrade-proxy.ts'

let server: Server
let browser: Browser
let proxy: UpgradeProxy
let blocked: string

beforeAll(async () => {
  const port = await freePort()
  blocked = `http://localhost:${port}`
  server = await startServer({ ALLOWED_ORIGINS: blocked })
  proxy = await startUpgradeProxy(port, server.origin)
  browser = await launch()
})

afterAll(async () => {
  await browser?.close()
  await proxy?.stop()
  await server?.stop()
})

const anaSends = (title: string) => anaTells(server, { location_id: 'downtown' }, title)

/** A phone behind the proxy. Its clock can be moved on. */
async function windowOf(name: string): Promise<Window> {
  const window = await openWindow(browser, blocked, SMALL_PHONE)
  await window.page.clock.install()
  await signIn(window, name)
  return window
}

const isDegraded = (window: Window, words = en) =>
  window.page.getByText(words.connection.degradedNote).waitFor({ timeout: 60_000 })

/** What a browser says of a socket that is refused is no mistake of the page. */
const isOfSockets = (text: string) => text.includes('WebSocket connection to')

describe('[WS14] where sockets are blocked', () => {
  test('the app says so, what is sent shows within 20 s, and it is live again by itself', async () => {
    proxy.setSockets('refuse')
    const ben = await windowOf('Ben')
    await isDegraded(ben)
    expect(await accessibilityProblems(ben)).toEqual([])
    expect(await overflows(ben)).toBe(false)

    const sentAt = performance.now()
    await anaSends('Tea is ready')
    await row(ben, 'Tea is ready').waitFor({ timeout: 20_000 })
    expect(performance.now() - sentAt).toBeLessThan(20_000)
    await expect.poll(() => badge(ben)).toBe(1)
    await picture(ben, 'degraded')

    await row(ben, 'Tea is ready').click()
    await expect.poll(() => badge(ben)).toBe(0)
    await ben.page.keyboard.press('Escape')

    proxy.setSockets('pass')
    await isDegraded(ben)
    const before = proxy.upgrades()
    await ben.page.clock.fastForward('02:00')
    await connected(ben)
    expect(proxy.upgrades()).toBe(before + 1)
    await anaSends('Cake, too')
    await row(ben, 'Cake, too').waitFor({ timeout: 5_000 })
    expect(await badge(ben)).toBe(1)
    expect(ben.complaints.filter((text) => !isOfSockets(text))).toEqual([])
  })

  // Nothing tells a silent socket from a slow one but 10 s, three times.
  const SILENCE = { timeout: 90_000 }
  test.each<Sockets>(['cut', 'swallow'])(
    'sockets that open, and then: %s',
    SILENCE,
    async (sockets) => {
      proxy.setSockets(sockets)
      const emi = await windowOf('Emi')
      await isDegraded(emi, es)
      expect(await overflows(emi)).toBe(false)
      await picture(emi, `degraded-${sockets}`)
      await emi.page.context().close()
    },
  )

  test('a socket that was live before the network changed', async () => {
    proxy.setSockets('pass')
    const cleo = await windowOf('Cleo')
    await connected(cleo)
    proxy.setSockets('refuse')
    await isDegraded(cleo)
    await anaSends('Back door')
    await row(cleo, 'Back door').waitFor({ timeout: 20_000 })
    proxy.setSockets('pass')
    await cleo.page.evaluate(() => window.dispatchEvent(new Event('online')))
    await connected(cleo)
    expect(await row(cleo, 'Back door').count()).toBe(1)
  })
})
