// What the inbox gives and takes.
import type { Place } from '../protocol/ids.ts'
import type { Category, NotificationType, Priority } from '../protocol/notification-types.ts'
import type { NotificationState, StoredNotification } from '../protocol/notification.ts'

/** One entry with what its reader did with it. `place` is its home. */
export interface InboxRow {
  stored: StoredNotification
  place: Place
  category: Category
  state: NotificationState
}

/** In whose words and zones an entry is written; `zones` by location. */
export interface Reader {
  locale: string
  time_zone: string | null
  zones: Record<string, string>
}

export interface InboxFilters {
  category?: Category | undefined
  type?: NotificationType | undefined
  location_id?: string | undefined
  priority?: Priority | undefined
  unread?: boolean | undefined
  archived?: boolean | undefined
}
