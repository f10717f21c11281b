// [RE3] The number on the app's icon: what D1 counts, and what it does not have yet. A push that waits for it waits briefly.
import { countInbox, type Snapshot } from '../../db/inbox.ts'
import { parseStream } from '../../protocol/ids.ts'
import { categoryOf } from '../../protocol/notification-types.ts'
import type { StoredNotification } from '../../protocol/notification.ts'
import { now } from '../clock.ts'
import type { Hub } from '../hub/hub.ts'
import { isShown } from '../hub/upgrade.ts'
import { homeOf, type LogEntry } from '../store/log.ts'
import type { MarkStore } from '../store/marks.ts'
import { within } from '../timeouts.ts'
import type { OwnFrames } from './own-frames.ts'

const PATIENCE_MS = 500

/** D1 lags behind by moments; what it lacks is among the newest. */
const NEWEST = 100

export interface BadgeDeps {
  hub: Hub
  marks: MarkStore
  frames: OwnFrames
}

/** Null: not known right now, and left as it is. */
export async function unreadCount(deps: BadgeDeps): Promise<number | null> {
  const { hub } = deps
  try {
    const counting = countInbox(hub.db, parseStream(hub.stream).id, now())
    const snapshot = await within(PATIENCE_MS, counting, 'D1')
    const late = hub.log
      .toPush(Math.max(0, hub.log.head - NEWEST), NEWEST)
      .filter((entry) => !isCounted(deps, snapshot, entry) && isUnread(deps, entry))
      .filter((entry) => !replacesCounted(deps, snapshot, entry))
    return snapshot.counts.unread + late.length
  } catch {
    // D1 is away: pushes go on without it (AR4).
    return null
  }
}

const placeOf = ({ stream, epoch }: Hub, entry: LogEntry) => homeOf(entry, { stream, epoch })

/** Was it in D1 when D1 counted? */
function isCounted({ hub }: BadgeDeps, { as_of, epochs }: Snapshot, entry: LogEntry): boolean {
  const { stream, epoch, seq } = placeOf(hub, entry)
  const counted = epochs[stream] ?? ''
  return epoch === counted ? seq <= (as_of[stream] ?? 0) : epoch < counted
}

function isUnread({ hub, marks, frames }: BadgeDeps, entry: LogEntry): boolean {
  if (!isShown(entry, now()) || !frames.maySee(entry)) return false
  return isUnreadMark(marks, hub, entry)
}

/** [NO6] In D1 the one before still counts. */
function replacesCounted(deps: BadgeDeps, snapshot: Snapshot, entry: LogEntry): boolean {
  const { replaces } = JSON.parse(entry.body) as StoredNotification
  const before = replaces === undefined ? null : deps.hub.log.byId(replaces)
  return (
    before !== null &&
    isCounted(deps, snapshot, before) &&
    isUnreadMark(deps.marks, deps.hub, before)
  )
}

function isUnreadMark(marks: MarkStore, hub: Hub, entry: LogEntry): boolean {
  const { type } = JSON.parse(entry.body) as StoredNotification
  const state = marks.stateOf(placeOf(hub, entry), categoryOf(type))
  return state.read_at === null && state.archived_at === null && state.deleted_at === null
}
