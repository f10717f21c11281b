// The service worker: shows what is pushed, and leads a click to its page. It keeps nothing and answers no request.
import { landingOf, shownOf } from './shown.ts'

declare const self: ServiceWorkerGlobalScope

/** [RE3] Safari reads the declaration itself and shows it where we show nothing. */
interface DeclarativePushEvent extends PushEvent {
  notification?: Notification | null
}

self.addEventListener('install', () => void self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

self.addEventListener('push', (event: DeclarativePushEvent) => {
  if (event.notification) return
  event.waitUntil(show(event.data?.text() ?? null))
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(open(landingOf(event.notification.data, self.location.origin)))
})

async function show(text: string | null): Promise<void> {
  const { title, options, replaces, badge } = shownOf(text)
  await self.registration.showNotification(title, options)
  if (badge !== null) await navigator.setAppBadge?.(badge)
  if (replaces === null) return
  const replaced = await self.registration.getNotifications({ tag: replaces })
  for (const one of replaced) one.close()
}

/** In a window that is there, the one that was looked at last; else in a new one. */
async function open(url: string): Promise<void> {
  const [window] = await self.clients.matchAll({ type: 'window' })
  try {
    if (window) {
      await focus(window)
      await window.navigate(url)
      return
    }
  } catch {
    // It went away, or may not be led: a new one can.
  }
  await self.clients.openWindow(url)
}

async function focus(window: WindowClient): Promise<void> {
  try {
    await window.focus()
  } catch {
    // Some browsers let nobody take the focus; the page is the right one all the same.
  }
}
