import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findOrInstallChromium } from './chromium.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'shopbell-chromium-'))
})
afterEach(() => {
  rmSync(dir, { recursive: true })
})

function addBrowser(folder: string, name: string, mode = 0o755, text = '') {
  mkdirSync(join(dir, folder), { recursive: true })
  const file = join(dir, folder, name)
  writeFileSync(file, text)
  chmodSync(file, mode)
  return file
}

const find = (env: Record<string, string>) => findOrInstallChromium(env, () => {})

test('the one that CHROME_PATH names comes first', () => {
  addBrowser('bin', 'chromium')
  const named = addBrowser('mine', 'chrome')
  expect(find({ CHROME_PATH: named, PATH: join(dir, 'bin') })).toBe(named)
})

test('a CHROME_PATH that leads nowhere is said, not passed over', () => {
  expect(() => find({ CHROME_PATH: join(dir, 'none'), PATH: dir })).toThrow(
    `CHROME_PATH names ${join(dir, 'none')}, and no such file exists.`,
  )
})

test("the system's is found on the PATH, whatever its name", () => {
  addBrowser('a', 'chromium', 0o644)
  const chrome = addBrowser('b', 'google-chrome')
  expect(find({ PATH: [join(dir, 'a'), join(dir, 'b')].join(delimiter) })).toBe(chrome)
})

test('where there is none and none can be installed, one sentence says how to get it', () => {
  expect(() => find({ PATH: dir })).toThrow('The browser tests need Chromium or Chrome')
})

test.runIf(process.getuid?.() === 0)('root gets a fresh one from the package manager', () => {
  const bin = join(dir, 'bin')
  const apt = `#!/bin/sh
echo "$@" >> '${dir}/calls'
case "$*" in *install*) /bin/cp "$0" '${bin}/chromium' ;; esac
`
  addBrowser('bin', 'apt-get', 0o755, apt)
  expect(findOrInstallChromium({ PATH: bin }, () => {})).toBe(join(bin, 'chromium'))
  expect(readFileSync(join(dir, 'calls'), 'utf8')).toBe(
    '--quiet --quiet update\n--quiet --quiet install --yes --no-install-recommends chromium\n',
  )
})
