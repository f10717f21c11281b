// Firefox ESR for a test: the one of this machine, else a fresh Debian package, driven by WebDriver BiDi.
import { launch, type Browser } from 'puppeteer-core'
import { canInstall, install, onPath } from '../../scripts/lib/debian.ts'

/** A sentence where none can be had. */
export function findOrInstallFirefox(): { path: string } | { missing: string } {
  const named = process.env['FIREFOX_PATH']
  if (named !== undefined && named !== '') return { path: named }
  const find = () =>
    ['firefox-esr', 'firefox'].map((name) => onPath(name, process.env)).find(Boolean)
  const found = find()
  if (found !== undefined) return { path: found }
  if (!canInstall(process.env)) {
    return {
      missing: 'there is no Firefox, and only root can install it (apt-get install firefox-esr)',
    }
  }
  try {
    install(process.env, 'firefox-esr')
  } catch (error) {
    return { missing: `there is no Firefox: ${error instanceof Error ? error.message : ''}` }
  }
  const path = find()
  return path === undefined ? { missing: 'the package has no Firefox in it' } : { path }
}

/** A Firefox that gets its pushes from a service of ours, and may show notifications unasked. */
export const launchFirefox = (path: string, pushService: string): Promise<Browser> =>
  launch({
    browser: 'firefox',
    executablePath: path,
    headless: true,
    extraPrefsFirefox: {
      'dom.push.serverURL': pushService,
      'dom.push.testing.allowInsecureServerURL': true,
      'dom.push.connection.enabled': true,
      'permissions.default.desktop-notification': 1,
      // A machine for tests has no desktop that would show them.
      'alerts.useSystemBackend': false,
    },
  })
