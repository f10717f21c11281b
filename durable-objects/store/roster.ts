// A location hub's copy of who belongs to the shop (AU7, NO8), who watches its stream (ST7), and what presence was last announced (TR1).
import type { PresenceRow } from '../core/presence.ts'
import type { Role } from '../../protocol/notification.ts'
import type { Membership } from '../rpc.ts'
import type { Sql } from './sql.ts'

export interface RosterRow extends Membership {
  userId: string
  locale: string
}

interface Row {
  user_id: string
  role: Role
  locale: string
  from_epoch: string
  from_seq: number
  role_epoch: string
  role_seq: number
}

export class RosterStore {
  #sql: Sql
  #rows: Map<string, RosterRow>

  constructor(sql: Sql) {
    this.#sql = sql
    sql.run(`CREATE TABLE IF NOT EXISTS roster(
      user_id TEXT PRIMARY KEY, role TEXT NOT NULL, locale TEXT NOT NULL, from_epoch TEXT NOT NULL, from_seq INTEGER NOT NULL,
      role_epoch TEXT NOT NULL, role_seq INTEGER NOT NULL) WITHOUT ROWID`)
    this.#rows = this.#read()
    sql.onRollback(() => {
      this.#rows = this.#read()
    })
  }

  get(userId: string): RosterRow | null {
    return this.#rows.get(userId) ?? null
  }

  /** Takes the directory's word for all of it; answers who is no longer a member. */
  replaceAll(rows: readonly RosterRow[]): { left: string[] } {
    const now = new Map(rows.map((row) => [row.userId, row]))
    const left = [...this.#rows.keys()].filter((userId) => !now.has(userId))
    for (const userId of left) this.#sql.run('DELETE FROM roster WHERE user_id = ?', userId)
    for (const row of rows) {
      if (JSON.stringify(this.#rows.get(row.userId)) !== JSON.stringify(row)) this.#put(row)
    }
    this.#rows = now
    return { left }
  }

  #read(): Map<string, RosterRow> {
    return new Map(
      this.#sql.all<Row>('SELECT * FROM roster').map((row) => [row.user_id, fromRow(row)]),
    )
  }

  #put(row: RosterRow): void {
    this.#sql.run(
      'INSERT OR REPLACE INTO roster VALUES(?, ?, ?, ?, ?, ?, ?)',
      row.userId,
      row.role,
      row.locale,
      row.from.epoch,
      row.from.seq,
      row.roleFrom.epoch,
      row.roleFrom.seq,
    )
  }
}

const fromRow = (row: Row): RosterRow => ({
  userId: row.user_id,
  role: row.role,
  locale: row.locale,
  from: { epoch: row.from_epoch, seq: row.from_seq },
  roleFrom: { epoch: row.role_epoch, seq: row.role_seq },
})

export interface Watcher {
  user_id: string
  number: number
  /** A nudge failed, or is late: they may not have heard of anything above this seq. Null: told like everybody. */
  untold: number | null
}

/** Whose hubs want to be told of new entries (ST7). */
export class WatcherStore {
  #sql: Sql
  #rows: Map<string, Watcher>

  constructor(sql: Sql) {
    this.#sql = sql
    sql.run(
      'CREATE TABLE IF NOT EXISTS watchers(user_id TEXT PRIMARY KEY, number INTEGER NOT NULL, untold INTEGER) WITHOUT ROWID',
    )
    this.#rows = this.#read()
    sql.onRollback(() => {
      this.#rows = this.#read()
    })
  }

  all(): Watcher[] {
    return [...this.#rows.values()]
  }

  get(userId: string): Watcher | null {
    return this.#rows.get(userId) ?? null
  }

  /** Registers with a number; an older one than is known changes nothing. */
  watch(userId: string, number: number): void {
    if ((this.#rows.get(userId)?.number ?? -1) >= number) return
    this.#put({ user_id: userId, number, untold: null })
  }

  /** "Nobody here" forgets only the registration that the nudge named. */
  forget(userId: string, number: number): void {
    if (this.#rows.get(userId)?.number !== number) return
    this.remove(userId)
  }

  remove(userId: string): void {
    if (!this.#rows.delete(userId)) return
    this.#sql.run('DELETE FROM watchers WHERE user_id = ?', userId)
  }

  /** A nudge failed, or is late; `above`: what everybody else had been told by then. The first failure counts. */
  setUntold(userId: string, above: number): void {
    const row = this.#rows.get(userId)
    if (row && row.untold === null) this.#put({ ...row, untold: above })
  }

  setTold(userId: string): void {
    const row = this.#rows.get(userId)
    if (row && row.untold !== null) this.#put({ ...row, untold: null })
  }

  #read(): Map<string, Watcher> {
    return new Map(
      this.#sql.all<Watcher>('SELECT * FROM watchers').map((row) => [row.user_id, row]),
    )
  }

  #put(row: Watcher): void {
    this.#sql.run(
      'INSERT OR REPLACE INTO watchers VALUES(?, ?, ?)',
      row.user_id,
      row.number,
      row.untold,
    )
    this.#rows.set(row.user_id, row)
  }
}

/** What was last announced of each person, so that a hub that slept knows what changed. */
export class PresenceStore {
  #sql: Sql
  #rows: Map<string, PresenceRow>

  constructor(sql: Sql) {
    this.#sql = sql
    sql.run(
      'CREATE TABLE IF NOT EXISTS presence(user_id TEXT PRIMARY KEY, status TEXT NOT NULL, last_seen INTEGER, leaving_at INTEGER) WITHOUT ROWID',
    )
    this.#rows = this.#read()
    sql.onRollback(() => {
      this.#rows = this.#read()
    })
  }

  all(): PresenceRow[] {
    return [...this.#rows.values()]
  }

  get(userId: string): PresenceRow | null {
    return this.#rows.get(userId) ?? null
  }

  put(row: PresenceRow): void {
    this.#sql.run(
      'INSERT OR REPLACE INTO presence VALUES(?, ?, ?, ?)',
      row.user_id,
      row.status,
      row.last_seen,
      row.leaving_at,
    )
    this.#rows.set(row.user_id, row)
  }

  remove(userId: string): void {
    this.#sql.run('DELETE FROM presence WHERE user_id = ?', userId)
    this.#rows.delete(userId)
  }

  #read(): Map<string, PresenceRow> {
    return new Map(
      this.#sql
        .all<PresenceRow>('SELECT user_id, status, last_seen, leaving_at FROM presence')
        .map((row) => [row.user_id, row]),
    )
  }
}
