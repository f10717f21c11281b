// npm test: check, unit, workerd, fault, bench and browser tests in this order, ending at the first that fails.
// `npm test -- unit e2e` runs only those. The last line says how many tests passed and failed.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { findOrInstallChromium } from './lib/chromium.ts'
import { PlainFailure, runMain } from './lib/fail.ts'
import { CACHE_DIR, inRoot, ROOT } from './lib/paths.ts'

interface Outcome {
  ok: boolean
  passed: number
  failed: number
}

const STEPS: Readonly<Record<string, () => Promise<Outcome>>> = {
  check,
  unit: () => vitest('unit', ['--project', 'unit']),
  workerd: () => vitest('workerd', ['--project', 'workerd']),
  faults: () => vitest('faults', ['--config', 'vitest.faults.config.ts']),
  bench: () => vitest('bench', ['--config', 'vitest.bench.config.ts']),
  e2e,
}

await runMain(async () => {
  const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(STEPS)
  const total = { passed: 0, failed: 0 }
  for (const name of names) {
    const step = STEPS[name]
    if (step === undefined) {
      throw new PlainFailure(`"${name}" is none of ${Object.keys(STEPS).join(', ')}.`)
    }
    console.log(`\n── ${name} ${'─'.repeat(60 - name.length)}\n`)
    const outcome = await step()
    total.passed += outcome.passed
    // What fails without a failing test, as a type error does, must not read as "0 failed".
    total.failed += outcome.ok ? 0 : Math.max(1, outcome.failed)
    if (!outcome.ok) break
  }
  process.exitCode = total.failed > 0 ? 1 : 0
  console.log(`\n${total.passed} passed, ${total.failed} failed`)
})

async function check(): Promise<Outcome> {
  const ok = await run([join('scripts', 'check.ts')])
  return { ok, passed: 0, failed: 0 }
}

async function e2e(): Promise<Outcome> {
  const chromium = findOrInstallChromium(process.env, console.log)
  return vitest('e2e', ['--config', 'vitest.e2e.config.ts'], { CHROME_PATH: chromium })
}

async function vitest(name: string, args: string[], env = {}): Promise<Outcome> {
  mkdirSync(CACHE_DIR, { recursive: true })
  const report = join(CACHE_DIR, `${name}.json`)
  rmSync(report, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const tool = inRoot('node_modules', 'vitest', 'vitest.mjs')
  const ok = await run([tool, 'run', ...args, ...reporters], env)
  return { ok, ...countIn(report) }
}

function countIn(report: string): { passed: number; failed: number } {
  if (!existsSync(report)) return { passed: 0, failed: 0 }
  const counts = JSON.parse(readFileSync(report, 'utf8')) as {
    numPassedTests: number
    numFailedTests: number
  }
  return { passed: counts.numPassedTests, failed: counts.numFailedTests }
}

/** Runs a file of Node's with our input and output, and passes on the wish to end. */
async function run(args: string[], env: Record<string, string> = {}): Promise<boolean> {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  const end = (signal: NodeJS.Signals) => child.kill(signal)
  process.on('SIGINT', end)
  process.on('SIGTERM', end)
  const [code] = (await once(child, 'close')) as [number | null]
  process.off('SIGINT', end)
  process.off('SIGTERM', end)
  if (code === null) process.exit(1)
  return code === 0
}
