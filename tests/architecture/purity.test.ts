import { expect, test } from 'vitest'
import { Visitor } from 'vite'
import { fileOf, lineOf, parse, productFiles, type SourceFile } from './source.ts'

const PURE = /^(durable-objects|client)\/core\//
const IMPURE_CALLS = new Set(['Date.now', 'Math.random', 'performance.now'])
const IMPURE_GLOBALS = new Set([
  'crypto',
  'fetch',
  'setTimeout',
  'setInterval',
  'queueMicrotask',
  'localStorage',
])

/** Time and chance are arguments of a rule; a rule that reads them itself cannot be tested. */
function impurities(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const found: string[] = []
    const report = (what: string, start: number) =>
      void found.push(`${file.path}:${lineOf(file.text, start)} uses ${what}`)
    const seeGlobal = (node: { type: string; name?: unknown; start: number }) => {
      if (node.type !== 'Identifier' || typeof node.name !== 'string') return
      if (IMPURE_GLOBALS.has(node.name)) report(node.name, node.start)
    }
    new Visitor({
      MemberExpression: ({ start, end, object }) => {
        seeGlobal(object)
        const text = file.text.slice(start, end)
        if (IMPURE_CALLS.has(text)) report(text, start)
        if (text.startsWith('globalThis.')) report(text, start)
      },
      NewExpression: ({ callee, arguments: given, start }) => {
        if (callee.type === 'Identifier' && callee.name === 'Date' && given.length === 0) {
          report('new Date()', start)
        }
      },
      CallExpression: ({ callee, start }) => {
        seeGlobal(callee)
        if (callee.type === 'Identifier' && callee.name === 'Date') report('Date()', start)
      },
    }).visit(parse(file).program)
    return found
  })
}

test('the rules in core/ read no clock, draw no chance and start nothing', () => {
  expect(impurities(productFiles().filter(({ path }) => PURE.test(path)))).toEqual([])
})

test.each([
  'const now = Date.now()',
  'const at = [1].map(Date.now)',
  'const now = new Date()',
  'const now = new Date',
  'const now = Date()',
  'const id = crypto.randomUUID()',
  'const x = Math.random()',
  'const x = performance.now()',
  'setTimeout(() => {}, 1)',
  'const x = globalThis.crypto',
])('the scanner sees %s', (text) => {
  expect(impurities([fileOf('client/core/a.ts', text)])).toHaveLength(1)
})

test('the scanner lets through a date of a given time and names that only look alike', () => {
  const text =
    'const d = new Date(now)\nconst x = deps.fetch(keys.crypto)\nconst m = Math.max(1, 2)'
  expect(impurities([fileOf('client/core/a.ts', text)])).toEqual([])
})
