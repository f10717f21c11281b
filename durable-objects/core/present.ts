// [NO1] What a reader gets of a stored entry: the one shape for lists, sockets and push. It decides
// nothing about who may read.
import { categoryOf } from '../../protocol/notification-types.ts'
import type {
  Notification,
  NotificationState,
  StoredNotification,
} from '../../protocol/notification.ts'
import type { Reader } from './texts/texts.ts'
import { writeText } from './texts/texts.ts'

/** Where the entry was first written. */
export interface Home {
  stream: string
  seq: number
}

/**
 * Turns a stored entry into what goes out. Given texts go out as they came, missing ones are written
 * in the reader's language and zone (NO2). `state` is null on a location's socket (NO4).
 */
export function present(
  stored: StoredNotification,
  home: Home,
  reader: Reader,
  state: NotificationState | null,
): Notification {
  return {
    id: stored.id,
    type: stored.type,
    category: categoryOf(stored.type),
    priority: stored.priority,
    ...textsOf(stored, reader),
    data: stored.data ?? {},
    to: stored.to,
    location_id: stored.location_id ?? null,
    sender: stored.sender,
    sent_at: stored.sent_at,
    created_at: stored.created_at,
    deliver_at: stored.deliver_at ?? null,
    expires_at: stored.expires_at ?? null,
    collapse_key: stored.collapse_key ?? null,
    replaces: stored.replaces ?? null,
    entity: stored.entity ?? null,
    actions: stored.actions ?? [],
    requires_ack: stored.requires_ack ?? false,
    stream: home.stream,
    seq: home.seq,
    state,
  }
}

function textsOf(stored: StoredNotification, reader: Reader) {
  const { title, message } = stored
  if (title !== undefined && message !== undefined) return { title, message }
  const written = writeText(stored.type, stored.data ?? {}, reader)
  return { title: title ?? written.title, message: message ?? written.message }
}
