// [AU8] The list of this isolate, and where it comes from.
import { openDatabase } from '../../db/open.ts'
import { listRevoked } from '../../db/revocations.ts'
import { now } from '../../durable-objects/clock.ts'
import type { Identity } from '../../durable-objects/rpc.ts'
import type { RequestContext } from '../context.ts'
import { within } from '../../durable-objects/timeouts.ts'
import { logFailure } from '../log.ts'
import { RevokedList } from './revoked-list.ts'

const lists = new WeakMap<D1Database, RevokedList>()

function listOf(binding: D1Database): RevokedList {
  const known = lists.get(binding)
  if (known !== undefined) return known
  const list = new RevokedList({
    read: () => listRevoked(openDatabase(binding), now()),
    now,
    within,
    failed: (error) => logFailure('revocations_not_read', error),
  })
  lists.set(binding, list)
  return list
}

/** Has the session of this token ended, or its key been revoked? */
export const isRevoked = (c: RequestContext, { sub, sid }: Identity): Promise<boolean> =>
  listOf(c.env.DB).has([sub, sid], (work) => c.executionCtx.waitUntil(work))

/** To be called where something was revoked: this isolate knows at once, the others within five seconds. */
export const readAgain = (binding: D1Database): void => listOf(binding).readAgain()
