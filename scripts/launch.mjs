// Runs a command of this project under the project's own Node. The caller's Node may be older than
// what our tools accept, and on a fresh clone nothing is installed yet, so this file is plain
// JavaScript, needs no package, and uses nothing that Node 18 lacks.
//
//   node scripts/launch.mjs <name> [-- args]   runs scripts/<name>.ts, else node_modules/.bin/<name>

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const OLDEST_NODE = 20
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = join(root, 'node_modules', '.bin')
const ownNode = join(root, 'node_modules', 'node', 'bin', 'node')

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  fail(`Shopbell needs Node ${OLDEST_NODE} or newer to start; this is ${process.version}.`)
}

const [name, ...rest] = process.argv.slice(2)
const args = rest[0] === '--' ? rest.slice(1) : rest
if (name === undefined || !/^[a-z0-9-]+$/.test(name)) fail('usage: launch.mjs <name> [-- args]')

installIfNeeded()
run(commandFor(name))

function commandFor(command) {
  const script = join(root, 'scripts', `${command}.ts`)
  if (existsSync(script)) return [script, ...args]
  const tool = join(bin, command)
  if (existsSync(tool)) return [tool, ...args]
  fail(`There is no command "${command}".`)
}

function installIfNeeded() {
  if (isLinked() || isInstalled()) return
  console.error('Installing what this project needs (npm ci). This takes a minute the first time.')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  // Errors only: npm warns that the caller's Node is too old for tools that never run under it.
  const result = spawnSync(npm, ['ci', '--loglevel=error', '--no-progress'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (result.status !== 0) fail('npm ci did not succeed; see above.')
}

// A link leads to the packages of another checkout, and npm ci would empty them there.
function isLinked() {
  return lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink() === true
}

// npm writes down what it installed when it is through, so an interrupted install does not count.
function isInstalled() {
  const written = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(written) || !existsSync(ownNode)) return false
  const wanted = packagesIn(join(root, 'package-lock.json'))
  const present = packagesIn(written)
  const fits = ([path, { version }]) => present[path]?.version === version
  return (
    Object.keys(present).every((path) => path in wanted) &&
    // Optional ones are for other platforms, and '' is this project.
    Object.entries(wanted).every((entry) => entry[0] === '' || entry[1].optional || fits(entry))
  )
}

function packagesIn(lockfile) {
  return JSON.parse(readFileSync(lockfile, 'utf8')).packages
}

function run(command) {
  const child = spawn(ownNode, command, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) },
  })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  stopWithNpm(child)
  const release = stopWithUs(child)
  child.on('error', (error) => fail(`Could not start ${ownNode}: ${error.message}`))
  child.on('exit', (code, signal) => {
    release()
    if (signal === null) process.exit(code)
    for (const each of signals) process.removeAllListeners(each)
    process.kill(process.pid, signal)
  })
}

// Who ends npm ends a shell between npm and us, or only npm, and neither tells us: the server would
// live on and hold its port. Nothing reports the death of a parent, so it is asked for.
function stopWithNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return
  const parents = () => `${process.ppid} ${parentOf(process.ppid)}`
  const atStart = parents()
  setInterval(() => parents() !== atStart && child.kill('SIGTERM'), 500).unref()
}

// A kill -9 leaves us no chance to pass it on. The watcher waits on a pipe that the system closes for
// us, and asks what we run to end as Ctrl-C would; serve and start take workerd along.
function stopWithUs(child) {
  if (process.platform === 'win32' || child.pid === undefined) return () => {}
  const watcher = spawn('/bin/sh', ['-c', 'read -r _ || kill "$0"', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // In a group of its own, or a kill of our whole group would take the watcher first.
    detached: true,
  })
  watcher.unref()
  return () => watcher.stdin.end('done\n')
}

function parentOf(pid) {
  try {
    return /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  } catch {
    // No /proc on this system: then only our own parent is watched.
    return undefined
  }
}

function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}
