// What arrives, to those who asked for its type or category.
import * as v from 'valibot'
import {
  Category,
  NOTIFICATION_TYPES,
  type NotificationType,
} from '../../protocol/notification-types.ts'
import { entryOf } from '../core/entry.ts'
import type { InboxEntry, Shopbell } from '../types.ts'

export type Route = NotificationType | Category

type Known<T extends NotificationType> = Omit<InboxEntry, 'type' | 'data'> & {
  type: T
  data: v.InferOutput<(typeof NOTIFICATION_TYPES)[T]['data']>
}

/** By type an entry has that type's data; by category it may be a type that this build does not know. */
export type EntryOf<R extends Route> = R extends NotificationType ? Known<R> : InboxEntry

export type Handler<R extends Route> = (entry: EntryOf<R>) => void

/**
 * Calls `handler` for each entry that comes over the socket, live or made up for after a break; what was there
 * before, or comes with a list only, is in the inbox and rings nobody. Answers the function that stops it.
 */
export function subscribe<R extends Route>(
  { connection }: Pick<Shopbell, 'connection'>,
  to: R,
  handler: Handler<R>,
): () => void {
  return connection.onFrames((frames) => {
    for (const frame of frames) {
      if (frame.type !== 'notification') continue
      const entry = entryOf(frame.data)
      if (isOn(to, entry)) handler(entry)
    }
  })
}

function isOn<R extends Route>(to: R, entry: InboxEntry): entry is InboxEntry & EntryOf<R> {
  if (v.is(Category, to) && to !== 'custom') return entry.category === to
  // A type's data is checked here too: who handles it takes its fields for granted.
  return entry.type === to && v.is(NOTIFICATION_TYPES[to as NotificationType].data, entry.data)
}
