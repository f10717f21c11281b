// [AU2][AU8] Signing people out. D1 commits first; then the hubs hear of it (AR7), close what the session had open and
// refuse its tokens.
import { endSessions, type Ending } from '../../db/sessions.ts'
import { now } from '../../durable-objects/clock.ts'
import { fromArchive } from '../archive.ts'
import type { Env } from '../env.ts'
import { deliverNow } from '../tasks.ts'
import { readAgain } from './revocations.ts'

/** Ends one session, or all of a person, with everything that is open in their name. */
export async function endSession(env: Env, ending: Ending): Promise<void> {
  const tasks = await fromArchive(env, (db) => endSessions(db, ending, now()))
  readAgain(env.DB)
  await deliverNow(env, tasks)
}
