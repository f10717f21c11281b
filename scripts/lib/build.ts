// Builds that are skipped when nothing they read has changed since the last one.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CACHE_DIR, inRoot } from './paths.ts'
import { runQuietly, VITE, WRANGLER } from './run.ts'

export type Say = (sentence: string) => void

interface Build {
  name: string
  sources: readonly string[]
  output: string
  run(): Promise<void>
}

export const WORKER_BUNDLE = inRoot('dist', 'index.js')

const webBuild: Build = {
  name: 'app',
  sources: ['web', 'client', 'protocol', 'vite.config.ts', 'package-lock.json'],
  output: inRoot('web', 'dist', 'index.html'),
  run: () => runQuietly('Building the app', [...VITE, 'build', '--logLevel', 'warn']),
}

const workerBuild: Build = {
  name: 'worker',
  sources: ['worker', 'durable-objects', 'db', 'protocol', 'wrangler.toml', 'package-lock.json'],
  output: WORKER_BUNDLE,
  run: () =>
    runQuietly('Bundling the worker', [...WRANGLER, 'deploy', '--dry-run', '--outdir', 'dist']),
}

export async function buildWeb(say: Say): Promise<void> {
  if (existsSync(inRoot('web', 'index.html'))) return buildIfChanged(webBuild, say)
  mkdirSync(dirname(webBuild.output), { recursive: true })
  writeFileSync(webBuild.output, '<!doctype html><title>Shopbell</title><p>No app here yet.</p>\n')
}

export const buildWorker = (say: Say): Promise<void> => buildIfChanged(workerBuild, say)

async function buildIfChanged(build: Build, say: Say): Promise<void> {
  const stamp = join(CACHE_DIR, `${build.name}.hash`)
  const now = hashOf(build.sources)
  const known = existsSync(stamp) ? readFileSync(stamp, 'utf8') : ''
  if (now === known && existsSync(build.output)) return
  say(`Building the ${build.name}.`)
  await build.run()
  mkdirSync(CACHE_DIR, { recursive: true })
  writeFileSync(stamp, now)
}

/** By content, so that neither a checkout's fresh file times nor a deleted file mislead. */
export function hashOf(sources: readonly string[]): string {
  const hash = createHash('sha256')
  for (const source of sources) {
    for (const file of filesUnder(inRoot(source)))
      hash.update(`${file}\0`).update(readFileSync(file))
  }
  return hash.digest('hex')
}

function filesUnder(path: string): string[] {
  if (!existsSync(path)) return []
  if (statSync(path).isFile()) return [path]
  return readdirSync(path, { withFileTypes: true })
    .filter(({ name }) => name !== 'dist' && name !== 'node_modules')
    .map(({ name }) => join(path, name))
    .toSorted()
    .flatMap(filesUnder)
}
