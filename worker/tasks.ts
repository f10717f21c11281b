// [AR7] Tells hubs that their copy of the directory is out of date: at once by the route that changed it, and from a cron
// for what was left over. Telling one twice does no harm.
import { dueTasks, finishTask, postponeTask, type HubTask } from '../db/tasks.ts'
import { now } from '../durable-objects/clock.ts'
import type { Region } from '../protocol/api.ts'
import { fromArchive } from './archive.ts'
import type { Env } from './env.ts'
import { askStream } from './hubs.ts'
import { logFailure } from './log.ts'

/** A minute's cron must be over before the next one. */
const TASKS_PER_RUN = 200
const SIDE_BY_SIDE = 20
const FIRST_DELAY_MS = 60_000
const LONGEST_DELAY_MS = 3_600_000

type Told = 'told' | 'not told'

/** Delivers what a directory write has just queued. What does not arrive is left to the cron: the write stands. */
export async function deliverNow(
  env: Env,
  tasks: readonly HubTask[],
  region?: Region | null,
): Promise<void> {
  for (const group of groups(tasks)) {
    await Promise.all(group.map((task) => tell(env, task, region)))
  }
}

/** The cron's part: everything that is due, oldest first. */
export async function deliverDueTasks(env: Env): Promise<void> {
  const due = await fromArchive(env, (db) => dueTasks(db, now(), TASKS_PER_RUN))
  for (const group of groups(due)) {
    await Promise.all(
      group.map(async (task) => {
        if ((await tell(env, task)) === 'told') return
        const delay = Math.min(FIRST_DELAY_MS * 2 ** task.attempts, LONGEST_DELAY_MS)
        await fromArchive(env, (db) => postponeTask(db, task.id, now() + delay))
      }),
    )
  }
}

async function tell(env: Env, { id, hub }: HubTask, region?: Region | null): Promise<Told> {
  try {
    await askStream(env, hub, (stub) => stub.refreshDirectory(), { region: region ?? null })
    await fromArchive(env, (db) => finishTask(db, id))
    return 'told'
  } catch (error) {
    logFailure('hub_not_told', error, { stream: hub })
    return 'not told'
  }
}

function* groups<T>(all: readonly T[]): Generator<T[]> {
  for (let at = 0; at < all.length; at += SIDE_BY_SIDE) yield all.slice(at, at + SIDE_BY_SIDE)
}
