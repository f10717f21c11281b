// A person's steps and marks as their hub knows them (AR6): enough to tell whether a command changes anything,
// and to hand out an entry with its state. The archive has the same in D1, folded in SQL.
import type { Place } from '../../protocol/ids.ts'
import type { Category } from '../../protocol/notification-types.ts'
import {
  applyMark,
  entryState,
  NO_MARK,
  type EntryState,
  type Mark,
  type Step,
} from '../core/inbox-state.ts'
import type { MarkOp } from '../rpc.ts'
import { first, type Sql } from './sql.ts'

interface MarkRow {
  read_at: number | null
  unread: 0 | 1
  seen_at: number | null
  unseen: 0 | 1
  archived_at: number | null
  deleted_at: number | null
  acknowledged_at: number | null
}

interface Marked extends Place {
  category: Category
}

export class MarkStore {
  #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
    sql.run(`CREATE TABLE IF NOT EXISTS marks(
      stream TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, category TEXT NOT NULL,
      read_at INTEGER, unread INTEGER NOT NULL, seen_at INTEGER, unseen INTEGER NOT NULL,
      archived_at INTEGER, deleted_at INTEGER, acknowledged_at INTEGER, changed_at INTEGER NOT NULL,
      PRIMARY KEY(stream, epoch, seq)) WITHOUT ROWID`)
    sql.run(`CREATE TABLE IF NOT EXISTS steps(
      op TEXT NOT NULL, stream TEXT NOT NULL, epoch TEXT NOT NULL, category TEXT NOT NULL, up_to INTEGER NOT NULL,
      at INTEGER NOT NULL, PRIMARY KEY(op, stream, epoch, category, up_to)) WITHOUT ROWID`)
  }

  stateOf(place: Place, category: Category): EntryState {
    return entryState(this.#mark(place), this.#stepsOver(place, category))
  }

  /** [AR2] As {@link stateOf}, but deleted only where the entry itself was: a step that clears is in the archive as a step. */
  standing(place: Place, category: Category): EntryState {
    return { ...this.stateOf(place, category), deleted_at: this.#mark(place).deleted_at }
  }

  /** [AR2] What at or below a place, of a category or of all ('*'), the person has marked since. */
  markedSince(at: number, upTo: Place, category: Category | '*'): Marked[] {
    return this.#sql.all<Marked>(
      `SELECT stream, epoch, seq, category FROM marks WHERE ${atOrBelow}
       AND changed_at >= ? AND (? = '*' OR category = ?)`,
      upTo.stream,
      upTo.epoch,
      upTo.epoch,
      upTo.seq,
      at,
      category,
      category,
    )
  }

  mark(place: Place, category: Category, op: MarkOp, at: number): void {
    const mark = this.#mark(place)
    const state = entryState(mark, this.#stepsOver(place, category))
    this.#put(place, category, applyMark(mark, state, op, at), at)
  }

  /** Does the step lie above what steps of the same kind already reach, or lift an exception below it? */
  stepChanges(op: Step['op'], upTo: Place, category: Category | '*'): boolean {
    const reached = first(
      this.#sql.all<{ n: number }>(
        `SELECT count(*) AS n FROM steps WHERE op IN (?, ?) AND stream = ? AND category IN (?, '*')
         AND (epoch > ? OR (epoch = ? AND up_to >= ?))`,
        op,
        // What was read was seen.
        op === 'seen' ? 'read' : op,
        upTo.stream,
        category,
        upTo.epoch,
        upTo.epoch,
        upTo.seq,
      ),
    )
    if (reached?.n === 0) return true
    return op !== 'deleted' && this.#exceptionsBelow(op, upTo, category) > 0
  }

  step(op: Step['op'], upTo: Place, category: Category | '*', at: number): void {
    this.#sql.run(
      'INSERT OR IGNORE INTO steps(op, stream, epoch, category, up_to, at) VALUES(?, ?, ?, ?, ?, ?)',
      op,
      upTo.stream,
      upTo.epoch,
      category,
      upTo.seq,
      at,
    )
    if (op === 'deleted') return
    const set =
      op === 'read'
        ? 'read_at = CASE unread WHEN 1 THEN ? ELSE read_at END, unread = 0, seen_at = CASE unseen WHEN 1 THEN ? ELSE seen_at END, unseen = 0'
        : 'seen_at = CASE unseen WHEN 1 THEN ? ELSE seen_at END, unseen = 0'
    this.#sql.run(
      `UPDATE marks SET ${set} WHERE ${exceptions(op)} AND (? = '*' OR category = ?)`,
      ...(op === 'read' ? [at, at] : [at]),
      upTo.stream,
      upTo.epoch,
      upTo.epoch,
      upTo.seq,
      category,
      category,
    )
  }

  /** The archive no longer keeps what these are about (AR9). */
  forgetBefore(at: number): void {
    this.#sql.run('DELETE FROM marks WHERE changed_at < ?', at)
    this.#sql.run('DELETE FROM steps WHERE at < ?', at)
  }

  #exceptionsBelow(op: 'read' | 'seen', upTo: Place, category: Category | '*'): number {
    const row = first(
      this.#sql.all<{ n: number }>(
        `SELECT count(*) AS n FROM marks WHERE ${exceptions(op)} AND (? = '*' OR category = ?)`,
        upTo.stream,
        upTo.epoch,
        upTo.epoch,
        upTo.seq,
        category,
        category,
      ),
    )
    return row?.n ?? 0
  }

  #mark(place: Place): Mark {
    const row = first(
      this.#sql.all<MarkRow>(
        `SELECT read_at, unread, seen_at, unseen, archived_at, deleted_at, acknowledged_at
         FROM marks WHERE stream = ? AND epoch = ? AND seq = ?`,
        place.stream,
        place.epoch,
        place.seq,
      ),
    )
    return row ? { ...row, unread: row.unread === 1, unseen: row.unseen === 1 } : NO_MARK
  }

  #put(place: Place, category: Category, mark: Mark, at: number): void {
    this.#sql.run(
      `INSERT OR REPLACE INTO marks(stream, epoch, seq, category, read_at, unread, seen_at, unseen,
         archived_at, deleted_at, acknowledged_at, changed_at) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      place.stream,
      place.epoch,
      place.seq,
      category,
      mark.read_at,
      mark.unread ? 1 : 0,
      mark.seen_at,
      mark.unseen ? 1 : 0,
      mark.archived_at,
      mark.deleted_at,
      mark.acknowledged_at,
      at,
    )
  }

  #stepsOver(place: Place, category: Category): Step[] {
    return this.#sql.all<Step>(
      `SELECT op, category, at FROM steps WHERE op IN ('read', 'seen', 'deleted') AND stream = ?
       AND (epoch > ? OR (epoch = ? AND up_to >= ?)) AND category IN (?, '*')`,
      place.stream,
      place.epoch,
      place.epoch,
      place.seq,
      category,
    )
  }
}

const atOrBelow = 'stream = ? AND (epoch < ? OR (epoch = ? AND seq <= ?))'

/** Marks at or below a place that a step of this kind turns back. */
const exceptions = (op: 'read' | 'seen'): string =>
  `${atOrBelow} AND ${op === 'read' ? '(unread = 1 OR unseen = 1)' : 'unseen = 1'}`
