import { expect, test } from 'vitest'
import { Visitor } from 'vite'
import { fileOf, isTest, lineOf, parse, type SourceFile, sourceFiles } from './source.ts'

const KEBAB_PATH = /^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.(tsx?|mjs)$/

/** Tools and the platform ask for these by default export; everything else has a name. */
const DEFAULT_EXPORTS = [
  /^[^/]+\.config\.ts$/,
  /^worker\/index\.ts$/,
  /^bench\/(floor|meter)\/(worker|uncoalesced)\.ts$/,
  /^tests\/.*global-setup\.ts$/,
]

const SILENCED = /@ts-(ignore|nocheck|expect-error)/
/** A test may show that the types refuse something. */
const SILENCED_IN_TESTS = /@ts-(ignore|nocheck)/

const misnamed = (files: readonly SourceFile[]) =>
  files.map(({ path }) => path).filter((path) => !KEBAB_PATH.test(path))

function defaultExports(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => !DEFAULT_EXPORTS.some((pattern) => pattern.test(path)))
    .filter((file) =>
      parse(file).module.staticExports.some(({ entries }) =>
        entries.some(
          ({ exportName }) => exportName.kind === 'Default' || exportName.name === 'default',
        ),
      ),
    )
    .map(({ path }) => path)
}

function untyped(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const found: string[] = []
    new Visitor({
      TSAnyKeyword: ({ start }) => void found.push(`${file.path}:${lineOf(file.text, start)} any`),
    }).visit(parse(file).program)
    return found
  })
}

const silenced = (files: readonly SourceFile[]) =>
  files
    .filter((file) => {
      const pattern = isTest(file.path) ? SILENCED_IN_TESTS : SILENCED
      return commentsOf(file).some((comment) => pattern.test(comment))
    })
    .map(({ path }) => path)

function commentsOf({ text }: SourceFile): string[] {
  return text.match(/\/\/.*|\/\*[\s\S]*?\*\//g) ?? []
}

test('files and folders are named in kebab-case', () => {
  expect(misnamed(sourceFiles())).toEqual([])
})

test('modules export by name', () => {
  expect(defaultExports(sourceFiles())).toEqual([])
})

test('nothing is typed any', () => {
  expect(untyped(sourceFiles())).toEqual([])
})

test('no comment silences the type checker', () => {
  const others = sourceFiles().filter(({ path }) => !path.startsWith('tests/architecture/'))
  expect(silenced(others)).toEqual([])
})

test.each([
  ['camel case', 'db/openDb.ts'],
  ['capitals', 'web/components/Bell.tsx'],
  ['a snake', 'db/open_db.ts'],
  ['a folder', 'web/Pages/inbox.tsx'],
])('the scanner sees %s in a name', (_what, path) => {
  expect(misnamed([fileOf(path, '')])).toEqual([path])
})

test.each(['export default 1', 'const a = 1\nexport { a as default }'])(
  'the scanner sees %s',
  (text) => {
    expect(defaultExports([fileOf('db/a.ts', text)])).toEqual(['db/a.ts'])
    expect(defaultExports([fileOf('worker/index.ts', text)])).toEqual([])
  },
)

test.each(['let a: any', 'const a = [] as any[]', 'function f<T extends any>(a: T) {}'])(
  'the scanner sees %s',
  (text) => {
    expect(untyped([fileOf('db/a.ts', text)])).toEqual(['db/a.ts:1 any'])
  },
)

test('the scanner sees a silenced line, and a test may expect an error', () => {
  const text = '// @ts-expect-error\nlet a: string = 1'
  expect(silenced([fileOf('db/a.ts', text)])).toEqual(['db/a.ts'])
  expect(silenced([fileOf('db/a.test.ts', text)])).toEqual([])
})
