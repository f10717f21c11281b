// What marks do to an entry, said once more and more simply than the client says it.
import type { Notification, NotificationState } from '../../protocol/notification.ts'
import type { StateChange } from '../../protocol/server-frames.ts'

/** What one reader did with one entry, as plain facts. */
export interface Facts {
  read: boolean
  seen: boolean
  archived: boolean
  acknowledged: boolean
  acted: boolean
  /** By the person. A step over an entry that was replaced before is still a step. */
  deleted: boolean
  gone: boolean
}

export const NO_FACTS: Facts = {
  read: false,
  seen: false,
  archived: false,
  acknowledged: false,
  acted: false,
  deleted: false,
  gone: false,
}

export function apply(fact: Facts, state: StateChange): void {
  const reads = ['read', 'archived', 'acknowledged'].includes(state)
  if (reads) fact.read = fact.seen = true
  if (state === 'unread') fact.read = false
  if (state === 'seen') fact.seen = true
  if (state === 'archived') fact.archived = true
  if (state === 'unarchived') fact.archived = false
  if (state === 'acknowledged') fact.acknowledged = true
  if (state === 'acted') fact.acted = true
  if (state === 'deleted') fact.deleted = true
  if (state === 'deleted' || state === 'cancelled') fact.gone = true
}

const SOME_TIME = '2026-11-23T09:00:00.000Z'

export const stateOf = (fact: Facts): NotificationState => ({
  delivered_at: null,
  seen_at: fact.seen ? SOME_TIME : null,
  read_at: fact.read ? SOME_TIME : null,
  is_read: fact.read,
  archived_at: fact.archived ? SOME_TIME : null,
  acknowledged_at: fact.acknowledged ? SOME_TIME : null,
  snoozed_until: null,
  outcome: fact.acted ? { action: 'yes', user_id: 'cleo', at: SOME_TIME } : null,
})

export const BLANK: Notification = {
  id: '',
  type: 'custom',
  category: 'custom',
  priority: 'normal',
  title: 'T',
  message: 'M',
  data: {},
  to: {},
  location_id: null,
  sender: 'ana',
  sent_at: SOME_TIME,
  created_at: SOME_TIME,
  deliver_at: null,
  expires_at: null,
  collapse_key: null,
  replaces: null,
  entity: null,
  actions: [],
  requires_ack: false,
  stream: 'user:ben',
  seq: 0,
  state: null,
}
