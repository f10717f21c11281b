// What nobody can use any more of signing in goes once a day.
import { forgetRevocations } from '../../db/revocations.ts'
import { forgetSessions } from '../../db/sessions.ts'
import { forgetFailures } from '../../db/sign-in-failures.ts'
import { now } from '../../durable-objects/clock.ts'
import { fromArchive } from '../archive.ts'
import type { Env } from '../env.ts'
import { SIGN_IN_LIMIT } from './sign-in-limit.ts'

/** Sessions that are over, revocations that no token can meet, failures that count nowhere. */
export async function forgetOldSignIns(env: Env): Promise<void> {
  const at = now()
  await fromArchive(env, async (db) => {
    await forgetSessions(db, at)
    await forgetRevocations(db, at)
    await forgetFailures(db, SIGN_IN_LIMIT, at)
  })
}
