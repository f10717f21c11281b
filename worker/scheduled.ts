// What runs by the clock. Both crons stand in wrangler.toml.
import { configurationOf, type Env } from './env.ts'
import { forgetOldSignIns } from './auth/retention.ts'
import { logFailure } from './log.ts'
import { seedDemoShop } from './seed.ts'
import { deliverDueTasks } from './tasks.ts'

/** Retention (AR9) runs here once it is built. */
const DAILY = '17 3 * * *'

/** Each minute: what hubs have not been told; in development the demo shop first, if there is none. */
export async function runScheduled({ cron }: ScheduledController, env: Env): Promise<void> {
  const { development } = configurationOf(env)
  try {
    if (cron === DAILY) return await forgetOldSignIns(env)
    if (development) await seedDemoShop(env)
    await deliverDueTasks(env)
  } catch (error) {
    logFailure('cron_failed', error, { cron })
    throw error
  }
}
