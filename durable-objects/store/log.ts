// A hub's log: the stream itself (ST1 to ST4), and its own outbox (AR1). Knows nothing of sockets or D1.
import { parseStream } from '../../protocol/ids.ts'
import type { Head } from '../rpc.ts'
import { first, type Sql } from './sql.ts'

/**
 * - notification: written here first
 * - mark, step: what the person did with entries (own stream only)
 * - copy, copy_state: taken from a location (ST7), never archived
 * - floor: shown to nobody; resumes below it cannot be whole (ST7)
 */
export type EntryKind = 'notification' | 'mark' | 'step' | 'copy' | 'copy_state' | 'floor'

export interface LogEntry {
  seq: number
  kind: EntryKind
  /** The notification's id; null for what is none. */
  id: string | null
  /** Milliseconds. */
  at: number
  audience: number
  expires_at: number | null
  /** Replaced or cancelled: kept for its key, shown to nobody. */
  gone: 0 | 1
  collapse_key: string | null
  /** Where it was first written; null: here. */
  home_stream: string | null
  home_epoch: string | null
  home_seq: number | null
  idem_key: string | null
  idem_hash: string | null
  /** D1 refused it for its content (AR2). */
  parked: 0 | 1
  /** JSON: a StoredNotification, or the data of a state frame with its targets. */
  body: string
}

export type NewEntry = Pick<LogEntry, 'kind' | 'at' | 'body'> & Partial<Omit<LogEntry, 'seq'>>

const COLUMNS =
  'seq, kind, id, at, audience, expires_at, gone, collapse_key, home_stream, home_epoch, home_seq, idem_key, idem_hash, parked, body'

/** [ST4] Kept at least. */
export const KEEP_ENTRIES = 1_000
export const KEEP_MS = 24 * 3_600_000

/** Fewer are not worth looking at the log for. */
const TRIM_FROM = 100

/** More than the 500 entries a batch may bring, so that a log never outgrows its trimming; bounded, so that one send never pays for a day. */
const TRIM_AT_ONCE = 600

export class LogStore {
  #sql: Sql
  #head: number
  #trimmed: number
  #lastHomeSeq: number
  #lastAt: number

  constructor(sql: Sql) {
    this.#sql = sql
    createTables(sql)
    sql.onRollback(() => this.#reload())
    const ends = first(
      sql.all<{ low: number | null; high: number | null }>(
        // A parked entry stays when its neighbours are trimmed: it says nothing of where the log begins.
        'SELECT (SELECT min(seq) FROM log WHERE parked = 0) AS low, (SELECT max(seq) FROM log) AS high',
      ),
    )
    this.#head = ends?.high ?? 0
    this.#trimmed = ends?.low ? ends.low - 1 : 0
    this.#lastHomeSeq = this.#readLastHomeSeq()
    this.#lastAt = this.#readLastAt()
  }

  /** The newest seq; 0 for an empty stream. */
  get head(): number {
    return this.#head
  }

  /** Everything up to here is no longer kept. */
  get trimmed(): number {
    return this.#trimmed
  }

  /** The newest entry that D1 must have: copies and floors are not its business (ST7). */
  get lastHomeSeq(): number {
    return this.#lastHomeSeq
  }

  /** [NO1] A time for the next entry: at least 1 ms after the one before it, also when the clock goes back. */
  nextTime(now: number): number {
    return Math.max(now, this.#lastAt + 1)
  }

  /** Gives the entry its seq (ST1). Call inside a transaction with everything that belongs to the same event. */
  append(entry: NewEntry): LogEntry {
    const full: LogEntry = {
      id: null,
      audience: 3,
      expires_at: null,
      gone: 0,
      collapse_key: null,
      home_stream: null,
      home_epoch: null,
      home_seq: null,
      idem_key: null,
      idem_hash: null,
      parked: 0,
      ...entry,
      seq: this.#head + 1,
    }
    this.#sql.run(
      `INSERT INTO log(${COLUMNS}) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      full.seq,
      full.kind,
      full.id,
      full.at,
      full.audience,
      full.expires_at,
      full.gone,
      full.collapse_key,
      full.home_stream,
      full.home_epoch,
      full.home_seq,
      full.idem_key,
      full.idem_hash,
      full.parked,
      full.body,
    )
    this.#head = full.seq
    this.#lastAt = Math.max(this.#lastAt, full.at)
    if (isHome(full.kind)) this.#lastHomeSeq = full.seq
    return full
  }

  /** Entries above `after`, oldest first. */
  since(after: number, limit: number): LogEntry[] {
    return this.#sql.all<LogEntry>(
      `SELECT ${COLUMNS} FROM log WHERE seq > ? ORDER BY seq LIMIT ?`,
      after,
      limit,
    )
  }

  /** What D1 must get next, oldest first (AR1). */
  homeSince(after: number, limit: number): LogEntry[] {
    return this.#sql.all<LogEntry>(
      `SELECT ${COLUMNS} FROM log WHERE seq > ? AND kind IN ('notification', 'mark', 'step') ORDER BY seq LIMIT ?`,
      after,
      limit,
    )
  }

  /** [RE1] What the person may be called for, oldest first. */
  toPush(after: number, limit: number): LogEntry[] {
    return this.#sql.all<LogEntry>(
      `SELECT ${COLUMNS} FROM log WHERE seq > ? AND kind IN ('notification', 'copy') ORDER BY seq LIMIT ?`,
      after,
      limit,
    )
  }

  /** The newest place at or below `seq` where a notification was first written; what was trimmed may have held one. */
  newestNotification(seq: number): number {
    const row = first(
      this.#sql.all<{ seq: number }>(
        "SELECT seq FROM log WHERE kind = 'notification' AND seq <= ? ORDER BY seq DESC LIMIT 1",
        seq,
      ),
    )
    return row?.seq ?? Math.min(seq, this.#trimmed)
  }

  /** [ST7] Where copies were first written, oldest first. */
  copiesSince(seq: number): { locationId: string; at: Head }[] {
    const rows = this.#sql.all<{ stream: string; epoch: string; seq: number }>(
      `SELECT home_stream AS stream, home_epoch AS epoch, home_seq AS seq FROM log
       WHERE log.seq > ? AND home_stream IS NOT NULL ORDER BY log.seq`,
      seq,
    )
    return rows.map((row) => ({
      locationId: parseStream(row.stream).id,
      at: { epoch: row.epoch, seq: row.seq },
    }))
  }

  /** [OP1] How many entries D1 does not have when it has everything up to here. */
  waitingAfter(seq: number): { count: number; oldestAt: number | null } {
    if (seq >= this.#lastHomeSeq) return { count: 0, oldestAt: null }
    const row = first(
      this.#sql.all<{ count: number; oldestAt: number | null }>(
        `SELECT count(*) AS count, min(at) AS oldestAt FROM log
         WHERE seq > ? AND kind IN ('notification', 'mark', 'step')`,
        seq,
      ),
    )
    return row ?? { count: 0, oldestAt: null }
  }

  /**
   * [IN2] The entry of a notification among the newest 1,000; copies count. Looked for from the newest back, without an index:
   * one would be a row written with every entry, which is billed like a thousand that are read here.
   */
  byId(id: string): LogEntry | null {
    return first(
      this.#sql.all<LogEntry>(
        `SELECT ${COLUMNS} FROM log WHERE id = ? AND seq > ? ORDER BY seq DESC LIMIT 1`,
        id,
        this.#head - KEEP_ENTRIES,
      ),
    )
  }

  /** Null: no longer kept. */
  bySeq(seq: number): LogEntry | null {
    return first(this.#sql.all<LogEntry>(`SELECT ${COLUMNS} FROM log WHERE seq = ?`, seq))
  }

  /** [CO5] The entry that a key made. */
  byIdempotencyKey(key: string): LogEntry | null {
    return first(this.#sql.all<LogEntry>(`SELECT ${COLUMNS} FROM log WHERE idem_key = ?`, key))
  }

  /** [NO6] A newer one took its place. `home`: the stream it came from; null: here. */
  replace(home: string | null, collapseKey: string, audience: number, below: number): void {
    this.#sql.run(
      `UPDATE log SET gone = 1 WHERE collapse_key = ? AND audience = ? AND home_stream IS ? AND gone = 0 AND seq < ?`,
      collapseKey,
      audience,
      home,
      below,
    )
  }

  park(seq: number): void {
    this.#sql.run('UPDATE log SET parked = 1 WHERE seq = ?', seq)
  }

  /** Where its neighbours are trimmed it goes, too: the log begins where nothing is missing. */
  unpark(seq: number): void {
    if (seq > this.#trimmed) this.#sql.run('UPDATE log SET parked = 0 WHERE seq = ?', seq)
    else this.#sql.run('DELETE FROM log WHERE seq = ?', seq)
  }

  at(seq: number): LogEntry | null {
    return first(this.#sql.all<LogEntry>(`SELECT ${COLUMNS} FROM log WHERE seq = ?`, seq))
  }

  /** [ST4] Trims what is old, many, archived and told (`upTo`); a bounded number of entries, so call it again. */
  trim(now: number, upTo: number): void {
    const limit = Math.min(this.#head - KEEP_ENTRIES, upTo)
    if (limit < this.#trimmed + TRIM_FROM) return
    const reach = Math.min(limit, this.#trimmed + TRIM_AT_ONCE)
    const young = first(
      this.#sql.all<{ seq: number | null }>(
        'SELECT min(seq) AS seq FROM log WHERE seq > ? AND seq <= ? AND at > ?',
        this.#trimmed,
        reach,
        now - KEEP_MS,
      ),
    )
    const last = Math.min(reach, (young?.seq ?? Infinity) - 1)
    if (last <= this.#trimmed) return
    this.#sql.run('DELETE FROM log WHERE seq <= ? AND parked = 0', last)
    this.#trimmed = last
  }

  #reload(): void {
    const high = first(this.#sql.all<{ high: number | null }>('SELECT max(seq) AS high FROM log'))
    this.#head = Math.max(high?.high ?? 0, this.#trimmed)
    this.#lastHomeSeq = this.#readLastHomeSeq()
    this.#lastAt = this.#readLastAt()
  }

  #readLastAt(): number {
    const row = first(this.#sql.all<{ at: number }>('SELECT at FROM log ORDER BY seq DESC LIMIT 1'))
    return row?.at ?? 0
  }

  #readLastHomeSeq(): number {
    const row = first(
      this.#sql.all<{ seq: number | null }>(
        `SELECT seq FROM log WHERE kind IN ('notification', 'mark', 'step') ORDER BY seq DESC LIMIT 1`,
      ),
    )
    return row?.seq ?? 0
  }
}

export const isHome = (kind: EntryKind): boolean =>
  kind === 'notification' || kind === 'mark' || kind === 'step'

/** Where an entry was first written. */
export function homeOf(
  entry: LogEntry,
  here: { stream: string; epoch: string },
): { stream: string } & Head {
  if (entry.home_stream === null) return { ...here, seq: entry.seq }
  return {
    stream: entry.home_stream,
    epoch: entry.home_epoch ?? '',
    seq: entry.home_seq ?? 0,
  }
}

function createTables(sql: Sql): void {
  sql.run(`CREATE TABLE IF NOT EXISTS log(
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT, at INTEGER NOT NULL, audience INTEGER NOT NULL,
    expires_at INTEGER, gone INTEGER NOT NULL, collapse_key TEXT,
    home_stream TEXT, home_epoch TEXT, home_seq INTEGER,
    idem_key TEXT, idem_hash TEXT, parked INTEGER NOT NULL, body TEXT NOT NULL)`)
  // Hubs of older builds have it: a row written with every entry, and read by nobody.
  sql.run('DROP INDEX IF EXISTS log_id')
  sql.run('CREATE UNIQUE INDEX IF NOT EXISTS log_idem ON log(idem_key) WHERE idem_key IS NOT NULL')
  sql.run(
    'CREATE INDEX IF NOT EXISTS log_collapse ON log(collapse_key, audience) WHERE collapse_key IS NOT NULL AND gone = 0',
  )
}
