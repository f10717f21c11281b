// Programs of the system that tests use: found where they are, installed with apt-get where that is possible.
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { PlainFailure } from './fail.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Where a program stands that can be called by its name. */
export function onPath(name: string, env: Environment): string | undefined {
  const folders = (env['PATH'] ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Only root may, and only where there is apt-get. */
export const canInstall = (env: Environment): boolean =>
  process.getuid?.() === 0 && onPath('apt-get', env) !== undefined

/** Installs a package, or throws one sentence. */
export function install(env: Environment, name: string): void {
  apt(env, 'update')
  apt(env, 'install', '--yes', '--no-install-recommends', name)
}

function apt(env: Environment, ...args: string[]): void {
  const { status } = spawnSync('apt-get', ['--quiet', '--quiet', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    // A server that comes with a service is installed for a test, not to be started.
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive', SYSTEMD_OFFLINE: '1' },
  })
  if (status !== 0) throw new PlainFailure(`apt-get ${args[0]} did not succeed; see above.`)
}
