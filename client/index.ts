// `shopbell/client`: the framework-free client.
export type * from './types.ts'
export { createConnection, type ConnectionOptions } from './connection.ts'
export type { ApiOptions } from './call.ts'
export { createShopbell } from './create-shopbell.ts'
export { ShopbellError, type ClientErrorCode } from './errors.ts'
export { createInbox, type InboxOptions } from './inbox.ts'
export { createApi } from './rest.ts'
export { createSharedConnection } from './share.ts'
export { browserHints, NO_HINTS, systemClock, tabLock } from './system.ts'
export { createTokenSource } from './tokens.ts'
export { browserAlerts, type AlertPermission, type AlertSystem } from './page/alert-system.ts'
export {
  createBrowserNotifications,
  type BrowserNotifications,
  type BrowserNotificationsOptions,
} from './page/browser-notifications.ts'
export {
  createNotificationCenter,
  type CenterOptions,
  type CenterState,
  type NotificationCenter,
} from './page/center.ts'
export { onEvent, type EventHandler } from './page/live-events.ts'
export { subscribe, type EntryOf, type Handler, type Route } from './page/routing.ts'
