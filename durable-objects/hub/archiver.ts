// [AR1][AR2][AR3] Brings a hub's log to D1: in order, many entries in one batch, behind a fence.
// The decisions are in core/archive.ts; this reads entries, calls D1 and keeps the cursor.
import type { ArchiveBatch, ArchiveEntry } from '../../db/sink.ts'
import { refusalReason, type D1Failure } from '../../db/errors.ts'
import {
  MAX_BATCH_BYTES,
  onArchived,
  onContentRefused,
  onCursorRead,
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
    this.#state = startArchive(deps.meta.get('archived'), deps.meta.get('archive_failures'))
  }

  get archived(): number {
    return this.#state.archived
  }

  get isBehind(): boolean {
    return this.#state.archived < this.#deps.log.lastHomeSeq
  }

  /** When the alarm must look after the log; null when D1 has all of it. */
  nextAt(): number | null {
    if (!this.isBehind) return null
    return this.#state.retryAt ?? this.#deps.now() + SAFETY_MS
  }

  /** The clock moved (AR8): a time to try again that was set by the old one says nothing. */
  forgetWait(): void {
    this.#state = { ...this.#state, retryAt: null }
  }

  /** Starts a flush unless one runs or D1 is failing; never rejects. */
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
    if (this.#state.archived >= seq) return true
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
        meta.set('archived', this.#state.archived)
        meta.set('archive_failures', 0)
        this.#settle()
      } catch (error) {
        if (!(await this.#recover(error, entries))) return
      }
    }
  }

  /** Answers whether the loop should go on at once. */
  async #recover(error: unknown, entries: LogEntry[]): Promise<boolean> {
    const { sink, parked, meta } = this.#deps
    const { stream, epoch } = this.#deps.identity()
    const failure = sink.classify(error)
    if (failure === 'fence') {
      const before = this.#state.archived
      const found = await this.#findCursor()
      // One that was opened anew is not where it was, even if both are at 0.
      if (found !== null && (found.isNew || found.seq !== before)) {
        this.#state = onCursorRead(this.#state, found.seq)
        meta.set('archived', found.seq)
        this.#settle()
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
        logLine('archive.parked', { stream, seq: poisoned.seq }, error)
        parked.park(poisoned.seq, { at: this.#deps.now(), reason: refusalReason(error) })
        return true
      }
    }
    const cause = failure === 'overloaded' ? 'overloaded' : 'unavailable'
    this.#state = onUnavailable(this.#state, cause, this.#deps.now(), this.#deps.random())
    meta.set('archive_failures', this.#state.failures)
    logLine('archive.waiting', { stream, epoch, failures: this.#state.failures, cause }, error)
    for (const waiter of this.#waiters) waiter.settle(false)
    return false
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
      if (waiter.seq <= this.#state.archived) waiter.settle(true)
    }
  }
}
