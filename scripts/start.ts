// npm start: the demo shop on this machine, served by `wrangler dev` so that a change of the worker
// shows at once. Makes what is missing, and works again on what an earlier start left.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildWeb } from './lib/build.ts'
import { startCrons } from './lib/crons.ts'
import { PlainFailure, runMain } from './lib/fail.ts'
import { untilHealthy } from './lib/health.ts'
import { migrate } from './lib/migrate.ts'
import { assertPortFree } from './lib/port.ts'
import { type Place, placeFrom, workerSettings } from './lib/settings.ts'
import { onShutdown } from './lib/shutdown.ts'
import { lockState } from './lib/state-lock.ts'
import { startWranglerDev } from './lib/wrangler-dev.ts'

/** While the worker does not compile, wrangler answers nobody. */
const CRON_PATIENCE_MS = 30_000

await runMain(async () => {
  const place = placeFrom(process.env)
  const lock = lockState(place.stateDir)
  await assertPortFree(place.port, lock.tookOver ? 2_000 : 0)
  const settingsFile = await writeSettings(place)
  await migrate(place.stateDir, console.log)
  await buildWeb(console.log)

  console.log('Starting the worker.')
  const server = startWranglerDev(place, settingsFile)
  const crons = startCrons((cron) => callScheduled(place, cron), reportCron)
  const stop = async () => {
    crons.stop()
    await server.stop()
  }
  onShutdown(stop)
  try {
    await server.ready
    server.onDeath(() => {
      console.error('The worker has stopped.')
      process.exit(1)
    })
    await crons.tick()
    await untilHealthy(place.origin)
  } catch (error) {
    await stop()
    throw error
  }
  // After a reload the worker is a new one, which has to look again at what it must do first.
  server.onReload(() => void crons.tick().catch(reportCron))
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

async function callScheduled({ origin }: Place, cron: string): Promise<void> {
  const query = new URLSearchParams({ cron })
  const response = await fetch(`${origin}/cdn-cgi/handler/scheduled?${query}`, {
    signal: AbortSignal.timeout(CRON_PATIENCE_MS),
  })
  if (!response.ok) throw new Error(`The scheduled handler answered ${response.status}.`)
}

function reportCron(error: unknown): void {
  console.error(`The minute's work was not done: ${error instanceof Error ? error.message : error}`)
}

function welcome({ origin }: Place): string {
  // The demo looks at the default address; elsewhere it would play into nothing, or into another shop.
  const url = origin === placeFrom({}).origin ? '' : ` -- --url ${origin}`
  return `
Shopbell is ready on ${origin}

  Sign in there as one of the demo people:
    olivia  admin
    ana     manager of downtown        dario  manager of harbour
    ben     staff at downtown          emi    staff at harbour
    cleo    staff at downtown
  Open a second window as somebody else, send from one and watch the other.

  npm run demo${url}   plays two weeks of bookings into both shops
  Ctrl-C         stops it; what you did is still there next time
`
}
