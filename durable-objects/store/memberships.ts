// A user hub's copy of its person's memberships (NO8), and how far it has taken each location's stream (ST7).
import { locationStream } from '../../protocol/ids.ts'
import type { Role } from '../../protocol/notification.ts'
import type { Head, Membership } from '../rpc.ts'
import type { Sql } from './sql.ts'

export interface MembershipRow extends Membership {
  locationId: string
  timeZone: string
  /** The location's stream has been taken up to here. */
  cursor: Head
  /** A pull failed: the alarm tries again. */
  behind: boolean
}

interface Row {
  location_id: string
  role: Role
  time_zone: string
  from_epoch: string
  from_seq: number
  role_epoch: string
  role_seq: number
  cursor_epoch: string
  cursor_seq: number
  behind: 0 | 1
}

export class MembershipStore {
  #sql: Sql
  #rows: Map<string, MembershipRow>

  constructor(sql: Sql) {
    this.#sql = sql
    sql.run(`CREATE TABLE IF NOT EXISTS memberships(
      location_id TEXT PRIMARY KEY, role TEXT NOT NULL, time_zone TEXT NOT NULL,
      from_epoch TEXT NOT NULL, from_seq INTEGER NOT NULL, role_epoch TEXT NOT NULL, role_seq INTEGER NOT NULL,
      cursor_epoch TEXT NOT NULL, cursor_seq INTEGER NOT NULL, behind INTEGER NOT NULL) WITHOUT ROWID`)
    this.#rows = this.#read()
    sql.onRollback(() => {
      this.#rows = this.#read()
    })
  }

  all(): MembershipRow[] {
    return [...this.#rows.values()]
  }

  get(locationId: string): MembershipRow | null {
    return this.#rows.get(locationId) ?? null
  }

  /** [WS3] As a welcome names them. */
  roles(): Record<string, Role> {
    return Object.fromEntries(this.all().map((row) => [row.locationId, row.role]))
  }

  /** [WS3] How far each location's stream is known here. */
  cursors(): Record<string, Head> {
    return Object.fromEntries(this.all().map((row) => [locationStream(row.locationId), row.cursor]))
  }

  put(row: MembershipRow): void {
    this.#sql.run(
      'INSERT OR REPLACE INTO memberships VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      row.locationId,
      row.role,
      row.timeZone,
      row.from.epoch,
      row.from.seq,
      row.roleFrom.epoch,
      row.roleFrom.seq,
      row.cursor.epoch,
      row.cursor.seq,
      row.behind ? 1 : 0,
    )
    this.#rows.set(row.locationId, row)
  }

  remove(locationId: string): void {
    this.#sql.run('DELETE FROM memberships WHERE location_id = ?', locationId)
    this.#rows.delete(locationId)
  }

  /** Writes only what changed: a pull that found nothing costs nothing. */
  moveCursor(locationId: string, cursor: Head, behind: boolean): void {
    const row = this.#rows.get(locationId)
    if (!row) return
    const same = row.cursor.epoch === cursor.epoch && row.cursor.seq === cursor.seq
    if (same && row.behind === behind) return
    this.put({ ...row, cursor, behind })
  }

  #read(): Map<string, MembershipRow> {
    return new Map(
      this.#sql.all<Row>('SELECT * FROM memberships').map((row) => [row.location_id, fromRow(row)]),
    )
  }
}

const fromRow = (row: Row): MembershipRow => ({
  locationId: row.location_id,
  role: row.role,
  timeZone: row.time_zone,
  from: { epoch: row.from_epoch, seq: row.from_seq },
  roleFrom: { epoch: row.role_epoch, seq: row.role_seq },
  cursor: { epoch: row.cursor_epoch, seq: row.cursor_seq },
  behind: row.behind === 1,
})
