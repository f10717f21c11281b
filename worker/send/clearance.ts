// [AU7] May this caller send this? The token says what it can; the rest is asked of rosters.
import type { Identity } from '../../durable-objects/rpc.ts'
import type { Send } from '../../protocol/notification.ts'
import { refused } from '../auth/guard.ts'
import { mayAnywhere, permits, type RouteName, type Rule } from '../auth/permissions.ts'
import type { Env } from '../env.ts'
import { askLocation } from '../hubs.ts'

/** Who must be a manager by the hub's own roster; null: nobody, the token is enough. */
export type Caller = { managerId: string } | null

/** Answers for each send of one request whether it may go; throws the route's refusal otherwise. */
export function clearanceFor(env: Env, identity: Identity, route: RouteName) {
  const vouched = new Map<string, Promise<boolean>>()
  return async ({ to }: Pick<Send, 'to'>, rule: Rule = ruleOf(to)): Promise<Caller> => {
    if (permits(rule, identity, {})) return null
    if (!mayAnywhere(rule, identity)) throw refused(route)
    if (to.user_id === undefined) return { managerId: identity.sub }
    const asked = vouched.get(to.user_id) ?? isVouchedFor(env, identity, to.user_id)
    vouched.set(to.user_id, asked)
    if (!(await asked)) throw refused(route)
    return null
  }
}

function ruleOf(to: Send['to']) {
  if (to.user_id !== undefined) return 'send to a person'
  return to.location_id !== undefined ? 'send to a location' : 'send to all'
}

/**
 * Asks the hubs of the locations that the claim names, side by side: one roster must hold the sender as manager and the
 * recipient as member. The claimed role is not looked at, for it may be older than the roster.
 */
async function isVouchedFor(env: Env, { sub, loc }: Identity, userId: string): Promise<boolean> {
  const answers = await Promise.allSettled(
    Object.keys(loc).map((id) => askLocation(env, id, (hub) => hub.vouch(sub, userId))),
  )
  if (answers.some((one) => one.status === 'fulfilled' && one.value)) return true
  // A roster that did not answer might have said yes.
  const failed = answers.find((one) => one.status === 'rejected')
  if (failed) throw failed.reason
  return false
}
