// A user hub's copy of its person's memberships (NO8), and how far it has taken each location's stream (ST7). That far are the
// copies in the log, so a cursor is written only where they do not say it: a copy is one row, not two.
import { locationStream } from '../../protocol/ids.ts'
import type { Role } from '../../protocol/notification.ts'
import { isAfter } from '../core/places.ts'
import type { Head, Membership } from '../rpc.ts'
import type { LogStore } from './log.ts'
import type { Meta } from './meta.ts'
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

/** So many seqs of a location that held nothing for this person may be asked for again after a wake. */
const ASKED_AGAIN = 100

/** So many entries of the log are read at a wake for what copies say; later ones begin with cursors that are written. */
const READ_AT_WAKE = 64

export interface MembershipParts {
  sql: Sql
  meta: Meta
  log: LogStore
}

export class MembershipStore {
  #sql: Sql
  #meta: Meta
  #log: LogStore
  #rows: Map<string, MembershipRow>
  /** What the table or a copy says of each location: another life begins there. */
  #kept = new Map<string, Head>()

  constructor({ sql, meta, log }: MembershipParts) {
    this.#sql = sql
    this.#meta = meta
    this.#log = log
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
    this.#kept.set(row.locationId, row.cursor)
  }

  remove(locationId: string): void {
    this.#sql.run('DELETE FROM memberships WHERE location_id = ?', locationId)
    this.#rows.delete(locationId)
    this.#kept.delete(locationId)
  }

  /** The log has a copy from there, written in this transaction. */
  noteCopy(locationId: string, home: Head): void {
    const kept = this.#kept.get(locationId)
    if (kept && isAfter(home, kept)) this.#kept.set(locationId, home)
  }

  /** Writes only what changed and what no copy says: a pull that found nothing costs nothing. */
  moveCursor(locationId: string, cursor: Head, behind: boolean): void {
    const row = this.#rows.get(locationId)
    if (!row) return
    const same = row.cursor.epoch === cursor.epoch && row.cursor.seq === cursor.seq
    if (same && row.behind === behind) return
    const next = { ...row, cursor, behind }
    const kept = this.#kept.get(locationId) ?? row.cursor
    const isNear = kept.epoch === cursor.epoch && cursor.seq - kept.seq <= ASKED_AGAIN
    if (isNear && row.behind === behind) this.#rows.set(locationId, next)
    else this.put(next)
  }

  /** After entries were written: what a wake would have to read much of the log for, let alone what is trimmed, is written. */
  settle(): void {
    const { head } = this.#log
    if (this.#rows.size === 0 || head - this.#meta.get('copies_from') < READ_AT_WAKE) return
    this.#sql.transaction(() => {
      for (const row of this.all()) this.put(row)
      this.#meta.set('copies_from', head)
    })
  }

  #read(): Map<string, MembershipRow> {
    const rows = this.#sql.all<Row>('SELECT * FROM memberships').map(fromRow)
    this.#kept = new Map(rows.map((row) => [row.locationId, row.cursor]))
    if (rows.length > 0) {
      for (const { locationId, at } of this.#log.copiesSince(this.#meta.get('copies_from'))) {
        this.noteCopy(locationId, at)
      }
    }
    return new Map(
      rows.map((row) => [
        row.locationId,
        { ...row, cursor: this.#kept.get(row.locationId) ?? row.cursor },
      ]),
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
