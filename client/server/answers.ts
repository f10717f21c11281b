// What the server says about one send, alone or in a batch.
import * as v from 'valibot'
import { problemOf, ShopbellError } from '../errors.ts'
import type { SendResult } from './sends.ts'

/** [NO3] A scheduled one has no seq; of a broadcast only the id is known. */
export const Accepted = v.object({
  id: v.string(),
  status: v.picklist(['sent', 'scheduled', 'broadcasting']),
  stream: v.optional(v.nullable(v.string()), null),
  seq: v.optional(v.nullable(v.number()), null),
  archived: v.optional(v.boolean(), false),
})
export type Accepted = v.InferOutput<typeof Accepted>

export const resultOf = (accepted: Accepted, replayed: boolean): SendResult => ({
  ...accepted,
  replayed,
})

/** An item's `status` is HTTP's, which hides the word that a single send has there. */
const Item = v.looseObject({
  status: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)),
})
export const BatchAnswer = v.object({ results: v.array(Item) })
export type BatchAnswer = v.InferOutput<typeof BatchAnswer>

const AcceptedItem = v.object({
  ...v.omit(Accepted, ['status']).entries,
  idempotent_replayed: v.optional(v.boolean(), false),
})

export type ItemOutcome = { ok: true; result: SendResult } | { ok: false; error: ShopbellError }

/** One item of a batch: accepted, or a problem like that of a request of its own. */
export function outcomeOf(item: v.InferOutput<typeof Item>): ItemOutcome {
  const { status } = item
  if (status >= 300) return { ok: false, error: problemOf(new Response(null, { status }), item) }
  const parsed = v.safeParse(AcceptedItem, item)
  if (!parsed.success) {
    const detail = `the answer to an item is not Shopbell's: ${parsed.issues[0].message}`
    return { ok: false, error: new ShopbellError('bad_answer', { status, detail }) }
  }
  const { idempotent_replayed, ...accepted } = parsed.output
  const word = statusOf(accepted)
  return { ok: true, result: resultOf({ ...accepted, status: word }, idempotent_replayed) }
}

const statusOf = ({ stream, seq }: Pick<Accepted, 'stream' | 'seq'>): Accepted['status'] => {
  if (stream === null) return 'broadcasting'
  return seq === null ? 'scheduled' : 'sent'
}
