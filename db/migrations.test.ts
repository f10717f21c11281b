import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getTableColumns, getTableName } from 'drizzle-orm'
import { getTableConfig } from 'drizzle-orm/sqlite-core'
import { expect, test } from 'vitest'
import { fakeD1 } from '../tests/fakes/d1.ts'
import * as schema from './schema.ts'

const folder = join(import.meta.dirname, '../migrations')
const files = readdirSync(folder).filter((file) => file.endsWith('.sql'))

test.each(files)(
  '[AR6] %s only adds: D1 would lose rows in a rebuilt table without a word',
  (file) => {
    const text = readFileSync(join(folder, file), 'utf8').replaceAll(/^--.*$/gm, '')
    expect(text).not.toMatch(/\bDROP\b|\bRENAME\b|__new_|\bDELETE\b|ON DELETE CASCADE/i)
  },
)

test('the numbers of migrations have no gaps', () => {
  const wanted = files.map((_, at) => String(at).padStart(4, '0'))
  expect(files.toSorted().map((file) => file.slice(0, 4))).toEqual(wanted)
})

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
