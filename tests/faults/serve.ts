// The process that the fault tests kill: `npm run serve`, with a door beside the worker through which hubs are taken from
// memory, as the platform does at any moment. An argument names another bundle than the one of the sources.
import { basename, dirname, join } from 'node:path'
import { WORKER_BUNDLE } from '../../scripts/lib/build.ts'
import { runMain } from '../../scripts/lib/fail.ts'
import { serveShopbell } from '../../scripts/lib/shopbell-server.ts'

const EVICT_PATH = '/api/v1/__evict'

/** The worker as it was built, and in front of it what only the runtime's own tests may do. */
const evictable = (bundle: string) => `
import unsafe from 'workerd:unsafe'
import worker, { LocationHub, UserHub } from './${basename(bundle)}'
export { LocationHub, UserHub }
export default {
  ...worker,
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== '${EVICT_PATH}') return worker.fetch(request, env, ctx)
    const { stream, sockets } = await request.json()
    const hubs = stream.startsWith('user:') ? env.USER_HUB : env.LOCATION_HUB
    try {
      await unsafe.evict(hubs.getByName(stream), { webSockets: sockets })
      return Response.json({ done: true })
    } catch {
      // It was not in memory, or is so busy that the platform would not take it either.
      return Response.json({ done: false })
    }
  },
}
`

await runMain(async () => {
  const bundle = process.argv[2] ?? WORKER_BUNDLE
  await serveShopbell(process.env, {
    before: [{ path: join(dirname(bundle), 'evictable.js'), contents: evictable(bundle) }],
    bundle,
    compatibilityFlags: ['unsafe_module'],
  })
  process.send?.('ready')
})
