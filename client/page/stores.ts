// One Shopbell's states as stores: what every framework's binding is made of.
import type { ServerFrame } from '../../protocol/server-frames.ts'
import { createListeners } from '../listeners.ts'
import type { ConnectionState, InboxState, Shopbell } from '../types.ts'
import { createNotificationCenter, type NotificationCenter } from './center.ts'

/** `get` answers the same value until it tells that there is another. */
export interface Store<T> {
  get(): T
  subscribe(listener: () => void): () => void
}

export interface States {
  connection: ConnectionState
  inbox: InboxState
  lastMessage: ServerFrame | null
  isCenterOpen: boolean
}

export type StateName = keyof States
export type Read = <Name extends StateName>(name: Name) => States[Name]

export interface Page {
  stores: { readonly [Name in StateName]: Store<States[Name]> }
  center: NotificationCenter
}

// One for each Shopbell, however many components ask.
const pages = new WeakMap<Shopbell, Page>()

/** The stores of a Shopbell, and its one notification centre. */
export function pageOf(shopbell: Shopbell): Page {
  const known = pages.get(shopbell)
  if (known) return known
  const { connection, inbox } = shopbell
  const center = createNotificationCenter({ connection, inbox })
  const page: Page = {
    center,
    stores: {
      connection: storeOf(
        () => connection.getState(),
        (tell) => connection.subscribe(tell),
      ),
      inbox: storeOf(
        () => inbox.getState(),
        (tell) => inbox.subscribe(tell),
      ),
      lastMessage: lastMessageOf(shopbell),
      isCenterOpen: storeOf(
        () => center.getState().isOpen,
        (tell) => center.subscribe(tell),
      ),
    },
  }
  pages.set(shopbell, page)
  return page
}

const storeOf = <T>(get: () => T, subscribe: Store<T>['subscribe']): Store<T> => ({
  get,
  subscribe,
})

function lastMessageOf({ connection }: Shopbell): Store<ServerFrame | null> {
  const changes = createListeners<void>()
  let last: ServerFrame | null = null
  connection.onFrames((frames) => {
    last = frames.at(-1) ?? last
    changes.tell()
  })
  return { get: () => last, subscribe: (listener) => changes.add(listener) }
}
