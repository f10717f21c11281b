// --profile: our worker is watched by the runtime's own inspector while a row runs. What it costs is in the figures, so a
// profiled run is not a measurement.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { WORKER_BUNDLE } from '../../scripts/lib/build.ts'
import { ROOT } from '../../scripts/lib/paths.ts'
import type { Server } from '../servers/server.ts'
import { openInspector } from './inspector.ts'
import { selfTimes, type CpuProfile, type SelfTime } from './self-times.ts'

const SAMPLE_EVERY_US = 200
const SHOWN = 40

/** Profiles the work and leaves a file that the developer tools of a browser can open. */
export function profiling(folder: string, tell: (line: string) => void) {
  mkdirSync(folder, { recursive: true })
  let count = 0
  return async (server: Server, work: () => Promise<void>): Promise<void> => {
    if (server.inspectorPort === null) return work()
    const inspector = await openInspector(server)
    await inspector.call('Profiler.enable')
    await inspector.call('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US })
    await inspector.call('Profiler.start')
    const before = server.use().cpuSeconds
    await work()
    const cpu = server.use().cpuSeconds - before
    const { profile } = (await inspector.call('Profiler.stop')) as { profile: CpuProfile }
    inspector.close()
    const file = join(folder, `${++count}.cpuprofile`)
    writeFileSync(file, JSON.stringify(profile))
    tell(`  ${cpu.toFixed(1)} s of CPU in the runtime; the profile of our worker is ${file}`)
    const places = sourcePlaces()
    for (const one of selfTimes(profile, (5 * SAMPLE_EVERY_US) / 1_000).slice(0, SHOWN)) {
      const share = `${(one.share * 100).toFixed(1)} %`.padStart(7)
      tell(`  ${share} ${one.ms.toFixed(0).padStart(6)} ms  ${one.name}  ${places(one)}`)
    }
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
