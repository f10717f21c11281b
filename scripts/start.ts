// npm start: the demo shop on this machine, served by `wrangler dev` so that a change of the worker
// shows at once. Makes what is missing, and works again on what an earlier start left.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { buildWeb } from './lib/build.ts'
import { startCrons } from './lib/crons.ts'
import { dieTogether } from './lib/die-together.ts'
import { PlainFailure, runMain } from './lib/fail.ts'
import { untilHealthy } from './lib/health.ts'
import { migrate } from './lib/migrate.ts'
import { ROOT } from './lib/paths.ts'
import { assertPortFree } from './lib/port.ts'
import { OFFLINE_ENV, WRANGLER } from './lib/run.ts'
import { type Place, placeFrom, workerSettings } from './lib/settings.ts'
import { onShutdown } from './lib/shutdown.ts'
import { lockState } from './lib/state-lock.ts'

const GRACE_MS = 5_000

await runMain(async () => {
  const place = placeFrom(process.env)
  const lock = lockState(place.stateDir)
  await assertPortFree(place.port, lock.tookOver ? 2_000 : 0)
  const settingsFile = await writeSettings(place)
  await migrate(place.stateDir, console.log)
  await buildWeb(console.log)

  console.log('Starting the worker.')
  const server = startWrangler(place, settingsFile)
  const release = dieTogether(-server.pid)
  const crons = startCrons((cron) => callScheduled(place, cron), console.error)
  const stop = async () => {
    crons.stop()
    await endGroup(server.process)
    release()
  }
  onShutdown(stop)
  server.process.once('exit', () => {
    crons.stop()
    release()
  })

  try {
    await server.ready
    await crons.tick()
    await untilHealthy(place.origin)
  } catch (error) {
    await stop()
    throw error
  }
  // After a reload the worker is a new one, which has to look again at what it must do first.
  server.onReload(() => void crons.tick().catch(console.error))
  console.log(welcome(place))
})

/** In a file of ours and not on the command line, where every account could read the keys. */
async function writeSettings(place: Place): Promise<string> {
  const file = join(place.stateDir, 'settings.env')
  const settings = await workerSettings({ ...process.env, ENVIRONMENT: 'development' }, place)
  const lines = Object.entries(settings).map(([name, value]) => {
    if (/['\n]/.test(value)) {
      throw new PlainFailure(`${name} must hold neither a single quote nor a line break.`)
    }
    return `${name}='${value}'\n`
  })
  writeFileSync(file, lines.join(''), { mode: 0o600 })
  return file
}

interface Wrangler {
  process: ChildProcess
  pid: number
  ready: Promise<void>
  onReload(listener: () => void): void
}

function startWrangler({ port, stateDir }: Place, settingsFile: string): Wrangler {
  const where = ['--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0']
  const state = ['--persist-to', stateDir, '--env-file', settingsFile]
  const args = [...WRANGLER, 'dev', ...where, ...state, '--show-interactive-dev-session=false']
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that its workerd can be ended with it.
    detached: true,
    env: { ...process.env, ...OFFLINE_ENV, WRANGLER_REGISTRY_PATH: join(stateDir, 'registry') },
  })
  if (child.pid === undefined) throw new PlainFailure('Could not start wrangler.')

  let isReady = false
  let onReload = () => {}
  const unseen: string[] = []
  const ready = new Promise<void>((resolve, reject) => {
    const read = (line: string) => {
      if (/Ready on http/.test(line)) {
        isReady = true
        resolve()
      } else if (!isReady) unseen.push(line)
      else if (/Local server updated and ready/.test(line)) onReload()
      else if (isWorthShowing(line)) console.log(line)
    }
    createInterface(child.stdout).on('line', read)
    createInterface(child.stderr).on('line', read)
    child.once('close', () => {
      if (isReady) return fail('The worker has stopped.')
      reject(new PlainFailure(`${unseen.join('\n')}\n\nThe worker did not start; see above.`))
    })
  })
  return { process: child, pid: child.pid, ready, onReload: (listener) => (onReload = listener) }
}

/** What the worker itself says; wrangler's own lines are one for each request. */
function isWorthShowing(line: string): boolean {
  return line.trim() !== '' && !line.startsWith('[wrangler:info]')
}

function fail(sentence: string) {
  console.error(sentence)
  process.exit(1)
}

async function callScheduled({ origin }: Place, cron: string): Promise<void> {
  const query = new URLSearchParams({ cron })
  const response = await fetch(`${origin}/cdn-cgi/handler/scheduled?${query}`)
  if (!response.ok) throw new Error(`The scheduled handler answered ${response.status}.`)
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  child.removeAllListeners('close')
  const group = -child.pid
  const closed = once(child, 'close')
  process.kill(group, 'SIGTERM')
  const impatience = setTimeout(() => process.kill(group, 'SIGKILL'), GRACE_MS)
  await closed
  clearTimeout(impatience)
}

function welcome({ origin }: Place): string {
  return `
Shopbell is ready on ${origin}

  Sign in there as one of the demo people:
    olivia  admin
    ana     manager of downtown        dario  manager of harbour
    ben     staff at downtown          emi    staff at harbour
    cleo    staff at downtown
  Open a second window as somebody else, send from one and watch the other.

  npm run demo   plays two weeks of bookings into both shops
  Ctrl-C         stops it; what you did is still there next time
`
}
