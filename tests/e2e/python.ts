// Debian's Python with its WebSocket library: a client of other people's making.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { canInstall, install } from '../../scripts/lib/debian.ts'

/** The system's own, which Debian's packages are for; another Python may come first on the PATH. */
const PYTHON = '/usr/bin/python3'
const PACKAGE = 'python3-websockets'

const hasWebSockets = () =>
  existsSync(PYTHON) && spawnSync(PYTHON, ['-c', 'import websockets']).status === 0

/** A Python that has the library, else a sentence why there is none. */
export function findOrInstallPython(): { path: string } | { missing: string } {
  if (hasWebSockets()) return { path: PYTHON }
  if (!canInstall(process.env)) {
    const how = `only root can install it (apt-get install ${PACKAGE})`
    return { missing: `there is no Python with websockets, and ${how}` }
  }
  try {
    install(process.env, PACKAGE)
  } catch (error) {
    return { missing: `there is no ${PACKAGE}: ${error instanceof Error ? error.message : ''}` }
  }
  return hasWebSockets() ? { path: PYTHON } : { missing: `${PACKAGE} has no websockets in it` }
}
