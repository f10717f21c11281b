import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from './source.ts'

interface Manifest {
  version: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

const readJson = (...path: string[]): unknown =>
  JSON.parse(readFileSync(join(ROOT, ...path), 'utf8'))

const manifestOf = (name: string) => readJson('node_modules', name, 'package.json') as Manifest
const ownManifest = () => readJson('package.json') as Manifest
const lockfile = () => readJson('package-lock.json') as { packages: Record<string, Manifest> }

/** Each folder `node_modules/workerd`, however deep. */
function copiesOf(name: string): string[] {
  return readdirSync(join(ROOT, 'node_modules'), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => `/${path}`.endsWith(`/${name}/package.json`))
    .filter((path) => path === `${name}/package.json` || path.includes(`node_modules/${name}/`))
}

/** Packages that a lockfile entry wants on some platform and that the lockfile does not name. */
function unnamed(packages: Record<string, Manifest>): string[] {
  const names = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)))
  return Object.values(packages)
    .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    .filter((name) => !names.has(name))
}

test('development, tests and the server run on one workerd', () => {
  expect(copiesOf('workerd')).toEqual(['workerd/package.json'])
})

test('wrangler, miniflare and workerd are the set that the test plugin was made for', () => {
  const versions = ['wrangler', 'miniflare', 'workerd'].map((name) => manifestOf(name).version)
  expect(versions).toEqual(['4.156.2', '5.20261102.0-beta', '1.20261102.1'])
})

test('every version is exact', () => {
  const { dependencies, devDependencies } = ownManifest()
  const ranges = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
  )
  expect(ranges).toEqual([])
})

test('the lockfile names no download address, and every platform (npm run lock mends it)', () => {
  const { packages } = lockfile()
  expect(Object.entries(packages).filter(([, entry]) => 'resolved' in entry)).toEqual([])
  expect(unnamed(packages)).toEqual([])
})

test('the scanner sees a platform that the lockfile leaves out', () => {
  const tool = { version: '1.0.0', optionalDependencies: { 'tool-linux': '1', 'tool-mac': '1' } }
  const packages = { 'node_modules/tool': tool, 'node_modules/tool-linux': { version: '1.0.0' } }
  expect(unnamed(packages)).toEqual(['tool-mac'])
})
