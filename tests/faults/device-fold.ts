// [AR5] A client's inbox, folded as the specification says and in the plainest way: everything is kept, and all of it is
// gone through again whenever somebody asks. It shares no code with the client that it is compared with.
import type { InboxAnswer } from '../../protocol/api.ts'
import type { Notification } from '../../protocol/notification.ts'
import type { LoggedFrame, StateData } from '../../protocol/server-frames.ts'
import type { Held } from './history.ts'

export interface Snapshot {
  /** Newest first, all of them. */
  rows: Notification[]
  asOf: InboxAnswer['as_of']
}

interface Item {
  entry: Notification
  isRead: boolean
  /** Above the snapshot. */
  isNew: boolean
}

/** What a device holds, oldest first. `shops`: the locations that the hub last said are the person's. */
export function fold(
  { rows, asOf }: Snapshot,
  frames: readonly LoggedFrame[],
  shops: ReadonlySet<string>,
): Held[] {
  const items = new Map<string, Item>()
  for (const entry of rows.toReversed()) {
    items.set(entry.id, { entry, isRead: entry.state?.is_read ?? false, isNew: false })
  }
  for (const frame of frames) {
    const { stream, seq } = frame.data
    // A stream that the snapshot does not name was not the person's then; it may have become theirs since.
    const covered = asOf[stream] ?? (shops.has(stream) ? 0 : null)
    if (covered === null) continue
    const isAbove = seq > covered
    if (frame.type === 'notification_state') change(items, frame.data, isAbove)
    else if (isAbove) add(items, frame.data)
  }
  return [...items.values()].map(({ entry, isRead }) => {
    const { id, stream, seq } = entry
    return { id, stream, seq, isRead }
  })
}

function add(items: Map<string, Item>, entry: Notification): void {
  if (items.has(entry.id)) return
  for (const [id, older] of items) {
    if (entry.collapse_key !== null && keyOf(older.entry) === keyOf(entry)) items.delete(id)
  }
  items.set(entry.id, { entry, isRead: entry.state?.is_read ?? false, isNew: true })
}

const keyOf = ({ stream, to, collapse_key }: Notification) =>
  JSON.stringify([stream, to['user_id'], to['location_id'], to['roles'], collapse_key])

function change(items: Map<string, Item>, data: StateData, isAbove: boolean): void {
  const named = new Set(data.notification_ids)
  for (const [id, item] of items) {
    if (!isAbove && !item.isNew) continue
    const { stream, seq } = item.entry
    if (!named.has(id) && seq > (data.up_to?.[stream] ?? 0)) continue
    if (data.state === 'read') item.isRead = true
    else if (data.state === 'unread') item.isRead = false
    else if (data.state === 'deleted' || data.state === 'archived') items.delete(id)
  }
}
