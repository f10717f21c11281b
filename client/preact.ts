// `shopbell/preact`: the client as signals and hooks. Holds no rules of its own.
import { signal, type ReadonlySignal } from '@preact/signals'
import { createContext, h, type ComponentChildren } from 'preact'
import { useContext } from 'preact/hooks'
import type { ClientFrame } from '../protocol/client-frames.ts'
import type { ServerFrame } from '../protocol/server-frames.ts'
import type {
  ConnectionState,
  ConnectionStatus,
  InboxCounts,
  InboxEntry,
  InboxState,
  InboxStatus,
  InboxVerbs,
  Shopbell,
} from './types.ts'
import type { ShopbellError } from './errors.ts'

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

/** Fields are read when they are used, so a component renders again only for those it takes. */
export interface WebSocketHook {
  readonly isConnected: boolean
  readonly connectionStatus: ConnectionStatus
  /** The whole state: when the next try is, why it stopped. */
  readonly connection: ConnectionState
  readonly lastMessage: ServerFrame | null
  /** False when there is no live connection: the frame was not sent. */
  sendMessage(frame: ClientFrame): boolean
  /** Tries at once; the way back from `stopped`. */
  reconnect(): void
}

/** Fields are read when they are used, so a component renders again only for those it takes. */
export interface NotificationsHook extends InboxVerbs {
  readonly notifications: readonly InboxEntry[]
  readonly counts: InboxCounts
  readonly status: InboxStatus
  readonly hasMore: boolean
  /** Nothing to show yet, or more of it is on its way. */
  readonly isLoading: boolean
  readonly error: ShopbellError | null
}

interface Bindings {
  signals: ShopbellSignals
  webSocket: WebSocketHook
  notifications: NotificationsHook
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

function bindingsOf(shopbell: Shopbell): Bindings {
  const known = bindings.get(shopbell)
  if (known) return known
  const signals = followStates(shopbell)
  const made: Bindings = {
    signals,
    webSocket: webSocketOf(shopbell, signals),
    notifications: notificationsOf(shopbell, signals),
  }
  bindings.set(shopbell, made)
  return made
}

function followStates({ connection, inbox }: Shopbell): ShopbellSignals {
  const connectionState = signal(connection.getState())
  const inboxState = signal(inbox.getState())
  const lastMessage = signal<ServerFrame | null>(null)
  connection.subscribe((state) => (connectionState.value = state))
  inbox.subscribe((state) => (inboxState.value = state))
  connection.onFrames((frames) => (lastMessage.value = frames.at(-1) ?? lastMessage.value))
  return { connection: connectionState, inbox: inboxState, lastMessage }
}

function webSocketOf({ connection }: Shopbell, signals: ShopbellSignals): WebSocketHook {
  return {
    get isConnected() {
      return signals.connection.value.name === 'live'
    },
    get connectionStatus() {
      return signals.connection.value.name
    },
    get connection() {
      return signals.connection.value
    },
    get lastMessage() {
      return signals.lastMessage.value
    },
    sendMessage: (frame) => connection.send(frame),
    reconnect: () => connection.restart(),
  }
}

function notificationsOf({ inbox }: Shopbell, signals: ShopbellSignals): NotificationsHook {
  return {
    get notifications() {
      return signals.inbox.value.notifications
    },
    get counts() {
      return signals.inbox.value.counts
    },
    get status() {
      return signals.inbox.value.status
    },
    get hasMore() {
      return signals.inbox.value.hasMore
    },
    get isLoading() {
      return signals.inbox.value.status === 'loading' || signals.inbox.value.isLoadingMore
    },
    get error() {
      return signals.inbox.value.error
    },
    markRead: (id) => inbox.markRead(id),
    markUnread: (id) => inbox.markUnread(id),
    markAllRead: (scope) => inbox.markAllRead(scope),
    markSeen: () => inbox.markSeen(),
    acknowledge: (id) => inbox.acknowledge(id),
    archive: (id) => inbox.archive(id),
    unarchive: (id) => inbox.unarchive(id),
    remove: (id) => inbox.remove(id),
    clear: (scope) => inbox.clear(scope),
    loadMore: () => inbox.loadMore(),
    refresh: () => inbox.refresh(),
  }
}
