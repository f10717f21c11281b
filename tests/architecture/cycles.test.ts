import { expect, test } from 'vitest'
import { importsOf, resolveImport } from './imports.ts'
import { fileOf, type SourceFile, sourceFiles } from './source.ts'

/** Types count: two files that need each other's types are one file in two halves. */
function cycles(files: readonly SourceFile[]): string[] {
  const graph = new Map(
    files.map((file) => [
      file.path,
      importsOf(file).flatMap((specifier) => resolveImport(file.path, specifier) ?? []),
    ]),
  )
  const done = new Set<string>()
  const found: string[] = []
  const visit = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path)
    if (start >= 0) return void found.push([...trail.slice(start), path].join(' → '))
    if (done.has(path)) return
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return found
}

test('no file imports itself through others, for values or for types', () => {
  expect(cycles(sourceFiles())).toEqual([])
})

test('the scanner sees a cycle of types through a third file', () => {
  const files = [
    fileOf('db/a.ts', "import { b } from './b.ts'"),
    fileOf('db/b.ts', "import type { C } from './c.ts'"),
    fileOf('db/c.ts', "export type * from './a.ts'"),
  ]
  expect(cycles(files)).toEqual(['db/a.ts → db/b.ts → db/c.ts → db/a.ts'])
})

test('the scanner takes two ways to one file for no cycle', () => {
  const files = [
    fileOf('db/a.ts', "import './b.ts'\nimport './c.ts'"),
    fileOf('db/b.ts', "import './c.ts'"),
    fileOf('db/c.ts', ''),
  ]
  expect(cycles(files)).toEqual([])
})
