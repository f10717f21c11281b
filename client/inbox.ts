// The shell of the inbox: asks over REST what the view wants to know, tells it what the socket brought, and
// turns what a person does into marks that show at once. The rules are in core/.
import type { CommandAnswer } from '../protocol/api.ts'
import type { SeqMap } from '../protocol/ids.ts'
import type { Change } from './core/entry.ts'
import type { Target } from './core/fold.ts'
import { POLL_MS, statusOf, upToShown, viewDeadline, viewStep } from './core/view-step.ts'
import { INITIAL_VIEW, type View, type ViewEffect, type ViewEvent } from './core/view.ts'
import { settled, type ShopbellError } from './errors.ts'
import { createListeners } from './listeners.ts'
import { sameEntries } from './same-entries.ts'
import type {
  Api,
  BulkScope,
  Clock,
  Connection,
  Inbox,
  InboxEntry,
  InboxState,
  Mark,
  Millis,
} from './types.ts'

export interface InboxOptions {
  connection: Connection
  api: Api
  clock: Clock
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
}

/** A person's inbox: a snapshot, the frames that came after it, and what this window did (AR5). */
export function createInbox(options: InboxOptions): Inbox {
  const shell = new InboxShell(options)
  return {
    getState: () => shell.state,
    subscribe: (listener) => shell.states.add(listener),
    start: () => shell.start(),
    stop: () => shell.stop(),
    markRead: (id) => shell.set(id, 'read'),
    markUnread: (id) => shell.unset(id, 'read'),
    acknowledge: (id) => shell.set(id, 'acknowledged'),
    archive: (id) => shell.set(id, 'archived'),
    unarchive: (id) => shell.unset(id, 'archived'),
    remove: (id) => shell.remove(id),
    markAllRead: (scope) => shell.markAllRead(scope),
    clear: (scope) => shell.clear(scope),
    markSeen: () => shell.markSeen(),
    loadMore: () => shell.loadMore(),
    refresh: () => shell.dispatch({ type: 'refresh' }),
  }
}

const UNSET = {
  read: 'unread',
  seen: 'unseen',
  archived: 'unarchived',
  acknowledged: 'unacknowledged',
} as const satisfies Record<Mark, Change['state']>

class InboxShell {
  readonly states = createListeners<InboxState>()
  state: InboxState = NOTHING

  readonly #options: InboxOptions
  #view: View = INITIAL_VIEW
  #error: ShopbellError | null = null
  #marks = 0
  #paging: Promise<boolean> | null = null
  #seenNotBefore: Millis = 0
  #cancelTimer: (() => void) | null = null
  #ends: (() => void)[] = []

  constructor(options: InboxOptions) {
    this.#options = options
  }

  start(): void {
    if (this.#ends.length > 0) return
    const { connection } = this.#options
    this.#ends = [
      connection.onFrames((frames) => this.dispatch({ type: 'frames', frames })),
      connection.subscribe(() => this.#follow()),
    ]
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

  set(id: string, mark: Mark): Promise<boolean> {
    const { api } = this.#options
    return this.#do({ notification_ids: [id] }, mark, () => api.mark(id, mark))
  }

  unset(id: string, mark: Mark): Promise<boolean> {
    const { api } = this.#options
    return this.#do({ notification_ids: [id] }, UNSET[mark], () => api.unmark(id, mark))
  }

  remove(id: string): Promise<boolean> {
    const { api } = this.#options
    return this.#do({ notification_ids: [id] }, 'deleted', () => api.remove(id))
  }

  markAllRead(scope: BulkScope = {}): Promise<boolean> {
    const body = this.#bulk(scope)
    return this.#do(targetOf(body), 'read', () => this.#options.api.readAll(body))
  }

  clear(scope: BulkScope = {}): Promise<boolean> {
    const body = this.#bulk(scope)
    return this.#do(targetOf(body), 'deleted', () => this.#options.api.clear(body))
  }

  markSeen(): boolean {
    if (this.#view.shown.counts.unseen === 0) return true
    const up_to = upToShown(this.#view)
    const isSent = this.#options.connection.send({ type: 'seen', up_to })
    // Where sockets are blocked, it goes the way of everything else.
    const isAsked = !isSent && this.#view.pollAt !== null && this.#now() >= this.#seenNotBefore
    if (!isSent && !isAsked) return false
    const key = this.#mark({ up_to }, 'seen')
    if (isSent) this.dispatch({ type: 'marked', key, answer: null })
    else void this.#askSeen(key, up_to)
    return true
  }

  /** Nobody waits for it, so a failure is not shown; it is asked again with the next look at the inbox. */
  async #askSeen(key: number, up_to: SeqMap): Promise<void> {
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

  /** Shows at once, asks the server, and takes it back if that fails. */
  async #do(
    target: Target,
    state: Change['state'],
    call: () => Promise<CommandAnswer>,
  ): Promise<boolean> {
    const key = this.#mark(target, state)
    const asked = await settled(call())
    const isUnknown = !asked.ok && asked.error.code === 'not_found'
    // Somebody was faster; it is gone, and that is what was asked for.
    const isGoneAnyway = isUnknown && state === 'deleted'
    this.#error = asked.ok || isGoneAnyway ? null : asked.error
    if (asked.ok) this.dispatch({ type: 'marked', key, answer: asked.answer })
    else if (isGoneAnyway) this.dispatch({ type: 'marked', key, answer: null })
    else this.dispatch({ type: 'mark_failed', key, isUnknown })
    return this.#error === null
  }

  #mark(target: Target, state: Change['state']): number {
    const key = ++this.#marks
    const at = new Date(this.#now()).toISOString()
    this.dispatch({ type: 'mark', key, target, made: { state, at } })
    return key
  }

  #bulk({ category, locationId }: BulkScope) {
    return {
      up_to: upToShown(this.#view, locationId === undefined ? {} : { locationId }),
      ...(category && { category }),
      ...(locationId !== undefined && { location_id: locationId }),
    }
  }

  /** A connection that cannot be made for now is no reason to show nothing, nor to fall behind. */
  #follow(): void {
    const { name } = this.#options.connection.getState()
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
    }
    this.states.tell(this.state)
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

const targetOf = ({ up_to, category }: Target): Target => ({
  ...(up_to && { up_to }),
  ...(category && { category }),
})
