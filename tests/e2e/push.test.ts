// [RE1][RE3] A push from one end to the other, with browsers that decrypt and show it. Firefox has the whole way: it subscribes
// with our key at a push service of this machine. Chromium's own needs Google, so there the last step is shown: its service
// worker is handed what the server would have sent.
import { gzipSync } from 'node:zlib'
import type { Browser as Firefox, Page } from 'puppeteer-core'
import type { Browser as Chromium, BrowserContext, CDPSession } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pushPayload } from '../../durable-objects/push/payload.ts'
import type { PushDeviceList } from '../../protocol/push.ts'
import { startAutopush, type Autopush } from './autopush.ts'
import { findOrInstallFirefox, launchFirefox } from './firefox.ts'
import { COMPUTER, launch, openWindow, signIn, type Window } from './phones.ts'
import { ask, tokenOf } from './rest.ts'
import { startServer, type Server } from './server.ts'

const firefox = findOrInstallFirefox()
const why = 'missing' in firefox ? firefox.missing : null
if (why !== null) console.warn(`Skipped, not tested: Web Push in Firefox; ${why}.`)

const PATIENCE = { timeout: 20_000 }
let server: Server
let autopush: Autopush

beforeAll(async () => {
  autopush = await startAutopush()
  server = await startServer({ PUSH_LOOPBACK: autopush.origin })
})
afterAll(async () => {
  await server?.stop()
  await autopush?.stop()
})

/** As the booking system of the demo shop. */
async function sendTo(to: object, more: object) {
  const { access_token: token } = await ask<{ access_token: string }>(server, 'POST /auth/token', {
    body: {
      grant_type: 'client_credentials',
      client_id: 'demo-booking',
      client_secret: 'demo-booking-secret',
    },
  })
  const body = { to, type: 'custom', ...more }
  return ask<{ id: string }>(server, 'POST /notifications', { token, body })
}

interface Seen {
  title: string
  body: string
  tag: string
  navigate: string
}

/** Runs in a page: what its service worker shows. */
async function notificationsShown(): Promise<Seen[]> {
  const registration = await navigator.serviceWorker.ready
  const shown = await registration.getNotifications()
  return shown.map(({ title, body, tag, data }) => {
    const { navigate } = data as { navigate: string }
    return { title, body, tag, navigate }
  })
}

/** Runs in a page, as the app will do it. */
async function subscribeHere(token: string, device: string): Promise<number> {
  const headers = { Authorization: `Bearer ${token}` }
  const { public_key } = (await (await fetch('/api/v1/push/key', { headers })).json()) as {
    public_key: string
  }
  const registration = await navigator.serviceWorker.ready
  const subscription = await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: public_key,
  })
  const body = JSON.stringify(subscription)
  const put = { method: 'PUT', headers, body }
  return (await fetch(`/api/v1/push/subscriptions/${device}`, put)).status
}

test('[RE3] the service worker is small, brings no framework, and is asked for anew each time', async () => {
  const response = await fetch(`${server.origin}/sw.js`)
  expect(response.headers.get('Content-Type')).toMatch(/javascript/)
  expect(response.headers.get('Cache-Control')).toBe('no-cache')
  const text = await response.text()
  expect(gzipSync(text).length).toBeLessThan(20_000)
  expect(text).not.toMatch(/\bimport\b|preact/)
})

describe.skipIf(why !== null)('Firefox', () => {
  let browser: Firefox
  let page: Page
  let token: string

  beforeAll(async () => {
    if ('missing' in firefox) return
    browser = await launchFirefox(firefox.path, autopush.socketUrl)
    page = await browser.newPage()
    await page.goto(server.origin)
    token = await tokenOf(server, 'ben')
  })
  afterAll(async () => {
    await browser?.close()
  })

  const devices = async () =>
    (await ask<PushDeviceList>(server, 'GET /push/subscriptions', { token })).data
  const shown = () => page.evaluate(notificationsShown)

  test('[RE3] subscribes with our key', async () => {
    expect(await page.evaluate(subscribeHere, token, 'firefox')).toBe(201)
    expect(await devices()).toMatchObject([{ device: 'firefox', service: '127.0.0.1' }])
  })

  test('[RE1] what a person is sent while nothing is open is decrypted and shown', async () => {
    const body = 'Olá, José: 7 € — 🔔'
    const { id } = await sendTo({ user_id: 'ben' }, { title: 'Café is ready', message: body })
    const navigate = `${server.origin}/n/${id}`
    const wanted = { title: 'Café is ready', body, tag: id, navigate }
    await expect.poll(shown, PATIENCE).toEqual([wanted])
    await expect.poll(() => autopush.codes, PATIENCE).toEqual([100])
    const [posted] = autopush.posted
    expect(posted?.body.includes('Caf')).toBe(false)
    expect(posted?.headers).toMatchObject({ urgency: 'normal', topic: id.replaceAll('-', '') })
    await expect.poll(async () => (await devices())[0]?.last_success_at, PATIENCE).not.toBeNull()
  })

  test('[ST7] so is what their shop is sent, written in their words', async () => {
    const data = { client_name: 'Nora', service: 'Cut', time: '2026-12-20T15:30:00.000Z' }
    const type = 'appointment.booked'
    const { id } = await sendTo(
      { location_id: 'downtown' },
      { type, data: { appointment_id: 'a', ...data } },
    )
    const tagged = async () => (await shown()).find(({ tag }) => tag === id)
    // In the shop's zone.
    await expect.poll(async () => (await tagged())?.body, PATIENCE).toBe('Sun 20 Dec, 10:30')
    expect((await tagged())?.title).toContain('Nora')
  })

  test('[NO6] a newer one takes the place of the one it replaces', async () => {
    const keyed = { collapse_key: 'queue' }
    const titles = async () => (await shown()).map(({ title }) => title)
    await sendTo({ user_id: 'ben' }, { title: 'Three wait', ...keyed })
    await expect.poll(titles, PATIENCE).toContain('Three wait')
    await sendTo({ user_id: 'ben' }, { title: 'Four wait', ...keyed })
    await expect.poll(titles, PATIENCE).toContain('Four wait')
    await expect.poll(titles, PATIENCE).not.toContain('Three wait')
  })

  test('[RE3] a test push is shown, too; one that unsubscribed is found out and dropped', async () => {
    const results = await ask<object>(server, 'POST /push/test', { token, body: {} })
    expect(results).toEqual({ results: [{ device: 'firefox', error: null }] })
    await expect
      .poll(async () => (await shown()).some(({ tag }) => tag === 'test'), PATIENCE)
      .toBe(true)
    await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready
      await (await registration.pushManager.getSubscription())?.unsubscribe()
    })
    await expect
      .poll(async () => {
        await ask(server, 'POST /push/test', { token, body: {} })
        return (await devices())[0]?.gone_at ?? null
      }, PATIENCE)
      .not.toBeNull()
  })
})

describe('Chromium', () => {
  let browser: Chromium
  let context: BrowserContext
  let window: Window
  let cdp: CDPSession
  let registrationId: string

  beforeAll(async () => {
    browser = await launch()
    window = await openWindow(browser, server.origin, COMPUTER)
    context = window.page.context()
    await context.grantPermissions(['notifications'], { origin: server.origin })
    await signIn(window, 'Cleo')
    cdp = await context.newCDPSession(window.page)
    const registered = Promise.withResolvers<string>()
    cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [first] = registrations
      if (first) registered.resolve(first.registrationId)
    })
    await cdp.send('ServiceWorker.enable')
    registrationId = await registered.promise
    await window.page.evaluate(() => navigator.serviceWorker.ready)
  })
  afterAll(async () => {
    await browser?.close()
  })

  test('[RE1] its service worker shows the push, and a click leads the open window to its page', async () => {
    const { page } = window
    const { id } = await sendTo(
      { user_id: 'cleo' },
      { title: 'Keys at the desk', message: 'Yours.' },
    )
    const navigate = `${server.origin}/n/${id}`
    const data = pushPayload({
      tag: id,
      title: 'Keys at the desk',
      body: 'Yours.',
      navigate,
      at: Date.now(),
      priority: 'normal',
      replaces: null,
      badge: 2,
    })
    await cdp.send('ServiceWorker.deliverPushMessage', {
      origin: server.origin,
      registrationId,
      data,
    })
    const wanted = { title: 'Keys at the desk', body: 'Yours.', tag: id, navigate }
    await expect.poll(() => page.evaluate(notificationsShown), PATIENCE).toEqual([wanted])

    const [worker] = context.serviceWorkers()
    if (worker === undefined) throw new Error('there is no service worker')
    await worker.evaluate(clickFirst)
    await page.waitForURL(navigate)
    await page.getByRole('heading', { name: 'Keys at the desk' }).waitFor()
    expect(await page.evaluate(notificationsShown)).toEqual([])
  })

  test('the page’s policy lets the worker be, and nothing complained', () => {
    expect(window.complaints).toEqual([])
  })
})

/**
 * Runs in the worker. No test can click what the system shows, so the event is made here; an event that was made may not
 * prolong the worker's life, and is kept from trying.
 */
async function clickFirst() {
  const worker = globalThis as unknown as {
    registration: ServiceWorkerRegistration
    ExtendableEvent: { prototype: { waitUntil(work: Promise<void>): void } }
    NotificationEvent: new (type: string, init: object) => Event
    dispatchEvent(event: Event): void
  }
  const [notification] = await worker.registration.getNotifications()
  const opened = new Promise<void>((resolve) => {
    worker.ExtendableEvent.prototype.waitUntil = (work) => void work.then(resolve)
  })
  worker.dispatchEvent(new worker.NotificationEvent('notificationclick', { notification }))
  await opened
}
