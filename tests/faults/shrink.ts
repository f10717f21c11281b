// From a schedule that fails to a smaller one that does.
import * as fc from 'fast-check'
import { holds, runSchedules } from './run-schedule.ts'
import { schedules, type Timed } from './schedule.ts'
import type { FaultServer } from './server.ts'

/** Whatever is not settled by then counts as failed; a run that fails costs this. */
const PATIENCE_MS = 25_000

/** Runs it alone, and while it fails smaller ones, `tries` in all; answers what to tell, with the command for the smallest. */
export async function shrink(server: FaultServer, seed: number, tries: number): Promise<string> {
  let left = tries
  const fails = async (schedule: Timed[]) => {
    left -= 1
    // A run takes long, so when the tries are used up the smallest one so far has to do.
    if (left < 0) return false
    const [verdict] = await runSchedules(server, [{ seed, schedule, patienceMs: PATIENCE_MS }])
    return verdict !== undefined && !holds(verdict)
  }
  const { counterexample, counterexamplePath } = await fc.check(
    fc.asyncProperty(schedules, async (schedule) => !(await fails(schedule))),
    { seed, numRuns: 1 },
  )
  if (!counterexample || counterexamplePath === null) return 'alone it holds'
  const [schedule] = counterexample
  return [
    ...schedule.map(({ step, thenMs }) => `    ${JSON.stringify(step)}, then ${thenMs} ms`),
    `again: npm run faults -- --seed ${seed} --path ${counterexamplePath}`,
  ].join('\n')
}
