import { getTableColumns, getTableName } from 'drizzle-orm'
import { getTableConfig } from 'drizzle-orm/sqlite-core'
import { expect, test } from 'vitest'
import { fakeD1 } from '../tests/fakes/d1.ts'
import * as schema from './schema.ts'

const tables = Object.values(schema)

test.each(tables.map((table) => [getTableName(table), table] as const))(
  'the migrated table %s is the one in the schema',
  (name, table) => {
    const { sqlite } = fakeD1()
    const columns = sqlite.prepare(`SELECT name, type, "notnull" FROM pragma_table_info('${name}')`)
    const wanted = Object.values(getTableColumns(table)).map((column) => ({
      name: column.name,
      type: column.getSQLType().toUpperCase(),
      notnull: Number(column.notNull),
    }))
    expect(columns.all().map((row) => ({ ...row }))).toEqual(wanted)
    const indexes = sqlite.prepare(
      `SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL`,
    )
    const named = getTableConfig(table).indexes.map((one) => one.config.name)
    const made = indexes.all(name).map((row) => String(row['name']))
    expect(made.filter((one) => !one.endsWith('_unique')).toSorted()).toEqual(named.toSorted())
  },
)
