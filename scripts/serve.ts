// npm run serve: the built bundle on workerd, without the development proxy, for load, fault and
// end-to-end tests and for one's own machine. Prints one line when ready; the rest goes to stderr.

import { runMain } from './lib/fail.ts'
import { serveShopbell } from './lib/shopbell-server.ts'

await runMain(() => serveShopbell(process.env))
