import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { inRoot } from './lib/paths.ts'

function launch(args: readonly string[], nodeArgs: readonly string[] = []) {
  const command = [...nodeArgs, inRoot('scripts', 'launch.mjs'), ...args]
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' })
  return { status, stdout: stdout.trim(), stderr: stderr.trim() }
}

/** Node lets nobody change its version, but whoever asks for it can be told another. */
const asNode = (version: string) => {
  const code = `for (const [name, value] of [['version', 'v${version}'], ['versions', { node: '${version}' }]])
    Object.defineProperty(process, name, { value })`
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`]
}

test('a Node that is too old is told so in one sentence', () => {
  expect(launch(['start'], asNode('18.20.8'))).toEqual({
    status: 1,
    stdout: '',
    stderr: 'Shopbell needs Node 20 or newer to start; this is v18.20.8.',
  })
})

test('Node 20 is enough: what runs is the project’s own', () => {
  const { status, stdout } = launch(['vite', '--', '--version'], asNode('20.0.0'))
  expect(status).toBe(0)
  expect(stdout).toMatch(/node-v24\.21\.0$/)
})

test('an exit code and the arguments are passed on', () => {
  const { status, stdout, stderr } = launch(['oxlint', '--', '--no-such-option'])
  expect(status).not.toBe(0)
  expect(stdout + stderr).toContain('--no-such-option')
})

test('a name that is no command is told so', () => {
  expect(launch(['no-such-thing'])).toMatchObject({
    status: 1,
    stderr: 'There is no command "no-such-thing".',
  })
})

test('a killed launcher takes along what it runs', async () => {
  // The command says that it is there, and would stay. It holds the output, whose end tells of its own.
  const stay = `if (!process.argv[1].endsWith('launch.mjs')) {
    setInterval(() => {}, 1_000)
    console.log('runs')
  }`
  const launcher = spawn(process.execPath, [inRoot('scripts', 'launch.mjs'), 'vite', '--version'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(stay)}`,
    },
  })
  await once(launcher.stdout, 'data')
  launcher.kill('SIGKILL')
  await once(launcher, 'close')
  expect(launcher.signalCode).toBe('SIGKILL')
})

describe('a checkout whose packages are not those of its lock file', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'shopbell-launch-'))
    put('shop/package-lock.json', '{"packages":{"":{},"node_modules/new":{"version":"1.0.0"}}}')
    put('packages/.package-lock.json', '{"packages":{}}')
    put('packages/node/bin/node', '#!/bin/sh\n', 0o755)
    put('bin/npm', `#!/bin/sh\ntouch '${dir}/npm-was-asked'\nexit 1\n`, 0o755)
    mkdirSync(join(dir, 'shop', 'scripts'))
    copyFileSync(inRoot('scripts', 'launch.mjs'), join(dir, 'shop', 'scripts', 'launch.mjs'))
    put('shop/scripts/hello.ts', '')
  })
  afterEach(() => {
    rmSync(dir, { recursive: true })
  })

  function put(path: string, text: string, mode = 0o644) {
    const file = join(dir, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    chmodSync(file, mode)
  }

  function launchThere() {
    const { status } = spawnSync(
      process.execPath,
      [join(dir, 'shop', 'scripts', 'launch.mjs'), 'hello'],
      { env: { PATH: `${join(dir, 'bin')}:/bin:/usr/bin` } },
    )
    return { status, npmWasAsked: existsSync(join(dir, 'npm-was-asked')) }
  }

  test('gets them', () => {
    expect(launchThere()).toEqual({ status: 1, npmWasAsked: true })
  })

  test('does not where they are linked: npm ci would empty those of another checkout', () => {
    symlinkSync(join(dir, 'packages'), join(dir, 'shop', 'node_modules'))
    expect(launchThere()).toEqual({ status: 0, npmWasAsked: false })
  })
})
