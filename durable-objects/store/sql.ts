// The few SQL functions that stores need, so that they run on a hub's storage and, in tests, on any SQLite.

export type SqlValue = string | number | null

export interface Sql {
  /** Every row of the answer. */
  all<T extends object>(query: string, ...values: SqlValue[]): T[]
  /** A statement whose answer nobody needs. */
  run(query: string, ...values: SqlValue[]): void
  /** All or nothing; without an await inside, as a hub's storage asks. */
  transaction<T>(work: () => T): T
  /** For stores that keep in memory what stands in a table: called after a transaction failed, to read it again. */
  onRollback(reload: () => void): void
}

/** Transactions whose failure is told to the stores. `run` is the platform's own. */
export function transactionsOf(
  run: <T>(work: () => T) => T,
): Pick<Sql, 'transaction' | 'onRollback'> {
  const reloads: (() => void)[] = []
  return {
    onRollback: (reload) => void reloads.push(reload),
    transaction: (work) => {
      try {
        return run(work)
      } catch (error) {
        for (const reload of reloads) reload()
        throw error
      }
    },
  }
}

/** A hub's own storage. */
export function sqlOf(storage: DurableObjectStorage): Sql {
  return {
    all: <T extends object>(query: string, ...values: SqlValue[]) =>
      storage.sql.exec(query, ...values).toArray() as unknown as T[],
    run: (query, ...values) => {
      storage.sql.exec(query, ...values)
    },
    ...transactionsOf((work) => storage.transactionSync(work)),
  }
}

/** The first row, or null. */
export const first = <T extends object>(rows: T[]): T | null => rows[0] ?? null
