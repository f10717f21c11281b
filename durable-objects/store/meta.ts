// What a hub remembers of itself, besides its log: a handful of values, read once and kept in memory.
import type { Sql } from './sql.ts'

/** Numbers a hub keeps; a missing one is 0. */
export type Counter =
  | 'archived' // D1 has the log up to here (AR1)
  | 'archive_failures' // so that the back-off survives hibernation
  | 'floor' // a resume below it cannot be whole (ST7)
  | 'nudged' // every watcher was told up to here (ST7)
  | 'forgot_on' // the day on which old marks and keys were last forgotten (AR9)
  | 'pushed' // what a push would be made of was looked at up to here (RE1)
  | 'push_watches' // locations know that somebody here is pushed to (ST7)
  | 'told_sockets' // what D1 was last told (OP1)
  | 'told_backlog'
  | 'told_parked'
  | 'watch_number' // the number a user hub registers with (ST7)
  | 'copies_from' // cursors are written as far as copies up to here say (ST7)

export interface Meta {
  epoch(): string | null
  setEpoch(epoch: string): void
  get(counter: Counter): number
  set(counter: Counter, value: number): void
  /** JSON of the copy of the directory, without members; null before the first read. */
  profile(): string | null
  setProfile(json: string): void
}

export function openMeta(sql: Sql): Meta {
  sql.run(
    'CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID',
  )
  const read = () =>
    new Map(
      sql
        .all<{ key: string; value: string }>('SELECT key, value FROM meta')
        .map((row) => [row.key, row.value]),
    )
  let values = read()
  sql.onRollback(() => {
    values = read()
  })
  const put = (key: string, value: string) => {
    if (values.get(key) === value) return
    sql.run('INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)', key, value)
    values.set(key, value)
  }
  return {
    epoch: () => values.get('epoch') ?? null,
    setEpoch: (epoch) => put('epoch', epoch),
    get: (counter) => Number(values.get(counter) ?? 0),
    set: (counter, value) => {
      // A missing one is 0, and stays missing.
      if (value !== 0 || values.has(counter)) put(counter, String(value))
    },
    profile: () => values.get('profile') ?? null,
    setProfile: (json) => put('profile', json),
  }
}
