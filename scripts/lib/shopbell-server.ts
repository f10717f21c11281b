// The built bundle, served: migrated and seeded in development, with its crons.

import { unstable_getMiniflareWorkerOptions as readWorkerOptions } from 'wrangler'
import { buildWeb, buildWorker, WORKER_BUNDLE } from './build.ts'
import { type Crons, startCrons } from './crons.ts'
import { PlainFailure } from './fail.ts'
import { untilHealthy } from './health.ts'
import { migrate } from './migrate.ts'
import { inRoot, ROOT } from './paths.ts'
import { assertPortFree } from './port.ts'
import { type Place, placeFrom, workerSettings } from './settings.ts'
import { onShutdown } from './shutdown.ts'
import { lockState } from './state-lock.ts'
import { startWorkerd, type WorkerOptions } from './workerd.ts'

/** The `name` in wrangler.toml. Hub storage is filed under it; `wrangler dev` uses the same. */
const WORKER_NAME = 'shopbell'

export interface ServeOptions {
  /** Modules before the bundle: the first is the entry and may import `./index.js`, the bundle itself. */
  before?: { path: string; contents: string }[]
  /** In place of the one that is built from the sources. */
  bundle?: string
  /** In place of those of wrangler.toml. */
  compatibilityFlags?: string[]
  inspectorPort?: number
}

/** Prints one line when ready; runs until somebody ends it. */
export async function serveShopbell(
  env: Readonly<Record<string, string | undefined>>,
  options: ServeOptions = {},
): Promise<void> {
  const place = placeFrom(env)
  const lock = lockState(place.stateDir)
  await assertPortFree(place.port, lock.tookOver ? 2_000 : 0)
  const settings = await workerSettings(env, place)
  await buildWeb(console.error)
  await buildWorker(console.error)
  // Elsewhere it is for the operator to say when the database changes.
  if (settings['ENVIRONMENT'] === 'development') await migrate(place.stateDir, console.error)

  const { port, stateDir } = place
  const { inspectorPort } = options
  const server = await startWorkerd({
    port,
    stateDir,
    worker: workerOptions(settings, options),
    ...(inspectorPort !== undefined && { inspectorPort }),
  })
  const crons = startCrons(async (cron) => {
    const worker = await server.miniflare.getWorker(WORKER_NAME)
    const result = await worker.scheduled({ cron })
    if (result.outcome !== 'ok') throw new Error(`The scheduled handler: ${result.outcome}.`)
  }, console.error)
  const stop = async () => {
    crons.stop()
    await server.stop()
  }
  onShutdown(stop)
  try {
    await firstTick(crons, place)
    await untilHealthy(place.origin)
  } catch (error) {
    await stop()
    throw error
  }
  console.log(`Shopbell is ready on ${place.origin}`)
}

/** The first thing that reads the database: here it shows whether it was ever migrated. */
async function firstTick(crons: Crons, { stateDir }: Place): Promise<void> {
  try {
    await crons.tick()
  } catch {
    throw new PlainFailure(
      `The database of ${stateDir} does not answer as this version expects. ` +
        `Is it up to date? npx wrangler d1 migrations apply shopbell --local --persist-to ${stateDir}`,
    )
  }
}

function workerOptions(
  settings: Record<string, string>,
  { before = [], bundle = WORKER_BUNDLE, compatibilityFlags }: ServeOptions,
): WorkerOptions {
  const read = readWorkerOptions(inRoot('wrangler.toml'))
  // Rules for modules that a bundle no longer has; the converter refuses them beside `modules`.
  const { modulesRules: _, ...options } = read.workerOptions
  return {
    ...options,
    name: WORKER_NAME,
    bindings: settings,
    rootPath: ROOT,
    modules: [
      ...before.map((one) => ({ type: 'ESModule' as const, ...one })),
      { type: 'ESModule', path: bundle },
    ],
    ...(compatibilityFlags && { compatibilityFlags }),
  }
}
