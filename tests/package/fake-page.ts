// A Shopbell of a page, whose states a test sets as it likes. Verbs are noted and hold.
import { createListeners } from '../../client/listeners.ts'
import type {
  Connection,
  ConnectionState,
  Inbox,
  InboxEntry,
  InboxState,
  Shopbell,
} from '../../client/types.ts'
import { FRESH_STATE, type Notification } from '../../protocol/notification.ts'
import type { ServerFrame } from '../../protocol/server-frames.ts'

export interface FakePage {
  shopbell: Shopbell
  /** Verbs and frames that were sent, as text. */
  said: string[]
  setInbox(change: Partial<InboxState>): void
  setConnection(state: ConnectionState): void
  hear(...frames: ServerFrame[]): void
}

export const LIVE: Extract<ConnectionState, { name: 'live' }> = {
  name: 'live',
  connectionId: 'c',
  stream: 'user:ben',
  since: 0,
}

const EMPTY: InboxState = {
  status: 'loading',
  notifications: [],
  counts: { unread: 0, unseen: 0, action_required: 0 },
  hasMore: false,
  isLoadingMore: false,
  error: null,
  unsent: { count: 0, ids: new Set(), isLasting: true },
}

let made = 0

export function entry(change: Partial<InboxEntry> = {}): InboxEntry {
  const seq = ++made
  return {
    id: `n-${seq}`,
    type: 'custom',
    category: 'custom',
    priority: 'normal',
    title: `Title ${seq}`,
    message: `Message ${seq}`,
    data: {},
    to: { user_id: 'ben' },
    location_id: null,
    sender: 'service:booking',
    sent_at: '2026-11-23T09:00:00.000Z',
    created_at: '2026-11-23T09:00:00.000Z',
    deliver_at: null,
    expires_at: null,
    collapse_key: null,
    replaces: null,
    entity: null,
    actions: [],
    requires_ack: false,
    stream: 'user:ben',
    seq,
    state: FRESH_STATE,
    ...change,
  }
}

export const frameOf = (data: Notification): ServerFrame => ({
  type: 'notification',
  seq: data.seq,
  data,
})

export function createFakePage(): FakePage {
  const said: string[] = []
  const inboxStates = createListeners<InboxState>()
  const connectionStates = createListeners<ConnectionState>()
  const frames = createListeners<ServerFrame[]>()
  let inboxState = EMPTY
  let connectionState: ConnectionState = { name: 'idle' }

  const setInbox = (change: Partial<InboxState>) => {
    inboxState = { ...inboxState, ...change }
    inboxStates.tell(inboxState)
  }
  const verb = (name: string) => async (given?: unknown) => {
    said.push(given === undefined ? name : `${name} ${JSON.stringify(given)}`)
    return true
  }
  const inbox: Inbox = {
    getState: () => inboxState,
    subscribe: (listener) => inboxStates.add(listener),
    start() {},
    stop() {},
    markRead: verb('markRead'),
    markUnread: verb('markUnread'),
    markAllRead: verb('markAllRead'),
    markSeen() {
      if (connectionState.name !== 'live') return false
      said.push('markSeen')
      setInbox({ counts: { ...inboxState.counts, unseen: 0 } })
      return true
    },
    acknowledge: verb('acknowledge'),
    archive: verb('archive'),
    unarchive: verb('unarchive'),
    remove: verb('remove'),
    clear: verb('clear'),
    loadMore: verb('loadMore'),
    refresh: () => void said.push('refresh'),
  }
  const connection: Connection = {
    getState: () => connectionState,
    subscribe: (listener) => connectionStates.add(listener),
    onFrames: (listener) => frames.add(listener),
    send(frame) {
      said.push(`send ${frame.type}`)
      return connectionState.name === 'live'
    },
    serverNow: () => 0,
    start() {},
    stop() {},
    restart: () => void said.push('restart'),
  }
  return {
    // No hook calls REST by itself.
    shopbell: {
      api: {} as Shopbell['api'],
      connection,
      inbox,
      start() {},
      stop() {},
      forgetUnsent: async () => {},
    },
    said,
    setInbox,
    setConnection(state) {
      connectionState = state
      connectionStates.tell(state)
    },
    hear: (...heard) => frames.tell(heard),
  }
}
