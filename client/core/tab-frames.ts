// What a tab makes of frames that came over another tab's socket: each once, in order, none missing (ST3, ST5).
import type { LoggedFrame, ServerFrame, WelcomeFrame } from '../../protocol/server-frames.ts'
import type { Millis } from '../types.ts'
import type { Head } from './cover.ts'
import type { Leader, Tabs } from './tabs.ts'

/** What a resume brings at most (WS4). By then the archive has long had the older ones. */
const MAX_LOOSE = 500

/** Has everything up to `at` been heard? Without a place nothing was said yet that could be missed. */
export const hasHeard = (cursor: Head | null, at: Head | null): boolean =>
  at === null || (cursor !== null && cursor.epoch === at.epoch && cursor.seq >= at.seq)

interface HeardFrames {
  tabs: Tabs
  frames: ServerFrame[]
}

/** Null: something is missing between the cursor and these frames. `at`: where the stream stood before them. */
export function hear(
  tabs: Tabs,
  at: Head | null,
  frames: readonly ServerFrame[],
): HeardFrames | null {
  const [first] = frames
  let { cursor, ids } = tabs
  const isNewStart = first?.type === 'welcome' && !(first.recovered && hasHeard(cursor, at))
  // [WS4] The resume was the leader's: who has heard less than it goes on from the head, with a snapshot.
  if (isNewStart) cursor = { epoch: first.epoch, seq: first.seq }
  else if (first?.type !== 'welcome' && !hasHeard(cursor, at)) return null
  const fresh: ServerFrame[] = []
  for (const frame of frames) {
    if (frame.type === 'welcome') {
      fresh.push({ ...frame, recovered: !isNewStart })
    } else if (frame.type === 'notification' || frame.type === 'notification_state') {
      if (cursor === null || frame.seq <= cursor.seq) continue
      cursor = { ...cursor, seq: frame.seq }
      fresh.push(frame)
    } else if ((frame.type === 'ok' || frame.type === 'error') && frame.re !== undefined) {
      const { [frame.re]: re, ...others } = ids
      if (re === undefined) continue
      ids = others
      fresh.push({ ...frame, re })
    } else if (
      frame.type !== 'event' ||
      tabs.look.types.some((type) => type === frame.event_type)
    ) {
      fresh.push(frame)
    }
  }
  return { tabs: { ...tabs, cursor, ids }, frames: fresh }
}

/** The leader's answer to who comes: who has heard everything resumes, all others begin here with a snapshot (AR5). */
export function hearStart(tabs: Tabs, frames: readonly ServerFrame[]): HeardFrames | null {
  const [welcome, ...loose] = frames
  if (welcome?.type !== 'welcome') return null
  const at: Head = { epoch: welcome.epoch, seq: welcome.seq }
  if (hasHeard(tabs.cursor, at)) return { tabs, frames: [{ ...welcome, recovered: true }] }
  return { tabs: { ...tabs, cursor: at }, frames: [welcome, ...loose] }
}

/** The start as it would be now, the cursor being the leader's. */
export function startFrames(
  { welcome, loose }: Leader,
  cursor: Head | null,
  serverNow: Millis,
): ServerFrame[] {
  if (!welcome || !cursor) return []
  const server_time = new Date(serverNow).toISOString()
  return [{ ...welcome, ...cursor, recovered: false, server_time }, ...loose]
}

/** Keeps the standing welcome: what frames say of memberships, presence and heads, it says to who comes later. */
export const keepWelcome = (leader: Leader, frames: readonly ServerFrame[]): Leader =>
  frames.reduce(kept, leader)

function kept(leader: Leader, frame: ServerFrame): Leader {
  if (frame.type === 'welcome') return { ...leader, welcome: frame, loose: [], asked: [] }
  const { welcome } = leader
  if (!welcome) return leader
  switch (frame.type) {
    case 'notification':
    case 'notification_state':
      return raiseHead(leader, welcome, frame)
    case 'membership': {
      const { location_id, role } = frame.data
      const { [location_id]: _, ...others } = welcome.memberships ?? {}
      const memberships = role === null ? others : { ...others, [location_id]: role }
      return { ...leader, welcome: { ...welcome, memberships } }
    }
    case 'presence': {
      const isTold = (id: string) => frame.data.some(({ user_id }) => user_id === id)
      const others = (welcome.presence ?? []).filter(({ user_id }) => !isTold(user_id))
      return { ...leader, welcome: { ...welcome, presence: [...others, ...frame.data] } }
    }
    default:
      return leader
  }
}

/** Who comes later has not heard this frame: their snapshot has to reach it. */
function raiseHead(leader: Leader, welcome: WelcomeFrame, frame: LoggedFrame): Leader {
  const { stream, seq } = frame.data
  const head = welcome.heads?.[stream]
  const epoch = head?.epoch ?? (stream === welcome.stream ? welcome.epoch : null)
  if (epoch === null) return { ...leader, loose: [...leader.loose, frame].slice(-MAX_LOOSE) }
  const heads = { ...welcome.heads, [stream]: { epoch, seq: Math.max(head?.seq ?? 0, seq) } }
  return { ...leader, welcome: { ...welcome, heads } }
}
