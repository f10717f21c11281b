// D1 for tests in Node: the platform's interface on node:sqlite, with its limits, its one-transaction batches and the
// project's own migrations. tests/workerd shows the same on the real thing.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'

const MIGRATIONS = join(import.meta.dirname, '../../migrations')

/** As workerd sets them; a statement that passes here is not refused there. */
const LIMITS = {
  length: 2_200_000,
  sqlLength: 100_000,
  column: 100,
  exprDepth: 100,
  compoundSelect: 5,
  vdbeOp: 25_000,
  functionArg: 32,
  likePatternLength: 50,
  variableNumber: 100,
}

export interface FakeD1 extends D1Database {
  /** The database below, for looking at rows and query plans. */
  readonly sqlite: DatabaseSync
  /** Every statement that ran, oldest first. */
  readonly statements: string[]
  /** Called before each request (a run, or a whole batch): throw to refuse it, await to delay it. */
  before: (() => void | Promise<void>) | null
}

type Prepare = (sql: string) => StatementSync
type Execute = (statement: FakeStatement, asArrays?: boolean) => D1Result

class FakeStatement {
  readonly sql: string
  readonly params: unknown[]
  readonly #request: <T>(work: () => T) => Promise<T>
  readonly #work: Execute

  constructor(
    sql: string,
    params: unknown[],
    request: <T>(work: () => T) => Promise<T>,
    work: Execute,
  ) {
    this.sql = sql
    this.params = params
    this.#request = request
    this.#work = work
  }

  bind(...params: unknown[]) {
    if (params.some((one) => one === undefined)) {
      throw new Error("D1_TYPE_ERROR: Type 'undefined' not supported for value 'undefined'")
    }
    return new FakeStatement(this.sql, params, this.#request, this.#work)
  }

  run() {
    return this.#request(() => this.#work(this))
  }

  all() {
    return this.run()
  }

  async first(column?: string) {
    const row = (await this.run()).results[0] as Record<string, unknown> | undefined
    if (row === undefined) return null
    return column === undefined ? row : row[column]
  }

  /** As arrays: two columns of one name stay two. */
  raw() {
    return this.#request(() => this.#work(this, true).results)
  }
}

/** Rows and changes of one statement. SQLite's own words on failure, in D1's clothes. */
function execute(prepare: Prepare, statement: FakeStatement, asArrays = false): D1Result {
  const changes = () => Number(prepare('SELECT total_changes() AS n').get()?.['n'])
  try {
    const before = changes()
    const prepared = prepare(statement.sql)
    prepared.setReturnArrays(asArrays)
    const rows = prepared.all(...(statement.params as SQLInputValue[]))
    const written = changes() - before
    const results = asArrays ? rows : rows.map((row) => ({ ...row }))
    const meta = { changes: written, rows_written: written, rows_read: 0, duration: 0 }
    return { success: true, results, meta } as unknown as D1Result
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(`D1_ERROR: ${message}: SQLITE_ERROR`, { cause: error })
  }
}

/** An empty, migrated database in memory. `rewrite` changes statements on their way: for tests that plant a mistake. */
export function fakeD1(rewrite: (sql: string) => string = (sql) => sql): FakeD1 {
  const sqlite = new DatabaseSync(':memory:')
  for (const file of readdirSync(MIGRATIONS).toSorted()) {
    if (file.endsWith('.sql')) sqlite.exec(readFileSync(join(MIGRATIONS, file), 'utf8'))
  }
  Object.assign(sqlite.limits, LIMITS)
  const known = new Map<string, StatementSync>()
  const prepare: Prepare = (sql) => {
    const prepared = known.get(sql) ?? sqlite.prepare(sql)
    known.set(sql, prepared)
    return prepared
  }
  const statements: string[] = []
  const run: Execute = (statement, asArrays) => {
    statements.push(statement.sql)
    return execute(prepare, statement, asArrays)
  }
  const request = async <T>(work: () => T): Promise<T> => {
    await d1.before?.()
    return work()
  }
  const inTransaction = (batch: FakeStatement[]) => {
    sqlite.exec('BEGIN')
    try {
      const results = batch.map((statement) => run(statement))
      sqlite.exec('COMMIT')
      return results
    } catch (error) {
      sqlite.exec('ROLLBACK')
      throw error
    }
  }
  const d1 = {
    sqlite,
    statements,
    before: null as FakeD1['before'],
    prepare: (sql: string) => new FakeStatement(rewrite(sql), [], request, run),
    batch: (batch: FakeStatement[]) => request(() => inTransaction(batch)),
    exec: (sql: string) => request(() => sqlite.exec(sql)),
  }
  return d1 as unknown as FakeD1
}
