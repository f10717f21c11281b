// [NO5] The times of a send, judged when it would be written: a replay of a key is answered before anybody looks at the clock (CO5).
import { DELIVER_AT_GRACE_MS } from '../../protocol/limits.ts'
import type { Send } from '../../protocol/notification.ts'

/** What is wrong with the times, with a pointer; null: nothing. */
export function wrongTime(
  { deliver_at, expires_at }: Pick<Send, 'deliver_at' | 'expires_at'>,
  now: number,
): { pointer: string; message: string } | null {
  if (deliver_at !== undefined && Date.parse(deliver_at) < now - DELIVER_AT_GRACE_MS) {
    const message = `must not be more than ${DELIVER_AT_GRACE_MS / 1000} s ago`
    return { pointer: '/deliver_at', message }
  }
  if (expires_at !== undefined && Date.parse(expires_at) <= now) {
    return { pointer: '/expires_at', message: 'must lie in the future' }
  }
  return null
}
