// [TR6] The shell of the outbox: writes down what a person did, sends it in order, and tells who waits. The rules are in
// core/outbox.ts. Its disk is used by one step at a time, so that a reading never misses what was just written.
import type { CommandAnswer } from '../protocol/api.ts'
import { assertNever } from './core/assert-never.ts'
import { markOf } from './core/operation.ts'
import {
  dueAt,
  EMPTY_OUTBOX,
  isExpired,
  outboxStep,
  type Outbox as Rules,
  type OutboxEvent,
  type Settled,
} from './core/outbox.ts'
import type { WaitingMark } from './core/view.ts'
import { settled } from './errors.ts'
import { createListeners } from './listeners.ts'
import { memoryStore } from './outbox-store.ts'
import { outcomeOf } from './outcome.ts'
import type {
  Api,
  Clock,
  Millis,
  Operation,
  Outcome,
  OutboxNote,
  OutboxStore,
  Queued,
  Wish,
} from './types.ts'

export interface OutboxOptions {
  api: Pick<Api, 'mark' | 'unmark' | 'remove' | 'readAll' | 'clear'>
  clock: Clock
  random?: () => number
}

export interface OutboxState {
  /** What the server has not taken yet, in order. */
  waiting: readonly WaitingMark[]
  /** False: it goes with the page. */
  isLasting: boolean
}

export interface Outbox {
  getState(): OutboxState
  /** Each change, with what was settled by it. */
  subscribe(listener: (settled: readonly Settled[]) => void): () => void
  /**
   * True: the server has done it, or cannot be asked for now and it is kept. False: it was refused. `at` is the server's
   * time.
   */
  do(wish: Wish, at: Millis): Promise<boolean>
  /** Says whose it is; nothing is written or sent before. */
  begin(userId: string, open: () => Promise<OutboxStore>): void
  start(): void
  stop(): void
  /** The network may be back: no more waiting. */
  wake(): void
  /** Gives up all that waits; answers when it is off the disk. */
  forget(): Promise<void>
}

/** A mistake of ours in sending: what was done is kept for a build without it. */
const BUG_PATIENCE_MS = 60_000

/** A disk that does not answer must not keep anything from leaving. */
const DISK_PATIENCE_MS = 5_000

/** One person's outbox in one tab. */
export function createOutbox(options: OutboxOptions): Outbox {
  const shell = new OutboxShell(options)
  return {
    getState: () => shell.state,
    subscribe: (listener) => shell.changes.add(listener),
    do: (wish, at) => shell.do(wish, at),
    begin: (userId, open) => shell.begin(userId, open),
    start: () => shell.start(),
    stop: () => shell.stop(),
    wake: () => shell.wake(),
    forget: () => shell.forget(),
  }
}

interface Waiter {
  tell(isHeld: boolean): void
  fail(bug: unknown): void
}

class OutboxShell {
  readonly changes = createListeners<readonly Settled[]>()
  state: OutboxState = { waiting: [], isLasting: true }

  readonly #options: OutboxOptions
  #rules: Rules = EMPTY_OUTBOX
  #userId: string | null = null
  #store: OutboxStore = memoryStore()
  /** What uses the disk, one after the other; the first waits until it is open. */
  #line: Promise<void>
  #opened: () => void = () => {}
  #waiters = new Map<string, Waiter>()
  #isOpen = false
  #isStarted = false
  #isDraining = false
  #cancelTimer: (() => void) | null = null
  #unlisten: (() => void) | null = null

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#line = new Promise((resolve) => (this.#opened = resolve))
  }

  begin(userId: string, open: () => Promise<OutboxStore>): void {
    if (this.#userId !== null) return
    this.#userId = userId
    void this.#openStore(open)
  }

  start(): void {
    this.#isStarted = true
    this.#listen()
  }

  stop(): void {
    this.#isStarted = false
    this.#unlisten?.()
    this.#unlisten = null
    this.#arm(null)
  }

  wake(): void {
    if (!this.#isStarted) return
    this.#dispatch({ type: 'wake' })
    void this.#read()
  }

  do(wish: Wish, at: Millis): Promise<boolean> {
    const key = crypto.getRandomValues(new Uint32Array(4)).join('-')
    const held = new Promise<boolean>((tell, fail) => this.#waiters.set(key, { tell, fail }))
    const operation = { key, userId: this.#userId ?? '', at, wish }
    this.#dispatch({ type: 'wished', operation })
    if (this.#waiters.has(key)) void this.#keep(operation)
    return held
  }

  async forget(): Promise<void> {
    const all = this.#rules.queue
    this.#dispatch({ type: 'forgotten' })
    await Promise.all(all.map((one) => this.#remove(one)))
    this.#tell({ kind: 'changed' })
  }

  // --- the disk

  async #openStore(open: () => Promise<OutboxStore>): Promise<void> {
    try {
      this.#store = await this.#soon(open())
    } catch {
      // Nothing to keep it in: memory has to do.
    }
    this.#isOpen = true
    this.#opened()
    this.#dispatch(null)
    this.#listen()
  }

  async #keep(operation: Operation): Promise<void> {
    await this.#disk(
      (store) => store.add({ ...operation, userId: this.#userId ?? '' }),
      (place) => this.#dispatch({ type: 'kept', key: operation.key, place }),
    )
    this.#tell({ kind: 'changed' })
  }

  #read(): Promise<void> {
    const now = this.#options.clock.now()
    return this.#disk(
      (store) => store.all(this.#userId ?? ''),
      (rows) => {
        for (const row of rows) if (isExpired(row, now)) void this.#remove(row)
        this.#dispatch({ type: 'read', rows: rows.filter((row) => !isExpired(row, now)) })
      },
    )
  }

  async #remove({ key, place }: Queued): Promise<void> {
    if (place === null) return
    await this.#disk(
      (store) => store.remove(place),
      () => this.#dispatch({ type: 'removed', key }),
    )
  }

  /** What goes wrong with the disk stops nothing: from then on memory has to do, and the state says so. */
  #disk<T>(work: (store: OutboxStore) => Promise<T>, use: (result: T) => void): Promise<void> {
    const turn = async () => {
      const result = await this.#soon(work(this.#store)).catch(() => {
        const kept = this.#rules.queue.filter(({ place }) => place !== null)
        if (this.#store.isLasting) this.#store = memoryStore(kept)
        return work(this.#store)
      })
      use(result)
    }
    this.#line = this.#line.then(turn)
    return this.#line
  }

  /** Some browsers' disks fall asleep for good. */
  #soon<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const give = this.#options.clock.after(DISK_PATIENCE_MS, () => reject(new Error('no disk')))
      work.then(resolve, reject).finally(give)
    })
  }

  // --- other tabs

  #listen(): void {
    if (!this.#isStarted || !this.#isOpen || this.#unlisten) return
    this.#unlisten = this.#store.listen(this.#userId ?? '', (note) => this.#hear(note))
    void this.#read()
  }

  #tell(note: OutboxNote): void {
    this.#store.tell(this.#userId ?? '', note)
  }

  #hear(note: OutboxNote): void {
    if (note.kind === 'changed') void this.#read()
    else if (note.kind === 'sent') this.#dispatch({ type: 'sent', key: note.key })
    else this.#tried(note.key, note.outcome)
  }

  // --- the network

  async #drain(): Promise<void> {
    this.#isDraining = true
    await this.#store.alone(this.#userId ?? '', async () => {
      // The lock was waited for while it was written: both take their time.
      await this.#line
      while (this.#isDue()) await this.#sendFirst()
    })
    this.#isDraining = false
    this.#go()
  }

  /** What is first is read anew each time: another tab may have sent it, or put something before it. */
  async #sendFirst(): Promise<void> {
    let first: Queued | null = null
    await this.#disk(
      (store) => store.first(this.#userId ?? ''),
      (row) => (first = row),
    )
    const row = first as Queued | null
    if (row === null) return this.#read()
    if (this.#rules.gone.has(row.key)) return this.#remove(row)
    if (!this.#rules.queue.some(({ key }) => key === row.key)) await this.#read()
    this.#dispatch({ type: 'sent', key: row.key })
    this.#tell({ kind: 'sent', key: row.key })
    const outcome = await this.#send(row)
    this.#tried(row.key, outcome)
    this.#tell({ kind: 'tried', key: row.key, outcome })
    if (outcome.kind !== 'later') await this.#remove(row)
  }

  async #send({ key, wish }: Operation): Promise<Outcome> {
    try {
      return outcomeOf(wish, await settled(this.#call(wish)))
    } catch (bug) {
      this.#waiters.get(key)?.fail(bug)
      return { kind: 'later', retryAfterMs: BUG_PATIENCE_MS }
    }
  }

  #call(wish: Wish): Promise<CommandAnswer> {
    const { api } = this.#options
    switch (wish.verb) {
      case 'mark':
        return api.mark(wish.id, wish.mark)
      case 'unmark':
        return api.unmark(wish.id, wish.mark)
      case 'remove':
        return api.remove(wish.id)
      case 'read_all':
        return api.readAll(wish.body)
      case 'clear':
        return api.clear(wish.body)
      default:
        return assertNever(wish)
    }
  }

  // --- the rules

  #tried(key: string, outcome: Outcome): void {
    const { random = Math.random } = this.#options
    this.#dispatch({ type: 'tried', key, outcome, roll: random() })
  }

  /** Null: only the store is another. */
  #dispatch(event: OutboxEvent | null): void {
    const now = this.#options.clock.now()
    const step = event ? outboxStep(this.#rules, event, now) : { outbox: this.#rules, settled: [] }
    this.#rules = step.outbox
    this.#show(step.settled)
    for (const { key, outcome } of step.settled) this.#answer(key, outcome.kind === 'done')
    this.#go()
  }

  /** Nobody is told of what nobody sees: it would be one more rendering before the request leaves. */
  #show(settledNow: readonly Settled[]): void {
    const { queue, sent } = this.#rules
    const { isLasting } = this.#store
    const before = this.state
    const isSame =
      before.isLasting === isLasting &&
      before.waiting.length === queue.length &&
      before.waiting.every(
        ({ key, isSent }, at) => key === queue[at]?.key && isSent === (key === sent),
      )
    if (isSame && settledNow.length === 0) return
    this.state = { waiting: queue.map((one) => markOf(one, one.key === sent)), isLasting }
    this.changes.tell(settledNow)
  }

  #isDue(): boolean {
    const at = dueAt(this.#rules)
    return this.#isStarted && at !== null && at <= this.#options.clock.now()
  }

  /** The first is being written: it goes as soon as it is. */
  #isComing(): boolean {
    const { queue, retryAt, notBefore } = this.#rules
    const isFree = Math.max(retryAt, notBefore) <= this.#options.clock.now()
    return this.#isStarted && this.#isOpen && isFree && queue[0]?.place === null
  }

  #go(): void {
    const at = this.#isStarted ? dueAt(this.#rules) : null
    this.#arm(at)
    if (!this.#isDue()) {
      // Nothing leaves for now, so that it is kept is the word on each.
      for (const { key, place } of this.#rules.queue) if (place !== null) this.#answer(key, true)
    }
    if (!this.#isDraining && (this.#isDue() || this.#isComing())) void this.#drain()
  }

  #arm(at: Millis | null): void {
    const { clock } = this.#options
    this.#cancelTimer?.()
    this.#cancelTimer = null
    const inMs = at === null ? 0 : at - clock.now()
    if (inMs > 0) this.#cancelTimer = clock.after(inMs, () => this.#go())
  }

  #answer(key: string, isHeld: boolean): void {
    this.#waiters.get(key)?.tell(isHeld)
    this.#waiters.delete(key)
  }
}
