// Log entries as they go out on sockets.
import type { StoredNotification } from '../../protocol/notification.ts'
import type { NotificationState } from '../../protocol/notification.ts'
import type { StateData } from '../../protocol/server-frames.ts'
import { present } from '../core/present.ts'
import type { LogEntry } from '../store/log.ts'
import type { MarkBody, StepBody } from './archive-entry.ts'
import { logLine } from './log-line.ts'

/** One entry that cannot be written must not silence the stream, live or at every resume: it is skipped and reported. */
export function frameOrNothing(
  { seq }: LogEntry,
  stream: string,
  write: () => string | null,
): string | null {
  try {
    return write()
  } catch (error) {
    logLine('entry.unwritable', { stream, seq }, error)
    return null
  }
}

/** The frame's seq is that of the stream it travels on; the data names the entry's home (spec, section 3). */
export function notificationFrame(
  entry: LogEntry,
  home: { stream: string; seq: number },
  reader: { locale: string; zone: string | null },
  state: NotificationState | null,
): string {
  const stored = JSON.parse(entry.body) as StoredNotification
  return JSON.stringify({
    type: 'notification',
    seq: entry.seq,
    data: present(stored, { stream: home.stream, seq: home.seq }, reader, state),
  })
}

/** What the person did, for their other devices (IN2). */
export function stateFrame(entry: LogEntry, stream: string): string {
  const data: StateData = { ...changeOf(entry), stream, seq: entry.seq }
  return JSON.stringify({ type: 'notification_state', seq: entry.seq, data })
}

function changeOf(entry: LogEntry): Omit<StateData, 'stream' | 'seq'> {
  if (entry.kind === 'mark') {
    const { state, at, targets } = JSON.parse(entry.body) as MarkBody
    return {
      notification_ids: targets.map((target) => target.id),
      state,
      at: new Date(at).toISOString(),
    }
  }
  const { state, at, category, up_to } = JSON.parse(entry.body) as StepBody
  return {
    up_to,
    ...(category !== '*' && { category }),
    state,
    at: new Date(at).toISOString(),
  }
}
