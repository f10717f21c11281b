// The browser's notifications, as few functions as are needed.
import type { InboxEntry } from '../types.ts'

export type AlertPermission = NotificationPermission | 'unsupported'

export interface AlertSystem {
  permission(): AlertPermission
  ask(): Promise<AlertPermission>
  /** Answers the function that takes it back. */
  show(entry: InboxEntry, onClick: () => void): () => void
}

/** [RE1] An entry's id is its tag: several tabs, and a push of the same entry, show it once. */
export function browserAlerts(): AlertSystem {
  const isSupported = typeof Notification !== 'undefined'
  return {
    permission: () => (isSupported ? Notification.permission : 'unsupported'),
    ask: async () => (isSupported ? Notification.requestPermission() : 'unsupported'),
    show(entry, onClick) {
      const options = { body: entry.message, tag: entry.id }
      try {
        return showFromPage(entry.title, options, onClick)
      } catch (error) {
        // Chrome on Android has them for service workers only, and says so with a TypeError.
        if (!(error instanceof TypeError)) throw error
        return showFromWorker(entry.title, options)
      }
    },
  }
}

function showFromPage(title: string, options: NotificationOptions, onClick: () => void) {
  const shown = new Notification(title, options)
  shown.addEventListener('click', () => {
    window.focus()
    shown.close()
    onClick()
  })
  return () => shown.close()
}

/** A click on these goes to the service worker of the page. Without one there is nothing to show them. */
function showFromWorker(title: string, options: NotificationOptions & { tag: string }) {
  const whenShown = showBy(navigator.serviceWorker?.getRegistration(), title, options)
  const takeBack = async () => {
    const shown = await (await whenShown)?.getNotifications({ tag: options.tag })
    for (const one of shown ?? []) one.close()
  }
  return () => void takeBack()
}

async function showBy(
  registered: Promise<ServiceWorkerRegistration | undefined> | undefined,
  title: string,
  options: NotificationOptions,
) {
  const worker = await registered
  await worker?.showNotification(title, options)
  return worker
}
