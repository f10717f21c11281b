// A notification centre without looks: the bell in somebody's header, and what it opens.
import { createListeners } from '../listeners.ts'
import { browserHints } from '../system.ts'
import type { Connection, Hints, Inbox, InboxState, InboxVerbs } from '../types.ts'

export interface CenterState extends InboxState {
  isOpen: boolean
}

export interface NotificationCenter extends InboxVerbs {
  getState(): CenterState
  subscribe(listener: (state: CenterState) => void): () => void
  open(): void
  close(): void
  toggle(): void
}

export interface CenterOptions {
  inbox: Inbox
  connection: Connection
  hints?: Hints
}

/** [IN3] While it is open, and the page is looked at, what it shows is seen. */
export function createNotificationCenter(options: CenterOptions): NotificationCenter {
  const { inbox } = options
  const shell = new CenterShell(options)
  return {
    getState: () => shell.getState(),
    subscribe: (listener) => shell.subscribe(listener),
    open: () => shell.set(true),
    close: () => shell.set(false),
    toggle: () => shell.set(!shell.isOpen),
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

class CenterShell {
  isOpen = false
  readonly #options: CenterOptions
  readonly #hints: Hints
  readonly #changes = createListeners<void>()
  #state: CenterState
  #of: InboxState
  /** What marking as seen left over; only another number is a reason to say it again. */
  #unseenAfter = 0
  #isMarking = false
  #ends: (() => void)[] = []

  constructor(options: CenterOptions) {
    this.#options = options
    this.#hints = options.hints ?? browserHints()
    this.#of = options.inbox.getState()
    this.#state = { ...this.#of, isOpen: false }
  }

  /** The same object for as long as nothing in it changed. */
  getState(): CenterState {
    const inbox = this.#options.inbox.getState()
    if (this.#of !== inbox || this.#state.isOpen !== this.isOpen) {
      this.#of = inbox
      this.#state = { ...inbox, isOpen: this.isOpen }
    }
    return this.#state
  }

  subscribe(listener: (state: CenterState) => void): () => void {
    const tell = () => listener(this.getState())
    const ends = [this.#changes.add(tell), this.#options.inbox.subscribe(tell)]
    return () => {
      for (const end of ends) end()
    }
  }

  set(isOpen: boolean): void {
    if (isOpen === this.isOpen) return
    this.isOpen = isOpen
    for (const end of this.#ends.splice(0)) end()
    if (isOpen) this.#watch()
    this.#changes.tell()
  }

  #watch(): void {
    const { inbox, connection } = this.#options
    const look = () => this.#look()
    this.#ends = [inbox.subscribe(look), connection.subscribe(look), this.#hints.listen(look)]
    this.#unseenAfter = 0
    look()
  }

  #look(): void {
    const { inbox } = this.#options
    // Marking changes the inbox, which asks here again.
    if (this.#isMarking || !this.#hints.isVisible()) return
    const { unseen } = inbox.getState().counts
    if (unseen === this.#unseenAfter) return
    this.#isMarking = true
    const isSaid = unseen > 0 && inbox.markSeen()
    this.#isMarking = false
    this.#unseenAfter = isSaid ? inbox.getState().counts.unseen : 0
  }
}
