import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { PlainFailure } from './fail.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const MAC_APPS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

type Environment = Readonly<Record<string, string | undefined>>

/** The browser for the browser tests: the one named, else the system's, else a fresh Debian package. */
export function findOrInstallChromium(env: Environment, say: (sentence: string) => void): string {
  const named = env['CHROME_PATH']
  if (named !== undefined && named !== '') {
    if (existsSync(named)) return named
    throw new PlainFailure(`CHROME_PATH names ${named}, and no such file exists.`)
  }
  const found = findOnSystem(env)
  if (found !== undefined) return found
  if (process.getuid?.() === 0 && onPath('apt-get', env) !== undefined) {
    say('Installing Chromium for the browser tests (apt-get). This takes a minute, once.')
    apt(env, 'update')
    apt(env, 'install', '--yes', '--no-install-recommends', 'chromium')
    const installed = findOnSystem(env)
    if (installed !== undefined) return installed
  }
  throw new PlainFailure(
    'The browser tests need Chromium or Chrome: install it (Debian: apt-get install chromium), or name it in CHROME_PATH.',
  )
}

function findOnSystem(env: Environment): string | undefined {
  return NAMES.map((name) => onPath(name, env)).find(Boolean) ?? MAC_APPS.find(existsSync)
}

function onPath(name: string, env: Environment): string | undefined {
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

function apt(env: Environment, ...args: string[]): void {
  const { status } = spawnSync('apt-get', ['--quiet', '--quiet', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (status !== 0) throw new PlainFailure(`apt-get ${args[0]} did not succeed; see above.`)
}
