// [AR2] Why and since when D1 has refused entries of the log. The entries themselves stay where they are.
import { first, type Sql } from './sql.ts'
import type { LogStore } from './log.ts'

export interface Refusal {
  /** Milliseconds. */
  at: number
  reason: string
}

interface Sums {
  count: number
  nextRetryAt: number | null
}

export class ParkedStore {
  #sql: Sql
  #log: LogStore
  /** Asked at every event of the hub, and hardly ever another; null: to be read. */
  #sums: Sums | null = null

  constructor(sql: Sql, log: LogStore) {
    this.#sql = sql
    this.#log = log
    sql.run(`CREATE TABLE IF NOT EXISTS parked(
      seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, reason TEXT NOT NULL, retry_at INTEGER)`)
    sql.onRollback(() => this.#changed())
  }

  get count(): number {
    return this.#read().count
  }

  refusalOf(seq: number): Refusal | null {
    return first(this.#sql.all<Refusal>('SELECT at, reason FROM parked WHERE seq = ?', seq))
  }

  /** D1 refused the entry, maybe not for the first time. */
  park(seq: number, { at, reason }: Refusal): void {
    this.#sql.transaction(() => {
      this.#log.park(seq)
      this.#sql.run('INSERT OR REPLACE INTO parked VALUES(?, ?, ?, NULL)', seq, at, reason)
      this.#changed()
    })
  }

  /** D1 has it. */
  release(seq: number): void {
    this.#sql.transaction(() => {
      this.#log.unpark(seq)
      this.#sql.run('DELETE FROM parked WHERE seq = ?', seq)
      this.#changed()
    })
  }

  /** Somebody asked for it to be tried again, and whether D1 took it is not known. */
  retryAt(seq: number, at: number): void {
    this.#sql.run('UPDATE parked SET retry_at = ? WHERE seq = ?', at, seq)
    this.#changed()
  }

  /** When the next one is to be tried again; null: none. */
  nextRetryAt(): number | null {
    return this.#read().nextRetryAt
  }

  toRetry(now: number): number[] {
    return this.#sql
      .all<{ seq: number }>('SELECT seq FROM parked WHERE retry_at <= ? ORDER BY seq', now)
      .map((row) => row.seq)
  }

  #read(): Sums {
    const sums = 'SELECT count(*) AS count, min(retry_at) AS nextRetryAt FROM parked'
    this.#sums ??= first(this.#sql.all<Sums>(sums)) ?? { count: 0, nextRetryAt: null }
    return this.#sums
  }

  #changed(): void {
    this.#sums = null
  }
}
