// Hands sends to the hub they are for, and turns what it says into an answer (NO3, AR3).
import type { SendItem, SendResult } from '../../durable-objects/rpc.ts'
import type { SendAnswer } from '../../protocol/api.ts'
import { locationStream, userStream } from '../../protocol/ids.ts'
import type { Send } from '../../protocol/notification.ts'
import type { Env } from '../env.ts'
import { askLocation, askUser, HUB_DEADLINE_MS } from '../hubs.ts'
import { HttpProblem } from '../problem.ts'
import type { Caller } from './clearance.ts'

/** A send that may go, and where it goes. */
export interface Outgoing {
  stream: string
  item: SendItem
  caller: Caller
}

/** The home of what is sent: the hub that writes it. */
export const homeOf = ({ to }: Send): string =>
  to.user_id === undefined ? locationStream(to.location_id ?? '') : userStream(to.user_id)

/** One call for all that goes to one hub. All of one caller's sends to a hub have the same `caller`. */
export async function deliver(
  env: Env,
  outgoing: readonly [Outgoing, ...Outgoing[]],
  { waitMs, deadlineMs = HUB_DEADLINE_MS }: { waitMs: number; deadlineMs?: number },
): Promise<SendResult[]> {
  const [{ caller, item }] = outgoing
  const items = outgoing.map((one) => one.item)
  const options = {
    deadlineMs: waitMs + deadlineMs,
    // Without a key a second call might be a second notification.
    again: items.every(({ idempotency }) => idempotency !== null),
  }
  const { to } = item.send
  return to.user_id === undefined
    ? askLocation(env, to.location_id ?? '', (hub) => hub.send(items, caller, waitMs), options)
    : askUser(env, to.user_id, (hub) => hub.send(items, waitMs), options)
}

/** The status and the body of an accepted send. */
export function acceptedAnswer(result: SendResult & { ok: true }): {
  status: 201 | 202
  body: SendAnswer
} {
  const { id, stream, seq, archived } = result
  return { status: archived ? 201 : 202, body: { id, stream, seq, archived, status: 'sent' } }
}

/** Why the hub did not take it, as a problem. */
export const refusalOf = ({ code, detail, pointer }: SendResult & { ok: false }) =>
  new HttpProblem(
    code,
    detail,
    pointer === undefined ? {} : { errors: [{ pointer, message: detail }] },
  )
