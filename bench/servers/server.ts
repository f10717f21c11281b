// Starts a server in an empty directory, and knows of its runtime what the system tells.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { dieTogether } from '../../scripts/lib/die-together.ts'
import { migrate } from '../../scripts/lib/migrate.ts'
import { CACHE_DIR, inRoot, ROOT } from '../../scripts/lib/paths.ts'
import { freePort } from '../../tests/e2e/server.ts'
import type { ServerKind } from './kinds.ts'
import { descendantsOf, type ProcessUse, useOf } from './processes.ts'

/** An empty database, migrated once and then copied: migrating takes longer than everything else at the start. */
const MIGRATED = join(CACHE_DIR, 'bench-state')

const READY_MS = 120_000
const STOP_MS = 10_000

export interface Server {
  kind: ServerKind
  origin: string
  stateDir: string
  /** Of the runtime alone, without the process that started it. */
  use(): ProcessUse
  inspectorPort: number | null
  stop(): Promise<void>
}

export async function startServer(
  kind: ServerKind,
  inspect = false,
  settings: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const port = await freePort()
  const inspectorPort = inspect ? await freePort() : null
  const stateDir = mkdtempSync(join(tmpdir(), 'shopbell-bench-'))
  if (kind !== 'floor') await copyMigrated(stateDir)
  const script =
    kind === 'ours' && !inspect ? ['scripts', 'serve.ts'] : ['bench', 'servers', 'child.ts']
  const child = spawn(process.execPath, [inRoot(...script), kind], {
    cwd: ROOT,
    env: {
      ...process.env,
      ENVIRONMENT: 'development',
      PORT: String(port),
      STATE_DIR: stateDir,
      ...(inspectorPort !== null && { INSPECTOR_PORT: String(inspectorPort) }),
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: whoever ends it ends its runtime, too.
    detached: true,
  })
  const release = child.pid === undefined ? () => {} : dieTogether(-child.pid)
  const stop = async () => {
    await end(child)
    release()
    rmSync(stateDir, { recursive: true, force: true })
  }
  try {
    await untilReady(kind, child)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    kind,
    origin: `http://127.0.0.1:${port}`,
    stateDir,
    use: () => useOf(descendantsOf(child.pid ?? 0, 'workerd')),
    inspectorPort,
    stop,
  }
}

let migrated: Promise<void> | null = null

async function copyMigrated(stateDir: string): Promise<void> {
  mkdirSync(MIGRATED, { recursive: true })
  migrated ??= migrate(MIGRATED, () => {})
  await migrated
  cpSync(MIGRATED, stateDir, { recursive: true })
}

async function untilReady(kind: ServerKind, child: ChildProcess): Promise<void> {
  const said: string[] = []
  child.stderr?.on('data', (chunk) => {
    said.push(String(chunk))
    if (said.length > 100) said.shift()
  })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(
      `the server "${kind}" ended with ${code} before it was ready:\n${said.join('')}`,
    )
  })
  ended.catch(() => undefined)
  if (child.stdout === null) throw new Error('the server has no output')
  const line = once(createInterface({ input: child.stdout }), 'line', {
    signal: AbortSignal.timeout(READY_MS),
  })
  await Promise.race([line, ended])
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const force = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), STOP_MS)
  await ended
  clearTimeout(force)
}
