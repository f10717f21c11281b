// [CO5] The key of a send belongs to the caller and the route; the hub that keeps it is the third part of its name.
import type { Idempotency, Identity } from '../../durable-objects/rpc.ts'
import { MAX_IDEMPOTENCY_KEY_CHARS } from '../../protocol/limits.ts'
import type { Send } from '../../protocol/notification.ts'
import { hashOf } from '../canonical.ts'
import { HttpProblem } from '../problem.ts'

/** The key of a request's header, or null where it is not sent. */
export function idempotencyHeader(headers: Headers): string | null {
  const key = headers.get('Idempotency-Key')
  if (key === null || (key.length >= 1 && key.length <= MAX_IDEMPOTENCY_KEY_CHARS)) return key
  throw new HttpProblem(
    'bad_request',
    `Idempotency-Key must have 1 to ${MAX_IDEMPOTENCY_KEY_CHARS} characters.`,
  )
}

/** What the hub keeps beside the entry. */
export async function idempotencyOf(
  { sub }: Identity,
  route: string,
  key: string | null,
  send: Send,
): Promise<Idempotency | null> {
  return key === null ? null : { key: `${sub} ${route} ${key}`, hash: await hashOf(send) }
}
