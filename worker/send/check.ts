// What a send must be beyond its schema: its size, its times, its place. Pure.
import { MAX_NOTIFICATION_BYTES } from '../../protocol/limits.ts'
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

/** [NO5] What lies in the past is judged by the hub, after it has looked for the key (CO5). */
function checkTimes({ deliver_at }: Send, nowMs: number): void {
  if (deliver_at !== undefined && Date.parse(deliver_at) > nowMs) {
    throw notBuiltYet('Sending later (deliver_at)')
  }
}
