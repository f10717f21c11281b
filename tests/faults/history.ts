// What everybody did and saw in one run, in the order in which this process saw it. The place in the list is the time.
import type { Role } from '../../protocol/notification.ts'

export interface Address {
  user_id?: string
  location_id?: string
  roles?: Role[]
}

export type MarkOp = 'read' | 'unread' | 'archived' | 'deleted' | 'read_all'

/** What one frame with a seq was about. */
export interface Seen {
  kind: 'frame'
  socket: number
  seq: number
  /** The entry's id; null for a change of state. */
  id: string | null
  /** The place where it was first written. */
  home: { stream: string; seq: number }
}

/** A beginning and an end carry the same number (or key): between them anything may have happened or not. */
export type HistoryEvent =
  | { kind: 'send'; key: string; to: Address; collapseKey: string | null }
  | { kind: 'accepted'; key: string; id: string; stream: string; seq: number }
  | { kind: 'refused'; key: string; status: number }
  | {
      kind: 'marking'
      mark: number
      user: string
      op: MarkOp
      id: string | null
      /** Of a client's "all": what it showed then, and so surely means. */
      shown?: string[]
    }
  /** `unknown`: answered 404, as also the second try of a deletion is. Our client takes that for done. */
  | { kind: 'marked'; mark: number; outcome: 'done' | 'unknown' }
  | { kind: 'changing'; change: number; user: string; location: string; role: Role | null }
  | { kind: 'changed'; change: number }
  | {
      kind: 'welcome'
      socket: number
      device: string
      user: string
      stream: string
      epoch: string
      head: number
      since: number | null
      recovered: boolean
    }
  | Seen
  /** A ping was not answered, though nobody had ended the connection. */
  | { kind: 'silent'; socket: number }

export type EventOf<Kind extends HistoryEvent['kind']> = Extract<HistoryEvent, { kind: Kind }>

/** One entry as a device or the archive holds it in the end. */
export interface Held {
  id: string
  stream: string
  seq: number
  isRead: boolean
}

/** Oldest first. */
export interface Holding {
  user: string
  entries: Held[]
  /** What it says the number of unread ones is; null: it keeps none. */
  unread: number | null
}

export interface DeviceEnding extends Holding {
  device: string
  stream: string
}

export interface Ending {
  devices: DeviceEnding[]
  /** D1's list of each person, when all logs have drained. */
  archives: Holding[]
}

export interface Violation {
  rule: 'ST1' | 'ST3' | 'ST5' | 'ST7' | 'CO5' | 'AR5'
  text: string
}

export const ofKind = <Kind extends HistoryEvent['kind']>(
  events: readonly HistoryEvent[],
  kind: Kind,
): { at: number; event: EventOf<Kind> }[] =>
  events.flatMap((event, at) => (event.kind === kind ? { at, event: event as EventOf<Kind> } : []))
