// [NO3][CO5][NO6] Writes sends into a hub's log, all of a call in one transaction.
import { uuidv7 } from 'uuidv7'
import { MAX_NOTIFICATION_BYTES } from '../../protocol/limits.ts'
import { now } from '../clock.ts'
import { audienceOf } from '../core/audience.ts'
import { storedFrom } from '../core/notification.ts'
import { wrongTime } from '../core/send-times.ts'
import type { SendItem, SendResult } from '../rpc.ts'
import type { LogEntry } from '../store/log.ts'
import type { Hub } from './hub.ts'

export type Refusal = Extract<SendResult, { ok: false }>

export interface Appended {
  results: SendResult[]
  /** New entries, in seq order; replays add none. */
  entries: LogEntry[]
}

/** `refuse` names what this hub cannot take, before anything is written. */
export function appendSends(
  hub: Hub,
  items: readonly SendItem[],
  refuse: (item: SendItem) => Refusal | null = () => null,
): Appended {
  const entries: LogEntry[] = []
  const results = hub.transaction(() =>
    items.map((item): SendResult => {
      // The key comes first: what was answered once is answered again, whatever has changed since (CO5).
      const earlier = item.idempotency && hub.log.byIdempotencyKey(item.idempotency.key)
      if (earlier) return replay(hub, item, earlier)
      const refusal = refuse(item) ?? refuseTimes(item)
      if (refusal) return refusal
      const entry = append(hub, item)
      if (!entry) {
        const detail = `one notification may have ${MAX_NOTIFICATION_BYTES} bytes as JSON`
        return { ok: false, code: 'too_large', detail }
      }
      entries.push(entry)
      return answer(hub, entry, false)
    }),
  )
  return { results, entries }
}

/** [CO5] Same key: the same answer, or a refusal where the body is another. */
function replay(hub: Hub, item: SendItem, earlier: LogEntry): SendResult {
  if (earlier.idem_hash === item.idempotency?.hash) return answer(hub, earlier, true)
  return {
    ok: false,
    code: 'idempotency_mismatch',
    detail: 'This Idempotency-Key was used with another body; nothing was sent.',
  }
}

function refuseTimes({ send }: SendItem): Refusal | null {
  const wrong = wrongTime(send, now())
  return wrong && { ok: false, code: 'invalid', detail: wrong.message, pointer: wrong.pointer }
}

const answer = (hub: Hub, entry: LogEntry, replayed: boolean): SendResult => ({
  ok: true,
  id: entry.id ?? '',
  stream: hub.stream,
  seq: entry.seq,
  archived: hub.hasArchived(entry.seq),
  replayed,
})

/** Null: too large. */
function append(hub: Hub, item: SendItem): LogEntry | null {
  const { send, idempotency } = item
  const at = hub.log.nextTime(now())
  const audience = audienceOf(send)
  const id = uuidv7()
  const key = send.collapse_key ?? null
  const replaced = key === null ? null : hub.collapse.shown(key, audience)
  const stored = storedFrom(send, {
    id,
    sender: item.sender,
    sentAt: at,
    created_at: item.created_at,
    replaces: replaced?.id ?? null,
  })
  const body = JSON.stringify(stored)
  if (new TextEncoder().encode(body).length > MAX_NOTIFICATION_BYTES) return null
  const entry = hub.log.append({
    kind: 'notification',
    id,
    at,
    audience,
    expires_at: stored.expires_at === undefined ? null : Date.parse(stored.expires_at),
    collapse_key: key,
    idem_key: idempotency?.key ?? null,
    idem_hash: idempotency?.hash ?? null,
    body,
  })
  if (key !== null) {
    hub.log.replace(null, key, audience, entry.seq)
    hub.collapse.show(key, audience, { id, seq: entry.seq }, at)
  }
  return entry
}

/** [AR3] Waits once for the whole call, then says of each entry how it is now. */
export async function settleArchived(
  hub: Hub,
  results: readonly SendResult[],
  waitMs: number,
): Promise<SendResult[]> {
  const last = Math.max(0, ...results.map((one) => (one.ok ? one.seq : 0)))
  if (last > 0) await hub.archiver.waitFor(last, waitMs)
  return results.map((one) => (one.ok ? { ...one, archived: hub.hasArchived(one.seq) } : one))
}
