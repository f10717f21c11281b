// npm run serve: the built bundle on workerd, without the development proxy, for load, fault and
// end-to-end tests and for one's own machine. Prints one line when ready; the rest goes to stderr.

import type { ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { unstable_getMiniflareWorkerOptions as readWorkerOptions } from 'wrangler'
import { buildWeb, buildWorker, WORKER_BUNDLE } from './lib/build.ts'
import { type Crons, startCrons } from './lib/crons.ts'
import { dieTogether } from './lib/die-together.ts'
import { PlainFailure, runMain } from './lib/fail.ts'
import { untilHealthy } from './lib/health.ts'
import { migrate } from './lib/migrate.ts'
import { inRoot, ROOT } from './lib/paths.ts'
import { assertPortFree } from './lib/port.ts'
import { type Place, placeFrom, workerSettings } from './lib/settings.ts'
import { onShutdown } from './lib/shutdown.ts'
import { lockState } from './lib/state-lock.ts'

/** The `name` in wrangler.toml. Hub storage is filed under it; `wrangler dev` uses the same. */
const WORKER_NAME = 'shopbell'

await runMain(async () => {
  const place = placeFrom(process.env)
  const lock = lockState(place.stateDir)
  await assertPortFree(place.port, lock.tookOver ? 2_000 : 0)
  const settings = await workerSettings(process.env, place)
  await buildWeb(console.error)
  await buildWorker(console.error)
  // Elsewhere it is for the operator to say when the database changes.
  if (settings['ENVIRONMENT'] === 'development') await migrate(place.stateDir, console.error)

  const server = await startWorkerd(place, settings)
  const crons = startCrons(server.callScheduled, console.error)
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
})

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

async function startWorkerd(place: Place, settings: Record<string, string>) {
  // Miniflare does not say which processes it starts; Node does.
  const children: ChildProcess[] = []
  const onSpawn = (message: unknown) => {
    children.push((message as { process: ChildProcess }).process)
  }
  subscribe('child_process', onSpawn)
  const miniflare = new Miniflare(miniflareOptions(place, settings))
  await miniflare.ready
  unsubscribe('child_process', onSpawn)
  const releases = children.map(({ pid }) => (pid === undefined ? () => {} : dieTogether(pid)))
  const onDeath = () => {
    console.error('workerd has stopped.')
    process.exit(1)
  }
  for (const child of children) child.once('exit', onDeath)

  return {
    async callScheduled(cron: string) {
      const worker = await miniflare.getWorker(WORKER_NAME)
      const result = await worker.scheduled({ cron })
      if (result.outcome !== 'ok') throw new Error(`The scheduled handler: ${result.outcome}.`)
    },
    async stop() {
      for (const child of children) child.off('exit', onDeath)
      await miniflare.dispose()
      for (const release of releases) release()
    },
  }
}

function miniflareOptions({ port, stateDir }: Place, settings: Record<string, string>) {
  const { workerOptions } = readWorkerOptions(inRoot('wrangler.toml'))
  // Rules for modules that a bundle no longer has; the converter refuses them beside `modules`.
  const { modulesRules: _, ...options } = workerOptions
  return convertV4MiniflareOptions({
    host: '127.0.0.1',
    port,
    cf: false,
    logRequests: false,
    // What the worker says; standard output is for the one line that tells that it is ready.
    handleStructuredLogs: ({ message }) => console.error(message),
    // Where `wrangler d1 migrations apply --persist-to` and `wrangler dev` keep the same things.
    resourcePersistencePath: join(stateDir, 'v3'),
    workers: [
      {
        ...options,
        name: WORKER_NAME,
        bindings: settings,
        rootPath: ROOT,
        modules: [{ type: 'ESModule', path: WORKER_BUNDLE }],
      },
    ],
  })
}
