// From a send to what the log keeps (NO1, NO3): ids and times are given, nothing is invented here.
import { typeRow } from '../../protocol/notification-types.ts'
import type { Send, StoredNotification } from '../../protocol/notification.ts'

/** [IN1] What an entry asks of its reader; bits, so that the archive can index them. */
export const ASKS_ACKNOWLEDGEMENT = 1
export const ASKS_ACTION = 2

export const asksOf = (entry: StoredNotification): number =>
  (entry.requires_ack ? ASKS_ACKNOWLEDGEMENT : 0) | (entry.actions ? ASKS_ACTION : 0)

interface Given {
  id: string
  sender: string
  sentAt: number
  created_at: string
  /** The id of the one it takes the place of (NO6). */
  replaces: string | null
}

/** A location's entry belongs to that location, also when the send did not say so. */
export function storedFrom(send: Send, given: Given): StoredNotification {
  const location_id = send.location_id ?? send.to.location_id
  return {
    id: given.id,
    type: send.type,
    priority: send.priority ?? typeRow(send.type).priority,
    ...(send.title !== undefined && { title: send.title }),
    ...(send.message !== undefined && { message: send.message }),
    ...(send.data !== undefined && { data: send.data }),
    to: send.to,
    ...(location_id !== undefined && { location_id }),
    sender: given.sender,
    sent_at: new Date(given.sentAt).toISOString(),
    created_at: given.created_at,
    ...(send.deliver_at !== undefined && { deliver_at: send.deliver_at }),
    ...(send.expires_at !== undefined && { expires_at: send.expires_at }),
    ...(send.collapse_key !== undefined && { collapse_key: send.collapse_key }),
    ...(given.replaces !== null && { replaces: given.replaces }),
    ...(send.entity !== undefined && { entity: send.entity }),
    ...(send.actions !== undefined && { actions: send.actions }),
    ...(send.requires_ack === true && { requires_ack: true }),
  }
}
