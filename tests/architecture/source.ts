// The project's own source for the tests beside this file. Their scanners take files and return
// sentences about what is wrong, so that each can also be shown a bad file and proven to see it.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'vite'

export const ROOT = join(import.meta.dirname, '..', '..')

const PRODUCT_FOLDERS = ['protocol', 'db', 'durable-objects', 'worker', 'client', 'web']
const OTHER_FOLDERS = ['scripts', 'demo', 'bench', 'conformance', 'tests']
const CODE = /\.(tsx?|mjs)$/

export interface SourceFile {
  /** From the project's root, with forward slashes. */
  path: string
  text: string
}

/** Everything we wrote in TypeScript or JavaScript, tests and config files included. */
export function sourceFiles(): SourceFile[] {
  const configs = readdirSync(ROOT).filter((name) => name.endsWith('.config.ts'))
  return [...configs, ...pathsIn([...PRODUCT_FOLDERS, ...OTHER_FOLDERS])].map(readSource)
}

/** What we ship: the six layers without their tests. */
export function productFiles(): SourceFile[] {
  return pathsIn(PRODUCT_FOLDERS)
    .filter((path) => !isTest(path))
    .map(readSource)
}

export const isTest = (path: string): boolean =>
  path.startsWith('tests/') || /\.test\.tsx?$/.test(path)

export const readSource = (path: string): SourceFile => ({
  path,
  text: readFileSync(join(ROOT, path), 'utf8'),
})

function pathsIn(folders: readonly string[]): string[] {
  return folders
    .filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
        `${folder}/${path}`.replaceAll('\\', '/'),
      ),
    )
    .filter((path) => CODE.test(path) && !/(^|\/)(dist|node_modules)\//.test(path))
    .toSorted()
}

export function parse({ path, text }: SourceFile) {
  const { program, module, errors } = parseSync(path, text)
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`)
  return { program, module }
}

export const lineOf = (text: string, offset: number): number =>
  text.slice(0, offset).split('\n').length

export const lineCount = (text: string): number => text.trimEnd().split('\n').length

/** A file for a scanner's own test. */
export const fileOf = (path: string, text: string): SourceFile => ({ path, text })
