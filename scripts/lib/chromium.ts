import { existsSync } from 'node:fs'
import { canInstall, type Environment, install, onPath } from './debian.ts'
import { PlainFailure } from './fail.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const MAC_APPS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** The browser for the browser tests: the one named, else the system's, else a fresh Debian package. */
export function findOrInstallChromium(env: Environment, say: (sentence: string) => void): string {
  const named = env['CHROME_PATH']
  if (named !== undefined && named !== '') {
    if (existsSync(named)) return named
    throw new PlainFailure(`CHROME_PATH names ${named}, and no such file exists.`)
  }
  const found = findOnSystem(env)
  if (found !== undefined) return found
  if (canInstall(env)) {
    say('Installing Chromium for the browser tests (apt-get). This takes a minute, once.')
    install(env, 'chromium')
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
