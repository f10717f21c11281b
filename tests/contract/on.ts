// How a contract suite gets its storage: a hub's can be used only inside the hub, so the work goes to the storage.
import type { Sql } from '../../durable-objects/store/sql.ts'

/** Runs the work on empty storage. */
export type OnStorage = (work: (sql: Sql) => void) => void | Promise<void>
