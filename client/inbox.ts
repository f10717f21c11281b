// The shell of the inbox: asks over REST what the view wants to know, tells it what the socket brought, and
// turns what a person does into marks that show at once. The rules are in core/.
import type { SeqMap } from '../protocol/ids.ts'
import type { Settled } from './core/outbox.ts'
import { POLL_MS, statusOf, upToShown, viewDeadline, viewStep } from './core/view-step.ts'
import { INITIAL_VIEW, type View, type ViewEffect, type ViewEvent } from './core/view.ts'
import { settled, ShopbellError } from './errors.ts'
import { createListeners } from './listeners.ts'
import { memoryStore } from './outbox-store.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { sameEntries } from './same-entries.ts'
import type {
  Api,
  BulkScope,
  Clock,
  Connection,
  Inbox,
  InboxEntry,
  InboxState,
  Millis,
  Unsent,
  Wish,
} from './types.ts'

export interface InboxOptions {
  connection: Connection
  api: Api
  clock: Clock
  /** Through it goes what a person does; one in memory if left out. */
  outbox?: Outbox
}

/** Asking again soon does not help against an answer that says no; a token may come back, a bug may be fixed. */
const REFUSED_PATIENCE_MS = 60_000

const NOTHING: InboxState = {
  status: 'loading',
  notifications: [],
  counts: { unread: 0, unseen: 0, action_required: 0 },
  hasMore: false,
  isLoadingMore: false,
  error: null,
  unsent: { count: 0, ids: new Set(), isLasting: true },
}

/** A person's inbox: a snapshot, the frames that came after it, and what this window did (AR5). */
export function createInbox(options: InboxOptions): Inbox {
  const shell = new InboxShell({ ...options, outbox: options.outbox ?? inMemory(options) })
  return {
    getState: () => shell.state,
    subscribe: (listener) => shell.states.add(listener),
    start: () => shell.start(),
    stop: () => shell.stop(),
    markRead: (id) => shell.do({ verb: 'mark', id, mark: 'read' }),
    markUnread: (id) => shell.do({ verb: 'unmark', id, mark: 'read' }),
    acknowledge: (id) => shell.do({ verb: 'mark', id, mark: 'acknowledged' }),
    archive: (id) => shell.do({ verb: 'mark', id, mark: 'archived' }),
    unarchive: (id) => shell.do({ verb: 'unmark', id, mark: 'archived' }),
    remove: (id) => shell.do({ verb: 'remove', id }),
    markAllRead: (scope) => shell.do({ verb: 'read_all', body: shell.bulk(scope) }),
    clear: (scope) => shell.do({ verb: 'clear', body: shell.bulk(scope) }),
    markSeen: () => shell.markSeen(),
    loadMore: () => shell.loadMore(),
    refresh: () => shell.dispatch({ type: 'refresh' }),
  }
}

function inMemory(options: InboxOptions): Outbox {
  const outbox = createOutbox(options)
  outbox.begin('', async () => memoryStore())
  return outbox
}

class InboxShell {
  readonly states = createListeners<InboxState>()
  state: InboxState = NOTHING

  readonly #options: Required<InboxOptions>
  #view: View = INITIAL_VIEW
  #error: ShopbellError | null = null
  #looks = 0
  #paging: Promise<boolean> | null = null
  #seenNotBefore: Millis = 0
  #cancelTimer: (() => void) | null = null
  #ends: (() => void)[] = []

  constructor(options: Required<InboxOptions>) {
    this.#options = options
  }

  start(): void {
    if (this.#ends.length > 0) return
    const { connection, outbox } = this.#options
    this.#ends = [
      connection.onFrames((frames) => this.dispatch({ type: 'frames', frames })),
      connection.subscribe(() => this.#follow()),
      outbox.subscribe((settledNow) => this.#take(settledNow)),
      () => outbox.stop(),
    ]
    outbox.start()
    this.#take([])
    this.#follow()
  }

  stop(): void {
    for (const end of this.#ends.splice(0)) end()
    this.#cancelTimer?.()
    this.#cancelTimer = null
  }

  dispatch(event: ViewEvent): void {
    const now = this.#now()
    const { view, effects } = viewStep(this.#view, event, now)
    this.#view = view
    for (const effect of effects) this.#perform(effect)
    this.#tell(now)
    this.#arm()
  }

  /** [TR6] Shows at once; the outbox sends it. */
  do(wish: Wish): Promise<boolean> {
    return this.#options.outbox.do(wish, this.#now())
  }

  bulk({ category, locationId }: BulkScope = {}) {
    return {
      up_to: upToShown(this.#view, locationId === undefined ? {} : { locationId }),
      ...(category && { category }),
      ...(locationId !== undefined && { location_id: locationId }),
    }
  }

  markSeen(): boolean {
    if (this.#view.shown.counts.unseen === 0) return true
    const up_to = upToShown(this.#view)
    const isSent = this.#options.connection.send({ type: 'seen', up_to })
    // Where sockets are blocked, it goes the way of everything else.
    const isAsked = !isSent && this.#view.pollAt !== null && this.#now() >= this.#seenNotBefore
    if (!isSent && !isAsked) return false
    const key = `seen ${++this.#looks}`
    const made = { state: 'seen', at: new Date(this.#now()).toISOString() } as const
    this.dispatch({ type: 'mark', key, target: { up_to }, made })
    if (isSent) this.dispatch({ type: 'marked', key, answer: null })
    else void this.#askSeen(key, up_to)
    return true
  }

  /** Nobody waits for it, so a failure is not shown; it is asked again with the next look at the inbox. */
  async #askSeen(key: string, up_to: SeqMap): Promise<void> {
    const asked = await settled(this.#options.api.seenAll({ up_to }))
    if (!asked.ok) this.#seenNotBefore = this.#now() + POLL_MS
    this.dispatch(
      asked.ok
        ? { type: 'marked', key, answer: asked.answer }
        : { type: 'mark_failed', key, isUnknown: false },
    )
  }

  async loadMore(): Promise<boolean> {
    this.dispatch({ type: 'load_more' })
    return this.#paging ?? false
  }

  /** What the outbox holds now, and what became of what it held. */
  #take(settledNow: readonly Settled[]): void {
    for (const { key, outcome } of settledNow) {
      if (outcome.kind === 'done') {
        this.#error = null
        this.dispatch({ type: 'marked', key, answer: outcome.answer })
        continue
      }
      const { code, status, detail } = outcome
      this.#error = new ShopbellError(code, { detail, ...(status !== null && { status }) })
      this.dispatch({ type: 'mark_failed', key, isUnknown: code === 'not_found' })
    }
    this.dispatch({ type: 'waiting', marks: this.#options.outbox.getState().waiting })
  }

  /** A connection that cannot be made for now is no reason to show nothing, nor to fall behind. */
  #follow(): void {
    const { connection, outbox } = this.#options
    const { name } = connection.getState()
    // What waits may go: the network is there.
    if (name === 'live' || name === 'degraded') outbox.wake()
    const isOnItsWay = name === 'idle' || name === 'connecting' || name === 'resuming'
    if (!this.#view.hasBegun && !isOnItsWay && name !== 'live') this.dispatch({ type: 'begin' })
    const isOn = name === 'degraded'
    if (isOn !== (this.#view.pollAt !== null)) this.dispatch({ type: 'poll', isOn })
  }

  #perform(effect: ViewEffect): void {
    if (effect.kind === 'ask') void this.#ask(effect)
    else this.#paging = this.#page(effect.after)
  }

  async #ask(effect: Extract<ViewEffect, { kind: 'ask' }>): Promise<void> {
    this.dispatch(effect.what === 'list' ? await this.#list(effect.limit) : await this.#count())
  }

  async #list(limit: number): Promise<ViewEvent> {
    const asked = await settled(this.#options.api.inbox({ limit }))
    return asked.ok ? { type: 'list', answer: this.#fine(asked.answer) } : this.#failed(asked.error)
  }

  async #count(): Promise<ViewEvent> {
    const asked = await settled(this.#options.api.count())
    return asked.ok
      ? { type: 'count', answer: this.#fine(asked.answer) }
      : this.#failed(asked.error)
  }

  #fine<T>(answer: T): T {
    this.#error = null
    return answer
  }

  #failed(error: ShopbellError): ViewEvent {
    // With a list on the screen it is asked again quietly; the status says that it is behind.
    if (!this.#view.base) this.#error = error
    const patience = error.reaction === 'retry' ? 0 : REFUSED_PATIENCE_MS
    return { type: 'ask_failed', retryAfterMs: Math.max(error.retryAfterMs ?? 0, patience) }
  }

  async #page(after: string): Promise<boolean> {
    const asked = await settled(this.#options.api.inbox({ after }))
    this.#error = asked.ok ? null : asked.error
    this.#paging = null
    this.dispatch(
      asked.ok ? { type: 'page', after, answer: asked.answer } : { type: 'page_failed' },
    )
    return asked.ok
  }

  #now(): Millis {
    return this.#options.connection.serverNow()
  }

  #tell(now: Millis): void {
    const { base, shown, pagingAfter } = this.#view
    const notifications: readonly InboxEntry[] = sameEntries(
      this.state.notifications,
      shown.entries,
    )
    this.state = {
      status: statusOf(this.#view, now),
      notifications,
      counts: shown.counts,
      hasMore: base?.hasMore ?? false,
      isLoadingMore: pagingAfter !== null,
      error: this.#error,
      unsent: this.#unsent(),
    }
    this.states.tell(this.state)
  }

  #unsent(): Unsent {
    const { waiting, isLasting } = this.#options.outbox.getState()
    const { unsent } = this.state
    const ids = isSameSet(unsent.ids, this.#view.shown.unsent)
      ? unsent.ids
      : this.#view.shown.unsent
    const isSame = unsent.count === waiting.length && unsent.isLasting === isLasting
    return isSame && ids === unsent.ids ? unsent : { count: waiting.length, ids, isLasting }
  }

  #arm(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    const now = this.#now()
    const at = viewDeadline(this.#view, now)
    if (at === null || this.#ends.length === 0) return
    this.#cancelTimer = this.#options.clock.after(at - now, () => this.dispatch({ type: 'tick' }))
  }
}

const isSameSet = <T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean =>
  a.size === b.size && [...a].every((one) => b.has(one))
