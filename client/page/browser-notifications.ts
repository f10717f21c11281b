// Notifications of the browser for a page that is hidden. The rules are in core/alerts.ts.
import { alertStep, NOT_WATCHING, type Watch } from '../core/alerts.ts'
import { browserHints } from '../system.ts'
import type { Hints, Inbox, InboxEntry } from '../types.ts'
import { browserAlerts, type AlertPermission, type AlertSystem } from './alert-system.ts'

export interface BrowserNotificationsOptions {
  inbox: Inbox
  /** Which entries may be shown; all, if left out. */
  filter?: (entry: InboxEntry) => boolean
  /** A person clicked one; the page has the focus then. */
  onOpen?: (entry: InboxEntry) => void
  hints?: Hints
  system?: AlertSystem
}

export interface BrowserNotifications {
  /** `unsupported`: this browser has none (on some phones only for installed pages). */
  permission(): AlertPermission
  /** Asks the person. Call it from a click: it is never asked by itself. */
  ask(): Promise<AlertPermission>
  start(): void
  stop(): void
}

/** While the page is hidden and the person allowed it, what arrives is shown by the browser. */
export function createBrowserNotifications(
  options: BrowserNotificationsOptions,
): BrowserNotifications {
  const { inbox, filter = () => true, onOpen = () => {} } = options
  const hints = options.hints ?? browserHints()
  const system = options.system ?? browserAlerts()
  const shown = new Map<string, () => void>()
  let watch: Watch = NOT_WATCHING
  let ends: (() => void)[] = []

  const look = () => {
    const glance = { isHidden: !hints.isVisible(), isAllowed: system.permission() === 'granted' }
    const { status, notifications } = inbox.getState()
    const step = alertStep(watch, { status, notifications: notifications.filter(filter) }, glance)
    watch = step.watch
    for (const id of step.close) close(id)
    for (const entry of step.show) {
      shown.set(
        entry.id,
        system.show(entry, () => onOpen(entry)),
      )
    }
  }
  const close = (id: string) => {
    shown.get(id)?.()
    shown.delete(id)
  }
  return {
    permission: () => system.permission(),
    ask: () => system.ask(),
    start() {
      if (ends.length > 0) return
      ends = [inbox.subscribe(look), hints.listen(look)]
      look()
    },
    stop() {
      for (const end of ends.splice(0)) end()
      for (const id of shown.keys()) close(id)
      watch = NOT_WATCHING
    },
  }
}
