import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { PlainFailure } from './fail.ts'
import { inRoot, ROOT } from './paths.ts'

/** Keeps wrangler offline, non-interactive and out of the home directory. */
export const OFFLINE_ENV = {
  CI: '1',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  // Its debug logs would hold whole URLs, and a socket's may carry a token.
  WRANGLER_WRITE_LOGS: 'false',
  WRANGLER_CACHE_DIR: inRoot('node_modules', '.cache', 'wrangler'),
}

/** The package's own file rather than its bin: the bin starts a second process that outlives a kill. */
export const WRANGLER = ['--no-warnings', inRoot('node_modules/wrangler/wrangler-dist/cli.js')]
export const VITE = [inRoot('node_modules/vite/bin/vite.js')]

/** Runs a tool to its end, silent unless it fails. */
export async function runQuietly(what: string, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...OFFLINE_ENV },
  })
  let output = ''
  const collect = (chunk: Buffer) => (output += chunk.toString())
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new PlainFailure(`${output.trimEnd()}\n\n${what} failed; see above.`)
}
