// [NO6] Which entry a collapse key shows now. Kept beside the log, longer than the log keeps the entry itself.
import { first, type Sql } from './sql.ts'

export interface Shown {
  id: string
  seq: number
}

export class CollapseStore {
  #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
    sql.run(`CREATE TABLE IF NOT EXISTS collapse(
      key TEXT NOT NULL, audience INTEGER NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,
      PRIMARY KEY(key, audience)) WITHOUT ROWID`)
  }

  shown(key: string, audience: number): Shown | null {
    return first(
      this.#sql.all<Shown>(
        'SELECT id, seq FROM collapse WHERE key = ? AND audience = ?',
        key,
        audience,
      ),
    )
  }

  show(key: string, audience: number, entry: Shown, at: number): void {
    this.#sql.run(
      'INSERT OR REPLACE INTO collapse(key, audience, id, seq, at) VALUES(?, ?, ?, ?, ?)',
      key,
      audience,
      entry.id,
      entry.seq,
      at,
    )
  }

  /** What the archive no longer keeps (AR9) replaces nothing. */
  forgetBefore(at: number): void {
    this.#sql.run('DELETE FROM collapse WHERE at < ?', at)
  }
}
