// A hub's storage for tests in Node: the same few functions on node:sqlite. What differs from workerd would
// differ in the contract suites too, which run on both.
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { transactionsOf, type Sql, type SqlValue } from '../../durable-objects/store/sql.ts'

export interface FakeSql extends Sql {
  /** Statements that matched are refused, like a disk that is full. */
  refuse: RegExp | null
  /** Every statement that wrote, oldest first. */
  readonly written: string[]
}

/** Empty, in memory. */
export function fakeSql(): FakeSql {
  const sqlite = new DatabaseSync(':memory:')
  const prepare = (query: string, values: readonly SqlValue[]) => {
    if (fake.refuse?.test(query)) throw new Error('database or disk is full: SQLITE_FULL')
    // As workerd sets it; a statement that passes here is not refused there.
    if (values.length > 100) throw new Error('too many SQL variables')
    return sqlite.prepare(query)
  }
  const fake: FakeSql = {
    refuse: null,
    written: [],
    all: <T extends object>(query: string, ...values: SqlValue[]) =>
      prepare(query, values)
        .all(...(values as SQLInputValue[]))
        .map((row) => ({ ...row })) as T[],
    run: (query, ...values) => {
      prepare(query, values).run(...(values as SQLInputValue[]))
      fake.written.push(query)
    },
    ...transactionsOf((work) => {
      sqlite.exec('BEGIN')
      try {
        const result = work()
        sqlite.exec('COMMIT')
        return result
      } catch (error) {
        sqlite.exec('ROLLBACK')
        throw error
      }
    }),
  }
  return fake
}
