// [AR1][AR2][AR3] Brings a hub's log to D1: in order, many entries in one batch, behind a fence.
// The decisions are in core/archive.ts; this reads entries, calls D1 and keeps the cursor.
import type { ArchiveBatch, ArchiveEntry } from '../../db/sink.ts'
import { refusalReason, type D1Failure } from '../../db/errors.ts'
import {
  MAX_BATCH_BYTES,
  onArchived,
  onContentRefused,
  onCursorRead,
  onHeard,
  onUnavailable,
  startArchive,
  type ArchiveState,
} from '../core/archive.ts'
import { bytesOf } from '../core/batches.ts'
import type { LogEntry, LogStore } from '../store/log.ts'
import type { Meta } from '../store/meta.ts'
import type { ParkedStore } from '../store/parked.ts'
import { logLine } from './log-line.ts'
import { within } from '../timeouts.ts'

/** D1's own limit for a batch is 30 s; what lands later is caught by the fence. */
const BATCH_TIMEOUT_MS = 30_000

/** An entry that nobody flushed (the process died) is picked up by the alarm after this. */
const SAFETY_MS = 2_000

/** How far D1 is known to be is written down this seldom: what a wake believes instead is right unless a process died. */
const WRITTEN_EVERY = 64

/** How the archiver reaches D1. */
export interface Sink {
  apply(batch: ArchiveBatch): Promise<void>
  /** Null: D1 does not know this stream and epoch. */
  readCursor(stream: string, epoch: string): Promise<number | null>
  openCursor(stream: string, epoch: string): Promise<void>
  classify(error: unknown): D1Failure
}

export interface ArchiverDeps {
  log: LogStore
  parked: Pick<ParkedStore, 'park'>
  meta: Meta
  sink: Sink
  /** Stream and epoch; asked only once the hub is ready. */
  identity(): { stream: string; epoch: string }
  toArchive(entry: LogEntry): ArchiveEntry
  now(): number
  random(): number
}

interface Waiter {
  seq: number
  settle(archived: boolean): void
}

export class Archiver {
  #deps: ArchiverDeps
  #state: ArchiveState
  #running: Promise<void> | null = null
  #waiters: Waiter[] = []

  constructor(deps: ArchiverDeps) {
    this.#deps = deps
    const { meta, log } = deps
    const failures = meta.get('archive_failures')
    this.#state = startArchive(meta.get('archived'), log.lastHomeSeq, failures)
  }

  /** [AR3] D1 has everything up to here, for sure: what answers and trimming go by. */
  get archived(): number {
    return this.#state.sure
  }

  /** The same as far as we know: a woken hub has not heard of D1 yet. */
  get believed(): number {
    return this.#state.archived
  }

  get isBehind(): boolean {
    return this.#state.archived < this.#deps.log.lastHomeSeq
  }

  /** D1 was not heard of in this life, and another one may have left something. */
  get #isInDoubt(): boolean {
    return this.#state.sure < this.#state.archived
  }

  /** When the alarm must look after the log; null when D1 has all of it. */
  nextAt(): number | null {
    const { retryAt } = this.#state
    if (this.isBehind) return retryAt ?? this.#deps.now() + SAFETY_MS
    return this.#isInDoubt ? retryAt : null
  }

  /** Where the alarm is set for something else: it takes the place of one that another life may have left for its last entry. */
  checkAt(): number | null {
    return this.isBehind || this.#isInDoubt ? this.#deps.now() + SAFETY_MS : null
  }

  /** The clock moved (AR8): a time to try again that was set by the old one says nothing. */
  forgetWait(): void {
    this.#state = { ...this.#state, retryAt: null }
  }

  /** Starts a flush unless one runs or D1 is failing; a woken hub with nothing to send asks where D1 is. Never rejects. */
  kick(): Promise<void> {
    if (this.#state.retryAt !== null && this.#deps.now() < this.#state.retryAt)
      return Promise.resolve()
    this.#running ??= this.#run().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  /**
   * Resolves to true once D1 has the stream up to `seq`, to false after `ms`, and to false at once while D1
   * is known to fail (AR3): its retries are the alarm's.
   */
  async waitFor(seq: number, ms: number): Promise<boolean> {
    if (this.#state.sure >= seq) return true
    void this.kick()
    if (this.#state.retryAt !== null) return false
    return new Promise<boolean>((resolve) => {
      const settle = (archived: boolean) => {
        clearTimeout(timer)
        this.#waiters = this.#waiters.filter((waiter) => waiter !== me)
        resolve(archived)
      }
      const timer = setTimeout(() => settle(false), ms)
      const me: Waiter = { seq, settle }
      this.#waiters.push(me)
    })
  }

  async #run(): Promise<void> {
    const { meta } = this.#deps
    if (!this.isBehind && this.#isInDoubt && !(await this.#ask())) return
    while (this.isBehind) {
      const entries = this.#take()
      const last = entries.at(-1)
      if (!last) return
      try {
        const { stream, epoch } = this.#deps.identity()
        const batch = {
          stream,
          epoch,
          expected: this.#state.archived,
          to: last.seq,
          entries: entries.map(this.#deps.toArchive),
        }
        await within(BATCH_TIMEOUT_MS, this.#deps.sink.apply(batch), 'D1')
        this.#state = onArchived(this.#state, last.seq)
        if (last.seq - meta.get('archived') >= WRITTEN_EVERY) meta.set('archived', last.seq)
        meta.set('archive_failures', 0)
        this.#settle()
      } catch (error) {
        if (!(await this.#recover(error, entries))) return
      }
    }
  }

  /** Answers whether the loop should go on at once. */
  async #recover(error: unknown, entries: LogEntry[]): Promise<boolean> {
    const { sink, parked } = this.#deps
    const failure = sink.classify(error)
    if (failure === 'fence') {
      const before = this.#state.archived
      const found = await this.#findCursor()
      // One that was opened anew is not where it was, even if both are at 0.
      if (found !== null && (found.isNew || found.seq !== before)) {
        this.#goOn(onCursorRead(this.#state, found.seq))
        return true
      }
    }
    if (failure === 'content') {
      const refused = onContentRefused(this.#state, entries.length)
      if (refused.kind === 'halve') {
        this.#state = refused.state
        return true
      }
      const [poisoned] = entries
      if (poisoned && poisoned.parked === 0) {
        const { stream } = this.#deps.identity()
        logLine('archive.parked', { stream, seq: poisoned.seq }, error)
        parked.park(poisoned.seq, { at: this.#deps.now(), reason: refusalReason(error) })
        return true
      }
    }
    this.#backOff(failure === 'overloaded' ? 'overloaded' : 'unavailable', error)
    return false
  }

  /** Before D1 was heard of in this life: answers whether it could be asked where it is. */
  async #ask(): Promise<boolean> {
    const found = await this.#findCursor()
    if (found) this.#goOn(onHeard(this.#state, found.seq))
    else this.#backOff('unavailable', new Error('the cursor could not be read'))
    return found !== null
  }

  #goOn(state: ArchiveState): void {
    this.#state = state
    this.#deps.meta.set('archived', state.sure)
    this.#settle()
  }

  #backOff(cause: 'overloaded' | 'unavailable', error: unknown): void {
    const { meta } = this.#deps
    const { stream, epoch } = this.#deps.identity()
    this.#state = onUnavailable(this.#state, cause, this.#deps.now(), this.#deps.random())
    meta.set('archived', this.#state.sure)
    meta.set('archive_failures', this.#state.failures)
    logLine('archive.waiting', { stream, epoch, failures: this.#state.failures, cause }, error)
    for (const waiter of this.#waiters) waiter.settle(false)
  }

  async #findCursor(): Promise<{ seq: number; isNew: boolean } | null> {
    const { sink } = this.#deps
    const { stream, epoch } = this.#deps.identity()
    try {
      const seq = await within(BATCH_TIMEOUT_MS, sink.readCursor(stream, epoch), 'D1')
      if (seq !== null) return { seq, isNew: false }
      await within(BATCH_TIMEOUT_MS, sink.openCursor(stream, epoch), 'D1')
      return { seq: 0, isNew: true }
    } catch {
      // Away again: the ordinary back-off follows.
      return null
    }
  }

  #take(): LogEntry[] {
    const entries = this.#deps.log.homeSince(this.#state.archived, this.#state.batchLimit)
    let bytes = 0
    const fitting = entries.findIndex((entry) => {
      bytes += bytesOf(entry.body)
      return bytes > MAX_BATCH_BYTES
    })
    return fitting === -1 ? entries : entries.slice(0, Math.max(1, fitting))
  }

  #settle(): void {
    for (const waiter of this.#waiters) {
      if (waiter.seq <= this.#state.sure) waiter.settle(true)
    }
  }
}
