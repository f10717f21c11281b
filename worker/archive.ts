// D1 as routes use it: bounded in time, and 503 archive_unavailable when it does not answer (AR4).
import { BadCursor, classifyFailure } from '../db/errors.ts'
import { openDatabase, type Database } from '../db/open.ts'
import { within } from '../durable-objects/timeouts.ts'
import type { Env } from './env.ts'
import { logFailure } from './log.ts'
import { HttpProblem, notNow } from './problem.ts'

/** D1 itself gives up after 30 s; whoever asked has left by then. */
const ARCHIVE_DEADLINE_MS = 5_000
const RETRY_AFTER_S = 2

/** Asks D1. Throws a problem that says what the caller can do, or the error as it is when it is ours. */
export async function fromArchive<T>(
  env: Pick<Env, 'DB'>,
  ask: (db: Database) => Promise<T>,
): Promise<T> {
  try {
    return await within(ARCHIVE_DEADLINE_MS, ask(openDatabase(env.DB)))
  } catch (error) {
    throw toArchiveProblem(error)
  }
}

function toArchiveProblem(error: unknown): unknown {
  if (error instanceof HttpProblem) return error
  if (error instanceof BadCursor) {
    const { message, parameter } = error
    return new HttpProblem('invalid', 'The cursor is not one of this list; begin without one.', {
      errors: [{ pointer: `/${parameter}`, message }],
    })
  }
  // Nothing of D1's is one of these: they are mistakes in code.
  if (error instanceof TypeError || error instanceof RangeError) return error
  const kind = classifyFailure(error)
  if (kind === 'content' || kind === 'fence') return error
  logFailure('archive_call_failed', error, { kind })
  return notNow('archive_unavailable', RETRY_AFTER_S)
}
