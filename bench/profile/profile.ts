// --profile: our worker, and those of the runtime on its way, are watched by the inspector while a row runs. What it costs is in the figures, so a
// profiled run is not a measurement.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { WORKER_BUNDLE } from '../../scripts/lib/build.ts'
import { ROOT } from '../../scripts/lib/paths.ts'
import type { Server } from '../servers/server.ts'
import { openInspector, workersOf, type Inspector } from './inspector.ts'
import { ELSEWHERE, selfTimes, type CpuProfile, type SelfTime } from './self-times.ts'

const SAMPLE_EVERY_US = 200
const SHOWN = 30
/** Longer between two samples, and the thread was with somebody else. */
const GAP_MS = (5 * SAMPLE_EVERY_US) / 1_000

/** Profiles the work, and leaves a file for each worker that the developer tools of a browser can open. */
export function profiling(folder: string, tell: (line: string) => void) {
  mkdirSync(folder, { recursive: true })
  let count = 0
  return async (server: Server, work: () => Promise<void>): Promise<void> => {
    const row = ++count
    const workers = workersOf(server)
    const inspectors: Inspector[] = []
    for (const worker of workers) inspectors.push(await startProfile(server, worker))
    const before = server.use().cpuSeconds
    await work()
    tell(`  ${(server.use().cpuSeconds - before).toFixed(1)} s of CPU in the runtime`)
    for (const [index, inspector] of inspectors.entries()) {
      const { profile } = (await inspector.call('Profiler.stop')) as { profile: CpuProfile }
      inspector.close()
      const worker = workers[index] ?? ''
      const file = join(folder, `${row}-${worker.replaceAll(':', '-')}.cpuprofile`)
      writeFileSync(file, JSON.stringify(profile))
      const times = selfTimes(profile, GAP_MS)
      const running = times.reduce((sum, { name, ms }) => sum + (isNoWork(name) ? 0 : ms), 0)
      tell(`  ${(running / 1_000).toFixed(2)} s of it in ${worker}: ${file}`)
      if (index === 0) tellTop(times, tell)
    }
  }
}

async function startProfile(server: Server, worker: string): Promise<Inspector> {
  const inspector = await openInspector(server, [worker])
  await inspector.call('Profiler.enable')
  await inspector.call('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US })
  await inspector.call('Profiler.start')
  return inspector
}

const isNoWork = (name: string) => name === '(idle)' || name === ELSEWHERE.functionName

function tellTop(times: readonly SelfTime[], tell: (line: string) => void): void {
  const places = sourcePlaces()
  for (const one of times.filter(({ name }) => !isNoWork(name)).slice(0, SHOWN)) {
    tell(`    ${one.ms.toFixed(0).padStart(6)} ms  ${one.name}  ${places(one)}`)
  }
}

/** Where in our source a place of the bundle is. */
function sourcePlaces(): (one: SelfTime) => string {
  const file = `${WORKER_BUNDLE}.map`
  if (!existsSync(file)) return ({ line }) => `bundle:${line}`
  const map = new SourceMap(JSON.parse(readFileSync(file, 'utf8')))
  return ({ line, column }) => {
    const entry = map.findEntry(line - 1, column - 1)
    if (line <= 0 || !('originalSource' in entry)) return ''
    const path = resolve(dirname(WORKER_BUNDLE), entry.originalSource)
    return `${relative(ROOT, path)}:${entry.originalLine + 1}`
  }
}
