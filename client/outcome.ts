// [TR6][CO3] What an answer means for an operation of the outbox.
import type { CommandAnswer } from '../protocol/api.ts'
import { stateOf } from './core/operation.ts'
import type { Asked, ShopbellError } from './errors.ts'
import type { Millis, Outcome, Wish } from './types.ts'

/** Without a valid sign-in, or where something in between answers: asking soon does not help. */
const PATIENCE_MS = 60_000

/** [CO3] What an answer means for an operation. */
export function outcomeOf(wish: Wish, asked: Asked<CommandAnswer>): Outcome {
  if (asked.ok) return { kind: 'done', answer: asked.answer }
  const { error } = asked
  if (!isFinal(error)) return { kind: 'later', retryAfterMs: patienceOf(error) }
  // Somebody was faster; it is gone, and that is what was asked for.
  const isGoneAnyway = error.code === 'not_found' && stateOf(wish) === 'deleted'
  if (isGoneAnyway) return { kind: 'done', answer: null }
  return { kind: 'refused', code: error.code, status: error.status, detail: error.message }
}

/**
 * Only the server itself may refuse, and it names the request: what a hotel's or a shop's own network answers in its
 * place says nothing about what a person did.
 */
const isFinal = (error: ShopbellError): boolean =>
  error.requestId !== null && error.reaction !== 'retry' && error.reaction !== 'reauth'

function patienceOf(error: ShopbellError): Millis {
  const asked = error.retryAfterMs ?? 0
  return error.reaction === 'retry' ? asked : Math.max(asked, PATIENCE_MS)
}
