// Which entries a page that nobody looks at shows as notifications of the browser. Decides only: it gets the
// inbox as it is now, and what it decided before.
import type { InboxEntry, InboxState, Millis } from '../types.ts'

/** More at once is noise: after a night without network the newest ones say that there is something. */
const MAX_AT_ONCE = 3

/** Hubs are not in step: what arrives may be this much older than the newest that was there. */
const LATE_MS: Millis = 60_000

export interface Watch {
  /** Ids that need no alert, with their times. Null: there was no list yet. */
  known: ReadonlyMap<string, Millis> | null
  /** Ids that are shown by the browser. */
  alerted: ReadonlySet<string>
}

export const NOT_WATCHING: Watch = { known: null, alerted: new Set() }

export interface Glance {
  isHidden: boolean
  /** The person allowed notifications. */
  isAllowed: boolean
}

export interface AlertStep {
  watch: Watch
  /** Oldest first, so that the newest ends up on top. */
  show: readonly InboxEntry[]
  close: readonly string[]
}

/**
 * Shows what is new since the last list, while nobody looks. Takes back what was read or put away on another
 * device, and everything once the page is looked at.
 */
export function alertStep(
  watch: Watch,
  { status, notifications }: Pick<InboxState, 'status' | 'notifications'>,
  { isHidden, isAllowed }: Glance,
): AlertStep {
  const hasList = status === 'ready' || status === 'catching_up'
  const waiting = new Set(notifications.filter(isWaiting).map(({ id }) => id))
  const close = [...watch.alerted].filter((id) => !isHidden || (hasList && !waiting.has(id)))
  const kept = [...watch.alerted].filter((id) => !close.includes(id))
  if (!hasList) return { watch: { ...watch, alerted: new Set(kept) }, show: [], close }
  const fresh = isHidden && isAllowed ? notifications.filter(isFresh(watch.known)) : []
  const show = fresh.filter(isWaiting).slice(0, MAX_AT_ONCE).toReversed()
  const alerted = new Set([...kept, ...show.map(({ id }) => id)])
  return { watch: { known: remembered(watch.known, notifications), alerted }, show, close }
}

const isWaiting = ({ state }: InboxEntry): boolean => !state.is_read && state.seen_at === null

/** Not older than what was known: paging and clearing bring old ones to light, which are no news. */
const isFresh = (known: Watch['known']) => {
  if (known === null) return () => false
  const since = Math.max(...known.values(), -Infinity) - LATE_MS
  return ({ id, sent_at }: InboxEntry): boolean => !known.has(id) && Date.parse(sent_at) > since
}

/** The list's, and of those that have left it the ones that could still be taken for news. */
function remembered(
  known: Watch['known'],
  notifications: readonly InboxEntry[],
): ReadonlyMap<string, Millis> {
  const all = new Map(known ?? [])
  for (const { id, sent_at } of notifications) all.set(id, Date.parse(sent_at))
  const newest = Math.max(...all.values(), -Infinity)
  const shown = new Set(notifications.map(({ id }) => id))
  return new Map([...all].filter(([id, at]) => shown.has(id) || at > newest - LATE_MS))
}
