// [RE3] Web Push as far as the worker knows it: the deployment's key, and where subscriptions are written (AR7).
import {
  deletePushSubscription,
  putPushSubscription,
  type PushPutResult,
  type PushSubscriptionPut,
} from '../db/push-subscriptions.ts'
import { now } from '../durable-objects/clock.ts'
import { openVapid, type Vapid } from '../durable-objects/push/vapid.ts'
import { fromArchive } from './archive.ts'
import type { Env } from './env.ts'
import { HttpProblem } from './problem.ts'
import type { Settings } from './settings.ts'
import { deliverNow } from './tasks.ts'

const opened = new WeakMap<Settings, Promise<Vapid>>()

/** Throws 501 where the deployment has no key: then it has no Web Push. */
export function vapidOf(settings: Settings): Promise<Vapid> {
  const { VAPID_PRIVATE_KEY: key, VAPID_SUBJECT: subject } = settings
  if (key === undefined || subject === undefined) {
    throw new HttpProblem(
      'not_available',
      'This deployment has no Web Push: set VAPID_PRIVATE_KEY and VAPID_SUBJECT.',
    )
  }
  const known = opened.get(settings) ?? openVapid(key, subject)
  opened.set(settings, known)
  return known
}

export async function saveSubscription(
  env: Env,
  put: PushSubscriptionPut,
): Promise<Pick<PushPutResult, 'outcome' | 'row'>> {
  const { outcome, row, tasks } = await fromArchive(env, (db) =>
    putPushSubscription(db, put, now()),
  )
  await deliverNow(env, tasks)
  return { outcome, row }
}

/** False when there was none. */
export async function removeSubscription(
  env: Env,
  userId: string,
  device: string,
): Promise<boolean> {
  const { found, tasks } = await fromArchive(env, (db) =>
    deletePushSubscription(db, userId, device, now()),
  )
  await deliverNow(env, tasks)
  return found
}
