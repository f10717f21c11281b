// npm run faults -- --schedules N --seed S: N runs of seeded trouble on one server, each judged by its history, some of
// them side by side (--together). Prints each seed; the same first seed and numbers do the same again, and
// --schedules 1 one of them alone. --history NAME keeps what a failed run saw in NAME-<seed>.json.

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { runSchedules, type Verdict } from '../tests/faults/run-schedule.ts'
import { FaultServer } from '../tests/faults/server.ts'
import { freePort } from '../tests/e2e/server.ts'
import { PlainFailure, runMain } from './lib/fail.ts'
import { onShutdown } from './lib/shutdown.ts'

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '20' },
    seed: { type: 'string' },
    together: { type: 'string', default: '4' },
    history: { type: 'string' },
  },
})

await runMain(async () => {
  const count = numberFrom('schedules', values.schedules)
  const firstSeed =
    values.seed === undefined ? Date.now() % 1_000_000 : numberFrom('seed', values.seed)
  const together = numberFrom('together', values.together)
  const server = await FaultServer.start(await freePort())
  onShutdown(() => server.stop())
  let failed = 0
  try {
    for (let done = 0; done < count; done += together) {
      const size = Math.min(together, count - done)
      const orders = Array.from({ length: size }, (_, index) => ({
        seed: firstSeed + done + index,
      }))
      const verdicts = await runSchedules(server, orders)
      failed += verdicts.filter((verdict) => !tell(verdict)).length
    }
  } finally {
    await server.stop()
  }
  console.log(`\n${count - failed} of ${count} schedules held, from seed ${firstSeed}`)
  process.exitCode = failed > 0 ? 1 : 0
})

function numberFrom(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new PlainFailure(`--${name} is a whole number, not "${text}".`)
  return Number(text)
}

function tell(verdict: Verdict): boolean {
  const { seed, violations, stuck, steps, accepted, frames, resumes, kills, ms } = verdict
  const holds = violations.length + stuck.length === 0
  const seconds = (ms / 1_000).toFixed(1)
  console.log(
    `${holds ? '✓' : '✗'} seed ${seed}: ${steps} steps, ${accepted} answers, ${frames} frames, ` +
      `${resumes} resumes, ${kills} kills, ${seconds} s`,
  )
  for (const { rule, text } of violations) console.log(`    [${rule}] ${text}`)
  for (const what of stuck) console.log(`    never came to an end: ${what}`)
  if (!holds && values.history !== undefined) {
    writeFileSync(`${values.history}-${seed}.json`, `${JSON.stringify(verdict, null, 1)}\n`)
  }
  return holds
}
