import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fileOf, readSource, ROOT, type SourceFile } from './source.ts'

/** Old code runs against the new schema while a deployment rolls out, so schemas only grow. */
const REFUSED: readonly [what: string, pattern: RegExp][] = [
  ['drops a table', /\bdrop\s+table\b/i],
  ['drops a column', /\bdrop\s+column\b/i],
  ['renames', /\brename\s+(to|column)\b/i],
  // How drizzle-kit rebuilds a table: its DROP takes rows that refer to it along, without a word.
  ['rebuilds a table', /__new_/],
  ['deletes by cascade', /\bon\s+delete\s+cascade\b/i],
]

function harmful(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    REFUSED.filter(([, pattern]) => pattern.test(text)).map(([what]) => `${path} ${what}`),
  )
}

function migrations(): SourceFile[] {
  if (!existsSync(join(ROOT, 'migrations'))) return []
  return readdirSync(join(ROOT, 'migrations'))
    .filter((name) => name.endsWith('.sql'))
    .map((name) => readSource(`migrations/${name}`))
}

test('migrations only add', () => {
  expect(harmful(migrations())).toEqual([])
})

test('migrations are numbered without a gap', () => {
  const numbers = migrations().map(({ path }) => Number(/\/(\d{4})_/.exec(path)?.[1]))
  expect(numbers).toEqual(numbers.map((_, index) => index))
})

test.each([
  'DROP TABLE `users`;',
  'drop\n table users;',
  'ALTER TABLE `users` DROP COLUMN `email`;',
  'ALTER TABLE `users` RENAME TO `people`;',
  'CREATE TABLE `__new_users` (`id` text);',
  'FOREIGN KEY (`id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade',
])('the scanner sees %s', (text) => {
  expect(harmful([fileOf('migrations/0001_a.sql', text)])).toHaveLength(1)
})
