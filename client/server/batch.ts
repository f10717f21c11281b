// Many notifications in few requests (NO3). Each item is checked, answered and tried again for itself.
import { MAX_BATCH_BODY_BYTES, MAX_BATCH_ITEMS } from '../../protocol/limits.ts'
import { ShopbellError } from '../errors.ts'
import { BatchAnswer, outcomeOf } from './answers.ts'
import { checkKey, checkNotice } from './check.ts'
import type { Attempt } from './delivery.ts'
import type { BatchNotice, BatchResult } from './sends.ts'
import { tryAgain, type Ground } from './tries.ts'

interface Item {
  index: number
  /** The item with its key, as it goes out on every try. */
  json: string
}

const FRAME_BYTES = '{"notifications":[]}'.length
const utf8 = new TextEncoder()

/**
 * One result per notice, in their order. Rejects only if nobody knows more than that: when no item at all was
 * answered. Requests go one after the other; when one fails for good, those behind it are not tried.
 */
export async function sendBatch(
  ground: Ground,
  attempt: Attempt,
  notices: readonly BatchNotice[],
  key: string,
): Promise<BatchResult[]> {
  const batch = new Batch()
  const items = notices.flatMap((notice, index) => {
    const item = batch.checked(notice, index, key)
    return item ? [item] : []
  })
  for (const chunk of chunksOf(items)) {
    try {
      await tryAgain(ground, (timeoutMs) => batch.send(attempt, chunk, timeoutMs))
    } catch (error) {
      if (!(error instanceof ShopbellError)) throw error
      if (batch.failedItem === error) continue
      if (!batch.isAnswered) throw error
      return batch.resultsOf(notices, error)
    }
  }
  return batch.resultsOf(notices, null)
}

class Batch {
  readonly #results = new Map<number, BatchResult>()
  /** The server answered at least one item. */
  isAnswered = false
  /** The error that the newest try ended with, if it is an item's own. */
  failedItem: ShopbellError | null = null

  /** Null: it is refused already here. */
  checked({ idempotency_key, ...notice }: BatchNotice, index: number, key: string): Item | null {
    const ownKey = idempotency_key ?? `${key}:${index}`
    try {
      checkKey(ownKey)
      checkNotice(notice)
    } catch (error) {
      if (!(error instanceof ShopbellError)) throw error
      this.#results.set(index, { ok: false, index, error })
      return null
    }
    return { index, json: JSON.stringify({ ...notice, idempotency_key: ownKey }) }
  }

  /** Sends what of the chunk is not settled yet, and throws for what may still become so. */
  async send(attempt: Attempt, chunk: readonly Item[], timeoutMs: number): Promise<void> {
    this.failedItem = null
    const open = chunk.filter(({ index }) => this.#isOpen(index))
    const { value } = await attempt({
      path: '/notifications/batch',
      body: `{"notifications":[${open.map(({ json }) => json).join(',')}]}`,
      answer: BatchAnswer,
      timeoutMs,
    })
    for (const [place, { index }] of open.entries()) this.#note(index, value.results[place])
    const again = open.map(({ index }) => this.#results.get(index)).find(isOpenResult)
    if (!again || again.ok) return
    this.failedItem = again.error
    throw again.error
  }

  resultsOf(notices: readonly BatchNotice[], missing: ShopbellError | null): BatchResult[] {
    return notices.map((_notice, index) => {
      const known = this.#results.get(index)
      if (known) return known
      const error =
        missing ?? new ShopbellError('bad_answer', { detail: 'this item got no answer' })
      return { ok: false, index, error }
    })
  }

  #note(index: number, item: BatchAnswer['results'][number] | undefined): void {
    if (!item) return
    this.isAnswered = true
    const outcome = outcomeOf(item)
    this.#results.set(
      index,
      outcome.ok
        ? { ok: true, index, ...outcome.result }
        : { ok: false, index, error: outcome.error },
    )
  }

  #isOpen(index: number): boolean {
    const known = this.#results.get(index)
    return !known || isOpenResult(known)
  }
}

const isOpenResult = (result: BatchResult | undefined): boolean =>
  result !== undefined && !result.ok && result.error.retryable

/** [NO3][CO6] Requests that the server takes: not too many items, not too many bytes. */
export function chunksOf(items: readonly Item[]): Item[][] {
  const chunks: Item[][] = []
  let bytes = Infinity
  for (const item of items) {
    const size = utf8.encode(item.json).length + 1
    let chunk = chunks.at(-1)
    if (!chunk || chunk.length >= MAX_BATCH_ITEMS || bytes + size > MAX_BATCH_BODY_BYTES) {
      chunk = []
      chunks.push(chunk)
      bytes = FRAME_BYTES
    }
    chunk.push(item)
    bytes += size
  }
  return chunks
}
