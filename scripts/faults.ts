// npm run faults -- --schedules N --seed S: N runs of seeded trouble on one server, each judged by its history, some of
// them side by side (--together). --seed S alone runs that one alone, and what fails is made smaller (--shrink tries, each
// as slow as a run); --seed S --path P runs what it was made into. --history NAME keeps what a failed run did and saw in
// NAME-<seed>.json.

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { holds, runSchedules, type Figures, type Verdict } from '../tests/faults/run-schedule.ts'
import { scheduleOf } from '../tests/faults/schedule.ts'
import { Servers } from '../tests/faults/servers.ts'
import { shrink } from '../tests/faults/shrink.ts'
import { PlainFailure, runMain } from './lib/fail.ts'
import { onShutdown } from './lib/shutdown.ts'

const { values } = parseArgs({
  options: {
    schedules: { type: 'string' },
    seed: { type: 'string' },
    path: { type: 'string' },
    together: { type: 'string', default: '4' },
    shrink: { type: 'string', default: '12' },
    history: { type: 'string' },
  },
})

await runMain(async () => {
  const { seed, path } = values
  if (path !== undefined && seed === undefined) {
    throw new PlainFailure('--path needs the --seed that it begins at.')
  }
  const count = numberFrom('schedules', values.schedules ?? (seed === undefined ? '20' : '1'))
  const first = seed === undefined ? Date.now() % 1_000_000 : numberFrom('seed', seed)
  const servers = new Servers()
  onShutdown(() => servers.stop())
  try {
    const failed = await (path === undefined
      ? runAll(servers, first, count)
      : runPath(servers, first, path))
    process.exitCode = failed > 0 ? 1 : 0
  } finally {
    await servers.stop()
  }
  // A window of a run that was given up may go on waiting for an answer.
  process.exit()
})

async function runPath(servers: Servers, seed: number, path: string): Promise<number> {
  const verdicts = await runSchedules(await servers.next(1), [
    { seed, schedule: scheduleOf(seed, path) },
  ])
  return verdicts.filter((verdict) => !tell(verdict)).length
}

/** Answers how many did not hold. */
async function runAll(servers: Servers, first: number, count: number): Promise<number> {
  const together = numberFrom('together', values.together)
  const failed: number[] = []
  const total: Record<string, number> = {}
  for (let done = 0; done < count; done += together) {
    const size = Math.min(together, count - done)
    const seeds = Array.from({ length: size }, (_, index) => first + done + index)
    const verdicts = await runSchedules(
      await servers.next(size),
      seeds.map((seed) => ({ seed })),
    )
    for (const verdict of verdicts) {
      for (const [name, value] of Object.entries(figuresOf(verdict))) {
        total[name] = (total[name] ?? 0) + value
      }
      if (tell(verdict)) continue
      failed.push(verdict.seed)
      const side = size > 1 ? `; beside its neighbours: --seed ${seeds[0]} --schedules ${size}` : ''
      console.log(`    again: npm run faults -- --seed ${verdict.seed}${side}`)
    }
  }
  // Side by side they share kills; the server has counted each once.
  console.log(`\n${count - failed.length} of ${count} schedules held, from seed ${first}`)
  console.log(words({ ...total, kills: servers.kills }))
  const [smallest] = failed
  const tries = numberFrom('shrink', values.shrink, 0)
  if (smallest !== undefined && tries > 0) {
    console.log(`\nmaking ${smallest} smaller, ${tries} tries at most`)
    console.log(await shrink(await servers.next(0), smallest, tries))
  }
  return failed.length
}

function numberFrom(name: string, text: string, least = 1): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) < least) {
    throw new PlainFailure(`--${name} is a whole number from ${least} on, not "${text}".`)
  }
  return Number(text)
}

function figuresOf(verdict: Verdict): Omit<Figures, 'kills'> {
  const { steps, accepted, frames, resumes, silent, hibernated, closed } = verdict
  return { steps, accepted, frames, resumes, silent, hibernated, closed }
}

function words(figures: object): string {
  return Object.entries(figures)
    .map(([name, value]) => `${value} ${name}`)
    .join(', ')
}

function tell(verdict: Verdict): boolean {
  const { seed, violations, stuck, kills, ms, schedule, events } = verdict
  const isFine = holds(verdict)
  const seconds = (ms / 1_000).toFixed(1)
  console.log(
    `${isFine ? '✓' : '✗'} seed ${seed}: ${words({ ...figuresOf(verdict), kills })}, ${seconds} s`,
  )
  for (const { rule, text } of violations) console.log(`    [${rule}] ${text}`)
  for (const what of stuck) console.log(`    never came to an end: ${what}`)
  if (!isFine && values.history !== undefined) {
    const kept = { seed, violations, stuck, schedule, events }
    writeFileSync(`${values.history}-${seed}.json`, `${JSON.stringify(kept, null, 1)}\n`)
  }
  return isFine
}
