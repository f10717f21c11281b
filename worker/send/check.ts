// What a send must be beyond its schema: its size, its times, its place. Pure.
import { DELIVER_AT_GRACE_MS, MAX_NOTIFICATION_BYTES } from '../../protocol/limits.ts'
import { Send } from '../../protocol/notification.ts'
import { parse } from '../input.ts'
import { HttpProblem, notBuiltYet } from '../problem.ts'

const wrong = (pointer: string, message: string) =>
  new HttpProblem('invalid', 'See errors for what is wrong where.', {
    errors: [{ pointer, message }],
  })

/** [NO3] One notification from outside, checked. Pointers are relative to it. */
export function checkSend(value: unknown, nowMs: number): Send {
  const send = parse(Send, value)
  if (new TextEncoder().encode(JSON.stringify(send)).byteLength > MAX_NOTIFICATION_BYTES) {
    const detail = `One notification may have ${MAX_NOTIFICATION_BYTES} bytes as JSON.`
    throw new HttpProblem('too_large', detail)
  }
  if (
    send.to.location_id !== undefined &&
    (send.location_id ?? send.to.location_id) !== send.to.location_id
  ) {
    throw wrong('/location_id', 'must be the location it is sent to')
  }
  checkTimes(send, nowMs)
  if (send.to.all) throw notBuiltYet('Sending to everybody')
  return send
}

/** [NO5] */
function checkTimes({ deliver_at, expires_at }: Send, nowMs: number): void {
  if (deliver_at !== undefined) {
    const at = Date.parse(deliver_at)
    if (at < nowMs - DELIVER_AT_GRACE_MS) {
      throw wrong('/deliver_at', `must not be more than ${DELIVER_AT_GRACE_MS / 1000} s ago`)
    }
    if (at > nowMs) throw notBuiltYet('Sending later (deliver_at)')
  }
  if (expires_at !== undefined && Date.parse(expires_at) <= nowMs) {
    throw wrong('/expires_at', 'must lie in the future')
  }
}
