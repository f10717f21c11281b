// One server in a process of its own. `node child.ts <kind>`, with PORT, STATE_DIR and the settings in the environment, and
// INSPECTOR_PORT where somebody wants to profile. Prints one line when ready, and stops when it is told.
import { dirname } from 'node:path'
import { unstable_getMiniflareWorkerOptions as readWorkerOptions } from 'wrangler'
import { runMain } from '../../scripts/lib/fail.ts'
import { inRoot, ROOT } from '../../scripts/lib/paths.ts'
import { placeFrom } from '../../scripts/lib/settings.ts'
import { serveShopbell } from '../../scripts/lib/shopbell-server.ts'
import { WORKER_BUNDLE } from '../../scripts/lib/build.ts'
import { onShutdown } from '../../scripts/lib/shutdown.ts'
import { startWorkerd, type WorkerOptions } from '../../scripts/lib/workerd.ts'
import { bundled } from './bundles.ts'

/** As in wrangler.toml. */
const COMPATIBILITY_DATE = '2026-11-01'

const BEFORE: Readonly<Record<string, string>> = {
  metered: 'meter/worker.ts',
  uncoalesced: 'meter/uncoalesced.ts',
}

await runMain(async () => {
  const kind = process.argv[2] ?? ''
  if (kind === 'floor') return serveFloor()
  const file = BEFORE[kind]
  await serveShopbell(process.env, {
    // In the bundle's own folder, where `./index.js` is the bundle.
    ...(file !== undefined && {
      before: [{ path: `${dirname(WORKER_BUNDLE)}/before.js`, contents: await bundled(file) }],
    }),
    ...inspector(),
  })
})

async function serveFloor(): Promise<void> {
  const { assets } = readWorkerOptions(inRoot('wrangler.toml')).workerOptions
  const { port, origin, stateDir } = placeFrom(process.env)
  const server = await startWorkerd({
    port,
    stateDir,
    ...inspector(),
    worker: {
      name: 'floor',
      compatibilityDate: COMPATIBILITY_DATE,
      rootPath: ROOT,
      modules: [{ type: 'ESModule', path: 'floor.js', contents: await bundled('floor/worker.ts') }],
      d1Databases: { DB: 'floor' },
      // The simulator's router of assets is a worker of its own: whoever serves an app pays for it at each request.
      assets: assets as NonNullable<WorkerOptions['assets']>,
      durableObjects: {
        BARE: { className: 'BareHub', useSQLite: true },
        ARCHIVED: { className: 'ArchivedHub', useSQLite: true },
      },
    },
  })
  onShutdown(() => server.stop())
  await fetch(`${origin}/api/ready`)
  console.log(`The floor is ready on ${origin}`)
}

function inspector(): { inspectorPort?: number } {
  const port = process.env['INSPECTOR_PORT']
  return port ? { inspectorPort: Number(port) } : {}
}
