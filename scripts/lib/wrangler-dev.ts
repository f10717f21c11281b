// `wrangler dev` as a child: its own process group, quiet while it starts, and ended whole.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { dieTogether } from './die-together.ts'
import { PlainFailure } from './fail.ts'
import { ROOT } from './paths.ts'
import { OFFLINE_ENV, WRANGLER } from './run.ts'
import type { Place } from './settings.ts'

const GRACE_MS = 5_000

export interface WranglerDev {
  ready: Promise<void>
  onReload(listener: () => void): void
  /** When it ends without having been asked to. */
  onDeath(listener: () => void): void
  stop(): Promise<void>
}

export function startWranglerDev(place: Place, settingsFile: string): WranglerDev {
  const child = spawnWrangler(place, settingsFile)
  if (child.pid === undefined) throw new PlainFailure('Could not start wrangler.')
  const group = -child.pid
  const release = dieTogether(group)
  const output = readOutput(child)
  let onDeath = () => {}
  let stopping = false
  child.once('exit', () => {
    // Its workerd outlives it when it was killed.
    signalGroup(group, 'SIGKILL')
    release()
    output.close()
    if (!stopping) onDeath()
  })
  return {
    ready: output.ready,
    onReload: output.onReload,
    onDeath: (listener) => void (onDeath = listener),
    async stop() {
      stopping = true
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      signalGroup(group, 'SIGTERM')
      const impatience = setTimeout(() => signalGroup(group, 'SIGKILL'), GRACE_MS)
      await ended
      clearTimeout(impatience)
    },
  }
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(group, signal)
  } catch (error) {
    // Nobody is left in it.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function spawnWrangler({ port, stateDir }: Place, settingsFile: string) {
  const where = ['--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0']
  const state = ['--persist-to', stateDir, '--env-file', settingsFile]
  const args = [...WRANGLER, 'dev', ...where, ...state, '--show-interactive-dev-session=false']
  return spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, ...OFFLINE_ENV, WRANGLER_REGISTRY_PATH: join(stateDir, 'registry') },
  })
}

/**
 * Holds back what wrangler says while it starts, until something is wrong; a worker that does not
 * compile ends nothing, wrangler waits for it to be mended. Afterwards it is one line per request.
 */
function readOutput({ stdout, stderr }: ChildProcess & ReturnType<typeof spawnWrangler>) {
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>()
  let onReload = () => {}
  let state: 'starting' | 'in trouble' | 'ready' = 'starting'
  const held: string[] = []
  const read = (line: string) => {
    if (/Ready on http/.test(line)) {
      state = 'ready'
      return resolve()
    }
    if (state === 'starting') held.push(line)
    else if (line.trim() !== '' && !line.startsWith('[wrangler:info]')) console.log(line)
    if (state === 'ready' && /Local server updated and ready/.test(line)) onReload()
    if (state === 'starting' && /\bERROR\b/.test(line)) {
      state = 'in trouble'
      console.log(held.splice(0).join('\n'))
    }
  }
  createInterface(stdout).on('line', read)
  createInterface(stderr).on('line', read)
  return {
    ready,
    onReload: (listener: () => void) => void (onReload = listener),
    close: () => reject(new PlainFailure(`${held.join('\n')}\n\nThe worker did not start.`.trim())),
  }
}
