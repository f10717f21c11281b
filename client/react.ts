// `shopbell/react`: the client as hooks. Holds no rules of its own; what the hooks answer is in page/results.ts,
// for every framework.
import {
  createContext,
  createElement,
  useContext,
  useMemo,
  useSyncExternalStore,
  type ReactNode,
} from 'react'
import {
  centerOf,
  notificationsOf,
  webSocketOf,
  type NotificationCenterHook,
  type NotificationsHook,
  type WebSocketHook,
} from './page/results.ts'
import { pageOf, type Read } from './page/stores.ts'
import { createTracker } from './react/tracker.ts'
import type { Shopbell } from './types.ts'

export type { NotificationCenterHook, NotificationsHook, WebSocketHook } from './page/results.ts'

const Context = createContext<Shopbell | null>(null)

/** Gives the components below it one Shopbell; starting and stopping it stays with the app. */
export function ShopbellProvider(props: { shopbell: Shopbell; children?: ReactNode }) {
  return createElement(Context.Provider, { value: props.shopbell }, props.children)
}

/** The Shopbell of this tree, for `api` and `start`/`stop`. */
export function useShopbell(): Shopbell {
  const shopbell = useContext(Context)
  if (!shopbell) throw new Error('useShopbell needs a ShopbellProvider above it')
  return shopbell
}

/** The socket: is it there, what came last, and a way to say something. */
export function useWebSocket(): WebSocketHook {
  return useResult(webSocketOf)
}

/** The inbox, live: list, counts and what a person can do with them. */
export function useNotifications(): NotificationsHook {
  return useResult(notificationsOf)
}

/** A bell and what it opens: the inbox, and whether it is open. */
export function useNotificationCenter(): NotificationCenterHook {
  return useResult(centerOf)
}

/** Another object whenever something that the component read has changed, so that `memo` and dependencies see it. */
function useResult<T>(make: (shopbell: Shopbell, read: Read) => T): T {
  const shopbell = useShopbell()
  const tracker = useMemo(() => createTracker(pageOf(shopbell).stores), [shopbell])
  const { subscribe, getSnapshot } = tracker
  const snapshot = useSyncExternalStore(subscribe, getSnapshot, getSnapshot)
  // `snapshot` is no argument of `make`: it is the reason to make it anew.
  return useMemo(() => make(shopbell, tracker.read), [make, shopbell, tracker, snapshot])
}
