import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { importsOf, resolveImport } from './imports.ts'
import { fileOf, isTest, productFiles, ROOT, type SourceFile, sourceFiles } from './source.ts'

/** protocol ◄ db ◄ durable-objects ◄ worker, and protocol ◄ client ◄ web. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  db: ['protocol'],
  'durable-objects': ['protocol', 'db'],
  worker: ['protocol', 'db', 'durable-objects'],
  client: ['protocol'],
  web: ['protocol', 'client'],
}

const layerOf = (path: string) => path.split('/')[0] ?? ''

/** Folders of pure rules: they import the wire and themselves, and the words of their own layer. */
const coreOf = (path: string) => /^(durable-objects|client)\/core\//.exec(path)?.[0]
const WORDS = ['durable-objects/rpc.ts', 'client/types.ts']

/** What judges the server from outside shares nothing with it, nor with our own client: it would share its mistakes. */
const OUTSIDERS = ['conformance']

/** It parses and knows no platform. */
const PURE_PACKAGE = 'valibot'

function wrongDirections(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap((specifier) => {
      const target = resolveImport(file.path, specifier)
      const allowed = target === null ? mayUse(file.path, specifier) : mayReach(file.path, target)
      return allowed ? [] : [`${file.path} must not import ${specifier}`]
    }),
  )
}

function mayReach(path: string, target: string): boolean {
  if (isTest(target)) return false
  const core = coreOf(path)
  if (core !== undefined && layerOf(target) !== 'protocol') {
    return target.startsWith(core) || WORDS.includes(target)
  }
  const layer = layerOf(path)
  return layerOf(target) === layer || (MAY_IMPORT[layer] ?? []).includes(layerOf(target))
}

function mayUse(path: string, packageName: string): boolean {
  const isPure = layerOf(path) === 'protocol' || coreOf(path) !== undefined
  return !isPure || packageName === PURE_PACKAGE
}

function unresolved(files: readonly SourceFile[], exists: (path: string) => boolean): string[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap((specifier) => {
      const target = resolveImport(file.path, specifier)
      return target === null || exists(target) ? [] : [`${file.path}: no file ${specifier}`]
    }),
  )
}

test('imports point down the layers, core/ stays among rules, both know only valibot', () => {
  expect(wrongDirections(productFiles())).toEqual([])
})

test('a relative import names its file with the extension, so that Node runs it as it is', () => {
  expect(unresolved(sourceFiles(), (path) => existsSync(join(ROOT, path)))).toEqual([])
})

test('conformance/ stands alone', () => {
  const files = sourceFiles().filter(({ path }) => OUTSIDERS.includes(layerOf(path)))
  expect(files.length).toBeGreaterThan(0)
  expect(wrongDirections(files)).toEqual([])
})

test.each([
  ['the wire', "import { b } from '../protocol/b.ts'"],
  ['the server', "import { b } from '../worker/b.ts'"],
  ['our client', "import { b } from '../client/b.ts'"],
  ['a test', "import { b } from '../tests/b.ts'"],
])('the scanner sees %s in conformance/', (_what, text) => {
  expect(wrongDirections([fileOf('conformance/a.ts', text)])).toHaveLength(1)
})

test.each([
  ['a layer above', 'db/a.ts', "import { b } from '../worker/b.ts'"],
  ['a type from a layer above', 'db/a.ts', "import type { B } from '../worker/b.ts'"],
  ['an inline type', 'db/a.ts', "export type A = import('../worker/b.ts').B"],
  ['a late import', 'client/a.ts', "await import('../db/b.ts')"],
  ['a re-export', 'web/a.ts', "export { b } from '../worker/b.ts'"],
  ['a star re-export', 'web/a.ts', "export * from '../worker/b.ts'"],
  ['the other branch', 'web/a.ts', "import { b } from '../durable-objects/b.ts'"],
  ['a test', 'worker/a.ts', "import { b } from './b.test.ts'"],
  ['a fake', 'worker/a.ts', "import { b } from '../tests/fakes/b.ts'"],
  ['a script', 'worker/a.ts', "import { b } from '../scripts/b.ts'"],
  ['a package from protocol/', 'protocol/a.ts', "import { b } from 'jose'"],
  ['a package from core/', 'durable-objects/core/a.ts', "import { b } from 'cloudflare:workers'"],
  ['the store from core/', 'durable-objects/core/a.ts', "import { b } from '../store/b.ts'"],
  ['db/ from core/', 'durable-objects/core/a.ts', "import { b } from '../../db/b.ts'"],
])('the scanner sees %s', (_what, path, text) => {
  expect(wrongDirections([fileOf(path, text)])).toHaveLength(1)
})

test('the scanner lets through what the layers allow', () => {
  const text = "import { b } from '../protocol/b.ts'\nimport { Hono } from 'hono'"
  expect(wrongDirections([fileOf('worker/a.ts', text)])).toEqual([])
})

test('the scanner sees a missing extension', () => {
  expect(unresolved([fileOf('db/a.ts', "import './b'")], (path) => path === 'db/b.ts')).toEqual([
    'db/a.ts: no file ./b',
  ])
})
