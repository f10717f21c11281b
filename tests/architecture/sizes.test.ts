import { expect, test } from 'vitest'
import { type ESTree, Visitor } from 'vite'
import { fileOf, isTest, lineCount, lineOf, parse, type SourceFile, sourceFiles } from './source.ts'

const FILE_LINES = 400
/** What meets the runtime gathers code unless something stops it. */
const SHELL_LINES = 250
const FUNCTION_LINES = 60

const SHELLS = [
  /^durable-objects\/(user|location)-hub\.ts$/,
  /^web\/(components|pages)\/.*\.tsx?$/,
  /^web\/[^/]+\.tsx$/,
]

function longFiles(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const isShell = !isTest(path) && SHELLS.some((pattern) => pattern.test(path))
    const limit = isShell ? SHELL_LINES : FILE_LINES
    return lineCount(text) < limit ? [] : [`${path} has ${lineCount(text)} of ${limit} lines`]
  })
}

function longFunctions(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const long: string[] = []
    const measure = ({ start, end }: ESTree.Node) => {
      const from = lineOf(file.text, start)
      const lines = lineOf(file.text, end) - from + 1
      if (lines >= FUNCTION_LINES) long.push(`${file.path}:${from} is ${lines} lines long`)
    }
    new Visitor({
      FunctionDeclaration: measure,
      FunctionExpression: measure,
      ArrowFunctionExpression: measure,
    }).visit(parse(file).program)
    return long
  })
}

const bodyOf = (lines: number) => 'let x = 1\n'.repeat(lines)

test('files stay under 400 lines, hubs and what is on the screen under 250', () => {
  expect(longFiles(sourceFiles())).toEqual([])
})

test('functions stay under 60 lines', () => {
  // A test file's describe is a chapter, not a function.
  expect(longFunctions(sourceFiles().filter(({ path }) => !isTest(path)))).toEqual([])
})

test.each([
  ['a long file', 'db/a.ts', 400],
  ['a long hub', 'durable-objects/user-hub.ts', 250],
  ['a long component', 'web/components/a.tsx', 250],
  ['a long page', 'web/pages/deep/a.tsx', 250],
])('the scanner sees %s', (_what, path, lines) => {
  expect(longFiles([fileOf(path, bodyOf(lines))])).toHaveLength(1)
  expect(longFiles([fileOf(path, bodyOf(lines - 1))])).toEqual([])
})

test.each([
  ['a function', (body: string) => `function a() {\n${body}}`],
  ['an arrow', (body: string) => `const a = () => {\n${body}}`],
  ['a method', (body: string) => `class A { a() {\n${body}} }`],
])('the scanner sees %s that is too long', (_what, write) => {
  expect(longFunctions([fileOf('db/a.ts', write(bodyOf(58)))])).toHaveLength(1)
  expect(longFunctions([fileOf('db/a.ts', write(bodyOf(57)))])).toEqual([])
})
