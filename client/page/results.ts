// What the hooks answer, once for every framework. `read` is how the framework reads a state: each says there
// which component has to be rendered again.
import type { ClientFrame } from '../../protocol/client-frames.ts'
import type { EventType } from '../../protocol/events.ts'
import type { ServerFrame } from '../../protocol/server-frames.ts'
import type { ShopbellError } from '../errors.ts'
import type {
  ConnectionState,
  ConnectionStatus,
  InboxCounts,
  InboxEntry,
  InboxStatus,
  InboxVerbs,
  Shopbell,
  Unsent,
} from '../types.ts'
import { onEvent, type EventHandler } from './live-events.ts'
import { subscribe, type Handler, type Route } from './routing.ts'
import { pageOf, type Read } from './stores.ts'

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
  /** Calls for each live event of a type (NO7), over every new socket too; answers the function that stops it. */
  onEvent(eventType: EventType, handler: EventHandler): () => void
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
  /** What the person did and the server has not taken yet (TR6). */
  readonly unsent: Unsent
  /** Calls for each one that arrives, by type or category; answers the function that stops it. */
  subscribe<R extends Route>(to: R, handler: Handler<R>): () => void
}

/** The inbox behind a bell. There is one centre for each Shopbell: whoever opens it, all see it open. */
export interface NotificationCenterHook extends NotificationsHook {
  readonly isOpen: boolean
  open(): void
  close(): void
  toggle(): void
}

export interface Results {
  webSocket: WebSocketHook
  notifications: NotificationsHook
  center: NotificationCenterHook
}

/** The verbs of a Shopbell: the same functions at each render, so that they may stand in dependencies. */
type Verbs = Pick<WebSocketHook, 'sendMessage' | 'reconnect' | 'onEvent'> &
  InboxVerbs &
  Pick<NotificationsHook, 'subscribe'> &
  Pick<NotificationCenterHook, 'open' | 'close' | 'toggle'>

const allVerbs = new WeakMap<Shopbell, Verbs>()

function verbsOf(shopbell: Shopbell): Verbs {
  const known = allVerbs.get(shopbell)
  if (known) return known
  const { connection } = shopbell
  const { getState: _state, subscribe: _subscribe, ...center } = pageOf(shopbell).center
  const verbs: Verbs = {
    ...center,
    sendMessage: (frame) => connection.send(frame),
    reconnect: () => connection.restart(),
    onEvent: (eventType, handler) => onEvent(shopbell, eventType, handler),
    subscribe: (to, handler) => subscribe(shopbell, to, handler),
  }
  allVerbs.set(shopbell, verbs)
  return verbs
}

export function webSocketOf(shopbell: Shopbell, read: Read): WebSocketHook {
  const { sendMessage, reconnect, onEvent: listen } = verbsOf(shopbell)
  return {
    get isConnected() {
      return read('connection').name === 'live'
    },
    get connectionStatus() {
      return read('connection').name
    },
    get connection() {
      return read('connection')
    },
    get lastMessage() {
      return read('lastMessage')
    },
    sendMessage,
    reconnect,
    onEvent: listen,
  }
}

export function notificationsOf(shopbell: Shopbell, read: Read): NotificationsHook {
  const { sendMessage: _send, reconnect: _reconnect, onEvent: _listen, ...rest } = verbsOf(shopbell)
  const { open: _open, close: _close, toggle: _toggle, ...verbs } = rest
  return {
    get notifications() {
      return read('inbox').notifications
    },
    get counts() {
      return read('inbox').counts
    },
    get status() {
      return read('inbox').status
    },
    get hasMore() {
      return read('inbox').hasMore
    },
    get isLoading() {
      const { status, isLoadingMore } = read('inbox')
      return status === 'loading' || isLoadingMore
    },
    get error() {
      return read('inbox').error
    },
    get unsent() {
      return read('inbox').unsent
    },
    ...verbs,
  }
}

export function centerOf(shopbell: Shopbell, read: Read): NotificationCenterHook {
  const { open, close, toggle } = verbsOf(shopbell)
  const own = {
    get isOpen() {
      return read('isCenterOpen')
    },
    open,
    close,
    toggle,
  }
  return joined(notificationsOf(shopbell, read), own)
}

/** Both in one, with getters that stay getters. */
const joined = <A extends object, B extends object>(a: A, b: B): A & B =>
  Object.defineProperties({} as A & B, {
    ...Object.getOwnPropertyDescriptors(a),
    ...Object.getOwnPropertyDescriptors(b),
  })
