// What the client shows and what it asks of its surroundings. Types only: no platform, no state.
import type {
  BulkBody,
  CommandAnswer,
  CountAnswer,
  Counts,
  InboxAnswer,
  Location,
  Me,
  Member,
  SendAnswer,
  StatusAnswer,
  TokenAnswer,
} from '../protocol/api.ts'
import type { FieldError } from '../protocol/errors.ts'
import type { ClientFrame } from '../protocol/client-frames.ts'
import type { SeqMap } from '../protocol/ids.ts'
import type { Category, NotificationType, Priority } from '../protocol/notification-types.ts'
import type { Notification, NotificationState, Send } from '../protocol/notification.ts'
import type { ServerFrame } from '../protocol/server-frames.ts'
import type { InferInput } from 'valibot'
import type { ClientErrorCode, ShopbellError } from './errors.ts'

/** Milliseconds since 1970. */
export type Millis = number

/** Where time comes from; `after` answers the function that calls it off. */
export interface Clock {
  now(): Millis
  after(ms: number, run: () => void): () => void
}

/** What a browser says about its network and its window. Hints, never proof (WS5). */
export type Hint = 'online' | 'offline' | 'visible' | 'hidden' | 'focus'

export interface Hints {
  isOnline(): boolean
  isVisible(): boolean
  /** Answers the function that stops listening. */
  listen(listener: (hint: Hint) => void): () => void
}

/**
 * How a request over HTTP ended.
 * - answered: by Shopbell, whatever it said
 * - refused: by Shopbell, and a fresh token too
 * - unreachable: not at all, or by somebody in between
 */
export type HttpOutcome = 'answered' | 'refused' | 'unreachable'

/** What a connection learns from the requests next to it. */
export interface HttpWatch {
  /** Answers the function that stops listening. */
  listen(listener: (outcome: HttpOutcome) => void): () => void
  /** Makes a request, so that there is something to hear. */
  ask(): void
}

/** The part of a WebSocket that the connection uses. */
export interface SocketLike {
  send(text: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { code: number }) => void): void
  addEventListener(type: 'error', listener: () => void): void
}

export type SocketConstructor = new (url: string, protocols: string[]) => SocketLike

/** A token and when it ends. */
export interface AccessToken {
  token: string
  expiresAt: Millis
}

/** `refresh`: the server refused the last token, or it is about to end; a kept one will not do. */
export type GetToken = (options?: { refresh?: boolean }) => Promise<AccessToken>

/** Runs the work while no other tab of this browser runs one of the same name. */
export type TabLock = <T>(name: string, work: () => Promise<T>) => Promise<T>

/** What tabs of one browser share a connection over. */
export interface TabSystem {
  /** Different in each tab. */
  readonly id: string
  /**
   * Waits for the lock of that name, or with `steal` takes it from who has it. Answers the function that gives it back, or
   * stops waiting; none of the options is called before that, nor after it was called.
   */
  lock(name: string, options: LockOptions): () => void
  /** Everything that other tabs post to the channel of that name. */
  channel(name: string, hear: (message: unknown) => void): TabChannel
  /** Tells when the page is put away, for good or into the back-forward cache, and when it is back. */
  onPage(listener: (isHere: boolean) => void): () => void
}

export interface LockOptions {
  steal: boolean
  /** It is held from now on. */
  granted(): void
  /** Another tab has taken it. */
  lost(): void
  /** The browser has no locks for this page. */
  refused(): void
}

export interface TabChannel {
  post(message: unknown): void
  close(): void
}

// --- the connection

/** Why the connection does not come back by itself. */
export type StopReason =
  | 'gave_up'
  | 'replaced'
  | 'unauthorized'
  | 'forbidden'
  | 'bad_client'
  | 'protocol_unsupported'
  /** A code that this build does not know, from the range that does not come back. */
  | 'refused'

export type ConnectionState =
  /** Not started, or ended by the app. */
  | { name: 'idle' }
  /** The browser says there is no network. */
  | { name: 'offline' }
  | { name: 'connecting'; attempt: number }
  /** Open; the hub has not said welcome yet. */
  | { name: 'resuming'; attempt: number }
  | { name: 'live'; connectionId: string; stream: string; since: Millis }
  | { name: 'waiting'; attempt: number; retryAt: Millis }
  /**
   * Sockets do not get through while HTTP does: the inbox asks for itself, and the socket is tried again by itself,
   * at `retryAt`; null while a try is on its way.
   */
  | { name: 'degraded'; retryAt: Millis | null }
  /** Lost while nobody was looking; comes back when the window is visible again. */
  | { name: 'paused' }
  /** Comes back only when a person (`restart`) says so. `code` is the close code, if there was one. */
  | { name: 'stopped'; reason: StopReason; code: number | null }

export type ConnectionStatus = ConnectionState['name']

export interface Connection {
  getState(): ConnectionState
  subscribe(listener: (state: ConnectionState) => void): () => void
  /** Frames as they came, in order; those of one text in one call (WS3). */
  onFrames(listener: (frames: ServerFrame[]) => void): () => void
  /** False when the connection is not live: the frame was not sent. */
  send(frame: ClientFrame): boolean
  /** The server's clock as far as the welcome told it. */
  serverNow(): Millis
  start(): void
  stop(): void
  /** Tries at once, with a fresh count of attempts. */
  restart(): void
}

// --- the inbox

/** An entry of one's own inbox always has a state; on a location's stream it has none (NO4). */
export type InboxEntry = Notification & { state: NotificationState }

export type InboxCounts = Omit<Counts, 'until'>

/**
 * - loading: nothing to show yet
 * - ready: list and counts are what the server has
 * - catching_up: shown, but something newer is known to exist; asked for again by itself
 * - failed: nothing to show and the last try failed; tried again by itself
 */
export type InboxStatus = 'loading' | 'ready' | 'catching_up' | 'failed'

export interface InboxState {
  status: InboxStatus
  /** Newest first; no archived, deleted, expired or snoozed ones. */
  notifications: readonly InboxEntry[]
  counts: InboxCounts
  hasMore: boolean
  isLoadingMore: boolean
  /** The newest failure of something a person did or waits for; null again when it works. */
  error: ShopbellError | null
  unsent: Unsent
}

/** [TR6] What the person did and the server has not taken yet. It shows already, and goes by itself. */
export interface Unsent {
  /** How often. */
  count: number
  /** The held entries that it changes. */
  ids: ReadonlySet<string>
  /** It outlives the page; false where the browser keeps nothing for us. */
  isLasting: boolean
}

/** Limits a bulk verb to one category or one location. */
export interface BulkScope {
  category?: Category
  locationId?: string
}

/**
 * [TR6] Verbs act on the view at once. Those that ask the server answer true when it has done it, or when it cannot be
 * asked for now and the change is kept until it can (`unsent`); false when it was refused: then it is undone, and `error`
 * says why.
 */
export interface InboxVerbs {
  markRead(id: string): Promise<boolean>
  markUnread(id: string): Promise<boolean>
  /** Everything that is shown or lies below it, and nothing that arrives meanwhile. */
  markAllRead(scope?: BulkScope): Promise<boolean>
  /** The inbox is open on what it shows. False without a socket: it is not kept, the next look says it again. */
  markSeen(): boolean
  acknowledge(id: string): Promise<boolean>
  archive(id: string): Promise<boolean>
  unarchive(id: string): Promise<boolean>
  remove(id: string): Promise<boolean>
  clear(scope?: BulkScope): Promise<boolean>
  loadMore(): Promise<boolean>
  /** Asks the server for the list again. */
  refresh(): void
}

export interface Inbox extends InboxVerbs {
  getState(): InboxState
  subscribe(listener: (state: InboxState) => void): () => void
  start(): void
  stop(): void
}

// --- REST

export interface InboxFilter {
  limit?: number
  after?: string
  before?: string
  category?: Category
  type?: NotificationType
  location_id?: string
  priority?: Priority
  unread?: boolean
  archived?: boolean
}

export type Mark = 'read' | 'seen' | 'archived' | 'acknowledged'
export type SendInput = InferInput<typeof Send>
export type { BulkBody, SeqMap }

export interface SendOptions {
  /** Sent again with the same key and body, the same answer comes and nothing happens twice (CO5). */
  idempotencyKey?: string
}

export interface SignOutOptions {
  /** Every session of the person ends, not only this one. */
  everywhere?: boolean
  /** The session of the access token ends, and the one of the browser's cookie does not. */
  keepCookie?: boolean
}

/** One item's own answer: 201 or 202 with `id`, or its problem with `code` and `errors`. */
export interface BatchItem {
  status: number
  id?: string | undefined
  code?: string | undefined
  detail?: string | undefined
  errors?: FieldError[] | undefined
}

/** Every call rejects with a {@link ShopbellError} and with nothing else. */
export interface Api {
  /** Development only (AU3). Needs no token. */
  signInDev(userId: string, expiresInSeconds?: number): Promise<TokenAnswer>
  /**
   * Goes on with the session of the browser's cookie. Rejects with `unauthorized` where there is none. The cookie changes
   * with each use: calls at the same time are one request, and tabs of one browser take turns.
   */
  refreshSession(): Promise<TokenAnswer>
  /** Signs in with a JWT of the platform's own identity provider, and starts a session with its cookie. */
  exchange(subjectToken: string): Promise<TokenAnswer>
  /** Ends the session of the cookie and of the access token. Works without either, but for `everywhere`. */
  signOut(options?: SignOutOptions): Promise<void>
  me(): Promise<Me>
  inbox(filter?: InboxFilter): Promise<InboxAnswer>
  count(): Promise<CountAnswer>
  one(id: string): Promise<Notification>
  mark(id: string, mark: Mark): Promise<CommandAnswer>
  unmark(id: string, mark: Mark): Promise<CommandAnswer>
  readAll(body?: BulkBody): Promise<CommandAnswer>
  seenAll(body?: BulkBody): Promise<CommandAnswer>
  remove(id: string): Promise<CommandAnswer>
  clear(body?: BulkBody): Promise<CommandAnswer>
  send(send: SendInput, options?: SendOptions): Promise<SendAnswer>
  sendBatch(sends: SendInput[], options?: SendOptions): Promise<BatchItem[]>
  location(id: string): Promise<Location>
  members(locationId: string): Promise<Member[]>
  status(): Promise<StatusAnswer>
}

// --- the outbox (TR6)

/** What a person may do to their inbox. */
export type Wish =
  | { verb: 'mark' | 'unmark'; id: string; mark: Mark }
  | { verb: 'remove'; id: string }
  /** `up_to` is fixed when it is wished for, not when it is sent (IN2). */
  | { verb: 'read_all' | 'clear'; body: BulkBody }

export interface Operation {
  /** Unique in all tabs. */
  key: string
  /** Who did it: it goes under no other name. */
  userId: string
  /** When, by the server's clock as far as it was known. */
  at: Millis
  wish: Wish
}

/** `place`: where the store has put it, after everything that was there before; null: it is on its way to the disk. */
export interface Queued extends Operation {
  place: number | null
}

export type Outcome =
  /** Null: another tab heard the answer, and this one did not hear what it was. */
  | { kind: 'done'; answer: CommandAnswer | null }
  | { kind: 'refused'; code: ClientErrorCode; status: number | null; detail: string }
  /** Not for now: it is kept and tried again. */
  | { kind: 'later'; retryAfterMs: Millis }

/** What one tab tells the others about the same person's operations. */
export type OutboxNote =
  | { kind: 'changed' }
  | { kind: 'sent'; key: string }
  | { kind: 'tried'; key: string; outcome: Outcome }

/** Where operations are kept: all that the outbox wants of a disk, and of the other tabs that share it. */
export interface OutboxStore {
  /** False: what is in it goes with the page. */
  readonly isLasting: boolean
  /** Answers the place when it is on the disk: behind everything that any tab has added before. */
  add(operation: Operation): Promise<number>
  /** The first of this person. */
  first(userId: string): Promise<Queued | null>
  /** All of this person, in order. */
  all(userId: string): Promise<Queued[]>
  remove(place: number): Promise<void>
  /** Runs the work while no other tab of this browser sends for this person. */
  alone(userId: string, work: () => Promise<void>): Promise<void>
  tell(userId: string, note: OutboxNote): void
  /** Hears what other tabs tell; answers the function that stops it. */
  listen(userId: string, listener: (note: OutboxNote) => void): () => void
}

// --- all of it in one

export interface ShopbellOptions {
  /** Where the server is, like `https://bell.example`; the page's own origin if left out. */
  base?: string
  /** The socket's address; made from `base` if left out. */
  url?: string
  /** Gets a token anew. Called first, 60 s before the token's end, and when the server refused one. */
  signIn: (api: Api) => Promise<TokenAnswer>
  /** The stable id of this window; two windows side by side have different ones (WS7). */
  device: string
  WebSocket?: SocketConstructor
  fetch?: typeof fetch
  clock?: Clock
  random?: () => number
  hints?: Hints
  /** How tabs of one browser wait for each other; the browser's own locks if left out. */
  lock?: TabLock
  /**
   * Tabs of one person in one browser share a connection, where the browser has Web Locks and BroadcastChannel. `false`:
   * this one has its own.
   */
  share?: TabSystem | false
  /** Where what is done without a network is kept; the browser's IndexedDB if left out, memory where there is none. */
  outbox?: () => Promise<OutboxStore>
}

export interface Shopbell {
  readonly api: Api
  readonly connection: Connection
  readonly inbox: Inbox
  start(): void
  /** What waits is kept, and goes when the same person starts again in this browser. */
  stop(): void
  /** Gives up what waits: nothing of the person stays in this browser. */
  forgetUnsent(): Promise<void>
}
