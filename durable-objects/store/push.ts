// A user hub's copy of its person's push subscriptions (AR7), how each of them is doing, and what waits to be tried again (RE3).
// A push that is taken writes nothing here, but now and then that all is well.
import type { PushCopy } from '../../db/push-subscriptions.ts'
import { first, type Sql } from './sql.ts'

export interface PushDeviceRow extends PushCopy {
  success_at: number | null
  error_at: number | null
  error: string | null
  /** In a row; 0 means that the service takes what it gets. */
  failures: number
  /** Nothing is tried before; null: no wait. */
  wait_until: number | null
  /** The push service said that it has ended. The row stays, so that a person can see why a phone is silent. */
  gone_at: number | null
  /** D1 still has it. */
  in_archive: 0 | 1
}

/** A push that its service would not take yet. */
export interface WaitingPush {
  device: string
  seq: number
  next_at: number
}

export class PushStore {
  #sql: Sql
  #rows: Map<string, PushDeviceRow>

  constructor(sql: Sql) {
    this.#sql = sql
    sql.run(`CREATE TABLE IF NOT EXISTS push_devices(
      device TEXT PRIMARY KEY, endpoint TEXT NOT NULL, p256dh TEXT NOT NULL, auth TEXT NOT NULL, origin TEXT NOT NULL,
      created_at INTEGER NOT NULL, confirmed_at INTEGER NOT NULL, success_at INTEGER, error_at INTEGER, error TEXT,
      failures INTEGER NOT NULL, wait_until INTEGER, gone_at INTEGER, in_archive INTEGER NOT NULL) WITHOUT ROWID`)
    sql.run(`CREATE TABLE IF NOT EXISTS push_waiting(
      device TEXT NOT NULL, seq INTEGER NOT NULL, next_at INTEGER NOT NULL, PRIMARY KEY(device, seq)) WITHOUT ROWID`)
    this.#rows = this.#read()
    sql.onRollback(() => {
      this.#rows = this.#read()
    })
  }

  all(): PushDeviceRow[] {
    return [...this.#rows.values()]
  }

  /** Those that something can be sent to. */
  live(): PushDeviceRow[] {
    return this.all().filter((row) => row.gone_at === null)
  }

  get(device: string): PushDeviceRow | null {
    return this.#rows.get(device) ?? null
  }

  /** Takes the directory's word for all of it; one that has ended stays so until its device has subscribed again. */
  replaceAll(copies: readonly PushCopy[]): void {
    const named = new Set(copies.map(({ device }) => device))
    for (const row of this.all()) {
      if (named.has(row.device)) continue
      if (row.gone_at === null) this.remove(row.device)
      else if (row.in_archive === 1) this.put({ ...row, in_archive: 0 })
    }
    for (const copy of copies) {
      const known = this.get(copy.device)
      if (copy.confirmed_at <= (known?.gone_at ?? -1)) continue
      const isSame = known?.gone_at === null && known.created_at === copy.created_at
      this.put({ ...(isSame ? known : NEW), ...copy })
      if (!isSame) this.#sql.run('DELETE FROM push_waiting WHERE device = ?', copy.device)
    }
  }

  /** Writes only what changed. */
  put(row: PushDeviceRow): void {
    if (JSON.stringify(this.#rows.get(row.device)) === JSON.stringify(row)) return
    this.#sql.run(
      'INSERT OR REPLACE INTO push_devices VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      row.device,
      row.endpoint,
      row.p256dh,
      row.auth,
      row.origin,
      row.created_at,
      row.confirmed_at,
      row.success_at,
      row.error_at,
      row.error,
      row.failures,
      row.wait_until,
      row.gone_at,
      row.in_archive,
    )
    this.#rows.set(row.device, row)
  }

  /**
   * How the device is doing now, after what was done with it as it was before. False: it was taken away, has ended or
   * subscribed anew meanwhile, and is another one.
   */
  note(before: PushDeviceRow, row: PushDeviceRow): boolean {
    const current = this.get(row.device)
    if (current?.created_at !== before.created_at || current.gone_at !== before.gone_at)
      return false
    const { confirmed_at, origin } = current
    this.put({ ...row, confirmed_at, origin })
    if (row.gone_at !== null) this.#sql.run('DELETE FROM push_waiting WHERE device = ?', row.device)
    return row.gone_at === null
  }

  remove(device: string): void {
    this.#sql.run('DELETE FROM push_devices WHERE device = ?', device)
    this.#sql.run('DELETE FROM push_waiting WHERE device = ?', device)
    this.#rows.delete(device)
  }

  /** Those that ended so long ago that nobody asks any more. */
  forgetBefore(at: number): void {
    for (const { device, gone_at } of this.all()) {
      if (gone_at !== null && gone_at < at) this.remove(device)
    }
  }

  wait({ device, seq, next_at }: WaitingPush): void {
    this.#sql.run('INSERT OR REPLACE INTO push_waiting VALUES(?, ?, ?)', device, seq, next_at)
  }

  endWait(device: string, seq: number): void {
    this.#sql.run('DELETE FROM push_waiting WHERE device = ? AND seq = ?', device, seq)
  }

  /** Whoever waits for entries up to here need not any more. */
  endWaitsUpTo(seq: number): void {
    if (this.nextWait() === null) return
    this.#sql.run('DELETE FROM push_waiting WHERE seq <= ?', seq)
  }

  waiting(due: number, limit: number): WaitingPush[] {
    return this.#sql.all<WaitingPush>(
      'SELECT device, seq, next_at FROM push_waiting WHERE next_at <= ? ORDER BY seq, device LIMIT ?',
      due,
      limit,
    )
  }

  /** When the first of them is due; null: nothing waits. */
  nextWait(): number | null {
    const row = first(
      this.#sql.all<{ at: number | null }>('SELECT min(next_at) AS at FROM push_waiting'),
    )
    return row?.at ?? null
  }

  #read(): Map<string, PushDeviceRow> {
    return new Map(
      this.#sql
        .all<PushDeviceRow>('SELECT * FROM push_devices ORDER BY device')
        .map((row) => [row.device, row]),
    )
  }
}

const NEW = {
  success_at: null,
  error_at: null,
  error: null,
  failures: 0,
  wait_until: null,
  gone_at: null,
  in_archive: 1,
} as const
