import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
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
