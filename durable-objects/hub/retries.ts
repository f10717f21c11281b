// [AR2] Entries that D1 refused, tried again because somebody asked for it: each by itself, past the archiver, whose cursor
// has left them behind. While D1 is away the alarm goes on, so that what landed without an answer does not stay parked.
import { classifyFailure, refusalReason } from '../../db/errors.ts'
import type { Database } from '../../db/open.ts'
import { applyLate, noteRefusal, type LateEntry } from '../../db/sink-late.ts'
import type { RetryResult } from '../rpc.ts'
import type { LogEntry, LogStore } from '../store/log.ts'
import type { ParkedStore, Refusal } from '../store/parked.ts'
import { within } from '../timeouts.ts'
import { parkedKindOf, toArchive } from './archive-entry.ts'
import { logLine } from './log-line.ts'

const D1_TIMEOUT_MS = 5_000
const AGAIN_MS = 60_000

export interface RetriesDeps {
  db: Database
  log: LogStore
  parked: ParkedStore
  /** Null: the hub has not begun, or not any more. */
  identity(): { stream: string; epoch: string } | null
  archived(): number
  lateOf(entry: LogEntry): LateEntry
  /** One entry fewer is parked, or for another reason. */
  onChange(): void
  now(): number
}

export class Retries {
  #deps: RetriesDeps

  constructor(deps: RetriesDeps) {
    this.#deps = deps
  }

  nextAt(): number | null {
    return this.#deps.parked.nextRetryAt()
  }

  /** For the alarm. */
  async run(): Promise<void> {
    for (const seq of this.#deps.parked.toRetry(this.#deps.now())) await this.retry(seq)
  }

  /** Never rejects for what D1 says. Twice at once does no harm: the second finds it done. */
  async retry(seq: number): Promise<RetryResult> {
    const { db, log, parked, onChange, now } = this.#deps
    const here = this.#deps.identity()
    const entry = log.at(seq)
    if (here === null || entry?.parked !== 1) return { outcome: 'unknown' }
    const about = { epoch: here.epoch, id: entry.id, kind: parkedKindOf(entry) }
    // Until the batch that passes it has landed there is nothing to add it to; as long as that takes, ask again.
    parked.retryAt(seq, now() + AGAIN_MS)
    if (this.#deps.archived() < seq) return { outcome: 'waiting', ...about }
    try {
      await within(D1_TIMEOUT_MS, applyLate(db, here, this.#deps.lateOf(entry)), 'D1')
      parked.release(seq)
      onChange()
      return { outcome: 'archived', ...about }
    } catch (error) {
      logLine('archive.retry_failed', { stream: here.stream, seq }, error)
      if (classifyFailure(error) !== 'content') return { outcome: 'waiting', ...about }
      const refusal = { at: now(), reason: refusalReason(error) }
      parked.park(seq, refusal)
      await this.#note(here, entry, refusal)
      return { outcome: 'refused', reason: refusal.reason }
    }
  }

  /** The list shows the new reason; where that fails it shows the old one. */
  async #note(here: { stream: string; epoch: string }, entry: LogEntry, refusal: Refusal) {
    try {
      const row = toArchive({ ...entry, parked: 1 }, refusal)
      await within(D1_TIMEOUT_MS, noteRefusal(this.#deps.db, here, row), 'D1')
    } catch (error) {
      logLine('archive.retry_failed', { stream: here.stream, seq: entry.seq }, error)
    }
  }
}
