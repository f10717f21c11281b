// `shopbell/preact`: the client as signals and hooks. Holds no rules of its own; what the hooks answer is in
// page/results.ts, for every framework.
import { signal, type ReadonlySignal } from '@preact/signals'
import { createContext, h, type ComponentChildren } from 'preact'
import { useContext } from 'preact/hooks'
import type { ServerFrame } from '../protocol/server-frames.ts'
import {
  centerOf,
  notificationsOf,
  webSocketOf,
  type NotificationCenterHook,
  type NotificationsHook,
  type Results,
  type WebSocketHook,
} from './page/results.ts'
import { pageOf, type StateName, type States, type Store } from './page/stores.ts'
import type { ConnectionState, InboxState, Shopbell } from './types.ts'

export type { NotificationCenterHook, NotificationsHook, WebSocketHook } from './page/results.ts'

const Context = createContext<Shopbell | null>(null)

/** Gives the components below it one Shopbell; starting and stopping it stays with the app. */
export function ShopbellProvider(props: { shopbell: Shopbell; children?: ComponentChildren }) {
  return h(Context.Provider, { value: props.shopbell }, props.children)
}

/** The Shopbell of this tree, for `api` and `start`/`stop`. */
export function useShopbell(): Shopbell {
  const shopbell = useContext(Context)
  if (!shopbell) throw new Error('useShopbell needs a ShopbellProvider above it')
  return shopbell
}

export interface ShopbellSignals {
  readonly connection: ReadonlySignal<ConnectionState>
  readonly inbox: ReadonlySignal<InboxState>
  readonly lastMessage: ReadonlySignal<ServerFrame | null>
}

type Signals = { readonly [Name in StateName]: ReadonlySignal<States[Name]> }

interface Bindings extends Results {
  signals: ShopbellSignals
}

// One set per Shopbell, so that hooks answer the same object at each render.
const bindings = new WeakMap<Shopbell, Bindings>()

/** The client's states as signals, for stores outside components. */
export function signalsOf(shopbell: Shopbell): ShopbellSignals {
  return bindingsOf(shopbell).signals
}

/** The socket: is it there, what came last, and a way to say something. */
export function useWebSocket(): WebSocketHook {
  return bindingsOf(useShopbell()).webSocket
}

/** The inbox, live: list, counts and what a person can do with them. */
export function useNotifications(): NotificationsHook {
  return bindingsOf(useShopbell()).notifications
}

/** A bell and what it opens: the inbox, and whether it is open. */
export function useNotificationCenter(): NotificationCenterHook {
  return bindingsOf(useShopbell()).center
}

function bindingsOf(shopbell: Shopbell): Bindings {
  const known = bindings.get(shopbell)
  if (known) return known
  const { stores } = pageOf(shopbell)
  const signals: Signals = {
    connection: follow(stores.connection),
    inbox: follow(stores.inbox),
    lastMessage: follow(stores.lastMessage),
    isCenterOpen: follow(stores.isCenterOpen),
  }
  const read = <Name extends StateName>(name: Name): States[Name] => signals[name].value
  const made: Bindings = {
    signals,
    webSocket: webSocketOf(shopbell, read),
    notifications: notificationsOf(shopbell, read),
    center: centerOf(shopbell, read),
  }
  bindings.set(shopbell, made)
  return made
}

function follow<T>(store: Store<T>): ReadonlySignal<T> {
  const followed = signal(store.get())
  store.subscribe(() => (followed.value = store.get()))
  return followed
}
