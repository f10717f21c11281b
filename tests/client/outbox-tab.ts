// One tab of a browser for the outbox's play: the real inbox and outbox over a disk that tabs share, a socket and a
// network that a test moves.
import { ShopbellError } from '../../client/errors.ts'
import { createInbox } from '../../client/inbox.ts'
import { createListeners } from '../../client/listeners.ts'
import { createOutbox } from '../../client/outbox.ts'
import type { Api, Clock, Connection, ConnectionState, Inbox, Mark } from '../../client/types.ts'
import type { BulkBody } from '../../protocol/api.ts'
import type { ServerFrame, StateChange } from '../../protocol/server-frames.ts'
import { LIVE } from '../package/fake-page.ts'
import type { NaiveMark, NaiveServer } from './naive-server.ts'
import type { SharedDisk, TabStore } from './shared-disk.ts'

/** A request on its way. The server may look at it, and then the answer travels on or is lost. */
export interface Request {
  tab: Tab
  command: NaiveMark | null
  /** What the server says; a ShopbellError is a refusal. */
  ask: (server: NaiveServer) => unknown
  answer: { value: unknown } | null
  settle: (value: unknown) => void
}

const UNSET = { read: 'unread', seen: 'unseen', archived: 'unarchived' } as const

export class Tab {
  readonly inbox: Inbox
  readonly store: TabStore
  readonly wire: ServerFrame[] = []
  isOpen = false
  isAlive = true
  cursor: number | null = null
  #state: ConnectionState = { name: 'waiting', attempt: 1, retryAt: 0 }
  #states = createListeners<ConnectionState>()
  #frames = createListeners<ServerFrame[]>()

  constructor(
    disk: SharedDisk,
    clock: Clock,
    server: NaiveServer,
    send: (request: Request) => void,
  ) {
    this.store = disk.tab()
    const api = this.#api(send)
    const connection: Connection = {
      getState: () => this.#state,
      subscribe: (listener) => this.#states.add(listener),
      onFrames: (listener) => this.#frames.add(listener),
      send: () => false,
      serverNow: () => server.now,
      start() {},
      stop() {},
      restart() {},
    }
    const outbox = createOutbox({ api, clock, random: () => 0.5 })
    outbox.begin('ben', async () => this.store)
    this.inbox = createInbox({ connection, api, clock, outbox })
    this.inbox.start()
  }

  become(isLive: boolean): void {
    this.#state = isLive ? LIVE : { name: 'waiting', attempt: 1, retryAt: 0 }
    this.#states.tell(this.#state)
  }

  hear(count: number): void {
    const frames = this.wire.splice(0, count)
    if (frames.length === 0) return
    for (const frame of frames) {
      if (frame.type === 'welcome' && !frame.recovered) this.cursor = frame.seq
      else if (frame.type !== 'welcome' && 'seq' in frame) this.cursor = frame.seq
    }
    this.#frames.tell(frames)
    if (frames.some(({ type }) => type === 'welcome')) this.become(true)
  }

  #api(send: (request: Request) => void): Api {
    const request = <T>(ask: Request['ask'], command: NaiveMark | null = null): Promise<T> =>
      new Promise((resolve, reject) => {
        const settle = (value: unknown) =>
          value instanceof ShopbellError ? reject(value) : resolve(value as T)
        if (this.isAlive) send({ tab: this, command, ask, answer: null, settle })
      })
    const command = (mark: NaiveMark) =>
      request<never>((server) => {
        if (!server.knows(mark)) return new ShopbellError('not_found', { requestId: 'r' })
        server.mark(mark)
        if (server.now % 2 === 0) return { archived: false }
        server.archive('user:ben', 1_000)
        const { as_of, epochs, ...counts } = server.count()
        return { archived: true, counts, as_of, epochs }
      }, mark)
    const one = (id: string, state: StateChange) => command({ notification_ids: [id], state })
    const bulk = (state: StateChange, { up_to = {}, category }: BulkBody = {}) =>
      command({ up_to, state, ...(category && { category }) })
    return {
      inbox: ({ after = null }: { after?: string | null } = {}) =>
        request((server) => server.list(after)),
      count: () => request((server) => server.count()),
      mark: (id: string, mark: Mark) => one(id, mark),
      unmark: (id: string, mark: keyof typeof UNSET) => one(id, UNSET[mark]),
      remove: (id: string) => one(id, 'deleted'),
      readAll: (body?: BulkBody) => bulk('read', body),
      clear: (body?: BulkBody) => bulk('deleted', body),
    } as unknown as Api
  }
}
