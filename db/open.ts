// The one place where D1 is opened. Everything lives in one database today; when a location or a user gets another one,
// the choice is made here and nowhere else.
import type { SQL } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core'
import { withFaults } from './faults.ts'
import * as schema from './schema.ts'

const connect = (binding: D1Database) => drizzle(withFaults(binding), { schema })

export type Database = ReturnType<typeof connect>

const opened = new WeakMap<D1Database, Database>()

/** Drizzle on a D1 binding, with the faults of development applied (AR8). Cheap to call for every request. */
export function openDatabase(binding: D1Database): Database {
  const known = opened.get(binding)
  if (known) return known
  const db = connect(binding)
  opened.set(binding, db)
  return db
}

const dialect = new SQLiteAsyncDialect()

/**
 * Runs hand-written statements as one D1 batch, which is one transaction: all or nothing, in order.
 * Drizzle's own batch() drops the parameters of raw statements (drizzle-orm#2277). Throws what D1 throws.
 */
export async function runBatch(db: Database, statements: SQL[]): Promise<D1Result[]> {
  const prepared = statements.map((statement) => {
    const query = dialect.sqlToQuery(statement)
    return db.$client.prepare(query.sql).bind(...query.params)
  })
  return db.$client.batch(prepared)
}

/** The rows of one answer of {@link runBatch}; the statement's author knows their shape. */
export function rowsOf<Row>(result: D1Result | undefined): Row[] {
  return (result?.results ?? []) as Row[]
}
