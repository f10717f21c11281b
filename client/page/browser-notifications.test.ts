import { afterEach, describe, expect, test, vi } from 'vitest'
import { setScene } from '../../tests/client/scene.ts'
import { createFakePage, entry } from '../../tests/package/fake-page.ts'
import { FRESH_STATE } from '../../protocol/notification.ts'
import { browserAlerts, type AlertPermission, type AlertSystem } from './alert-system.ts'
import { createBrowserNotifications } from './browser-notifications.ts'

function setUp(permission: AlertPermission = 'granted') {
  const page = createFakePage()
  const { window } = setScene()
  const log: string[] = []
  const clicks: (() => void)[] = []
  const system: AlertSystem & { allowed: AlertPermission } = {
    allowed: permission,
    permission: () => system.allowed,
    async ask() {
      log.push('ask')
      system.allowed = 'granted'
      return 'granted'
    },
    show({ title }, onClick) {
      log.push(`show ${title}`)
      clicks.push(onClick)
      return () => log.push(`close ${title}`)
    },
  }
  const notifications = createBrowserNotifications({
    inbox: page.shopbell.inbox,
    hints: window,
    system,
    filter: ({ priority }) => priority !== 'low',
    onOpen: ({ title }) => log.push(`open ${title}`),
  })
  page.setInbox({ status: 'ready' })
  notifications.start()
  return { ...page, window, log, clicks, notifications }
}

const first = entry({ title: 'A' })
const second = entry({ title: 'B' })

describe('notifications of the browser', () => {
  test('come for a hidden page, and go when it is looked at', () => {
    const { setInbox, window, log } = setUp()
    setInbox({ notifications: [first] })
    window.say('hidden')
    setInbox({ notifications: [second, first] })
    window.say('visible')
    expect(log).toEqual(['show B', 'close B'])
  })

  test('go when the entry was read on another device', () => {
    const { setInbox, window, log } = setUp()
    window.say('hidden')
    setInbox({ notifications: [first] })
    setInbox({ notifications: [{ ...first, state: { ...FRESH_STATE, is_read: true } }] })
    expect(log).toEqual(['show A', 'close A'])
  })

  test('a click says which one', () => {
    const { setInbox, window, log, clicks } = setUp()
    window.say('hidden')
    setInbox({ notifications: [first] })
    clicks[0]?.()
    expect(log).toEqual(['show A', 'open A'])
  })

  test('the app may keep some back', () => {
    const { setInbox, window, log } = setUp()
    window.say('hidden')
    setInbox({ notifications: [entry({ priority: 'low' })] })
    expect(log).toEqual([])
  })

  test('permission is asked when the app asks, never by itself', async () => {
    const { setInbox, window, log, notifications } = setUp('default')
    window.say('hidden')
    setInbox({ notifications: [first] })
    expect([log, notifications.permission()]).toEqual([[], 'default'])
    expect(await notifications.ask()).toBe('granted')
    setInbox({ notifications: [second, first] })
    expect(log).toEqual(['ask', 'show B'])
  })

  test('stopped, it takes back what it shows and hears nothing more', () => {
    const { setInbox, window, log, notifications } = setUp()
    window.say('hidden')
    setInbox({ notifications: [first] })
    notifications.stop()
    setInbox({ notifications: [second, first] })
    expect(log).toEqual(['show A', 'close A'])
  })
})

describe("the browser's own", () => {
  afterEach(() => vi.unstubAllGlobals())

  test('a browser without them says so, and is not asked', async () => {
    vi.stubGlobal('Notification', undefined)
    const system = browserAlerts()
    expect([system.permission(), await system.ask()]).toEqual(['unsupported', 'unsupported'])
  })

  test('[RE1] the id is the tag; a click brings the page to the front', () => {
    const log: unknown[] = []
    class FakeNotification extends EventTarget {
      static permission = 'granted'
      constructor(title: string, options: NotificationOptions) {
        super()
        log.push([title, options])
        made.push(this)
      }
      close = () => void log.push('close')
    }
    const made: FakeNotification[] = []
    vi.stubGlobal('Notification', FakeNotification)
    vi.stubGlobal('window', { focus: () => log.push('focus') })
    const takeBack = browserAlerts().show(first, () => log.push('clicked'))
    made[0]?.dispatchEvent(new Event('click'))
    takeBack()
    expect(log).toEqual([
      ['A', { body: first.message, tag: first.id }],
      'focus',
      'close',
      'clicked',
      'close',
    ])
  })

  test('where only a service worker may show them, it does', async () => {
    const log: unknown[] = []
    const worker = {
      showNotification: async (title: string, { tag }: { tag: string }) =>
        void log.push([title, tag]),
      getNotifications: async ({ tag }: { tag: string }) => [
        { close: () => log.push(['close', tag]) },
      ],
    }
    vi.stubGlobal('Notification', function illegal() {
      throw new TypeError('Illegal constructor')
    })
    vi.stubGlobal('navigator', { serviceWorker: { getRegistration: async () => worker } })
    const takeBack = browserAlerts().show(first, () => {})
    takeBack()
    await vi.waitFor(() => expect(log).toHaveLength(2))
    expect(log).toEqual([
      ['A', first.id],
      ['close', first.id],
    ])
  })
})
