// [TR1][WS6] Who is in the room. The hub hibernates, so nothing is remembered here: what was last
// announced is in rows, who is here is the list of open sockets, and each step compares the two.
// Displays are nobody; the caller leaves their sockets out.
import { MAX_PRESENCE_IN_WELCOME, STALE_INTERVALS } from '../../protocol/limits.ts'
import type { PresenceEntry, PresenceStatus } from '../../protocol/server-frames.ts'

/** A leave waits this long, so that a reconnect does not flicker. */
export const LEAVE_AFTER_MS = 15_000

/** Changes are sent as one list, at most this often: never a frame per join. */
export const ANNOUNCE_EVERY_MS = 1_000

/** How often an alarm may look for silent sockets while somebody else watches. */
export const SWEEP_EVERY_MS = 5 * 60_000

/** People who have not come for so long are forgotten; the room's list is not an address book. */
export const FORGET_AFTER_MS = 30 * 24 * 3_600_000

/** What everybody was last told about one person, as the hub stores it. Times in milliseconds. */
export interface PresenceRow {
  user_id: string
  status: PresenceStatus
  last_seen: number
  /** When the leave of somebody who has no socket any more will be announced. */
  leaving_at: number | null
}

export interface PresenceSocket {
  user_id: string
  visible: boolean
  /** The last frame or heartbeat. */
  lastSeen: number
}

export interface PresenceOptions {
  heartbeatMs: number
  /** When the last list went out; null if that is not known any more (a hub that slept). */
  lastSentAt: number | null
}

export interface PresenceStep {
  /** To be written: new and changed rows. */
  rows: PresenceRow[]
  /** To be deleted. */
  removed: string[]
  /** To be sent to everybody in one frame, if not empty; `lastSentAt` is then this step's time. */
  announce: PresenceEntry[]
  /** When to step again if nothing happens before; null: sleep on. */
  nextAt: number | null
}

/** [WS6] No heartbeat and no frame for 2.5 intervals. */
export const isStale = (lastSeen: number, now: number, heartbeatMs: number) =>
  now - lastSeen >= STALE_INTERVALS * heartbeatMs

/**
 * Compares what was announced with who is here now. To be called on every join, leave and `state`
 * frame and at `nextAt`. Silent sockets should still be in `sockets`: somebody who only has such has
 * been gone for long and is announced at once, while a closed socket starts the wait of a leave.
 */
export function stepPresence(
  rows: readonly PresenceRow[],
  sockets: readonly PresenceSocket[],
  now: number,
  options: PresenceOptions,
): PresenceStep {
  const announceAt = announceableAt(options.lastSentAt, now)
  const told = new Map(rows.map((row) => [row.user_id, row]))
  const people = peopleOf(sockets, now, options.heartbeatMs)
  const step: PresenceStep = { rows: [], removed: [], announce: [], nextAt: null }
  const lookAgain = (at: number) => {
    step.nextAt = Math.min(step.nextAt ?? at, at)
  }

  for (const userId of new Set([...told.keys(), ...people.keys()])) {
    const row = told.get(userId) ?? neverHere(userId)
    const verdict = judge(row, people.get(userId), now, announceAt)
    if (verdict.row) step.rows.push(verdict.row)
    if (verdict.announce && verdict.row) step.announce.push(entryOf(verdict.row))
    if (verdict.lookAt !== undefined) lookAgain(verdict.lookAt)
    if (verdict.forget) step.removed.push(userId)
  }
  const here = [...people.values()].filter((person) => person.status !== null)
  if (here.length > 1) lookAgain(now + SWEEP_EVERY_MS)
  return step
}

/**
 * May a step look at the one person to whom something happened, at their row and their sockets alone? Each person is judged
 * for themselves, so it may while somebody is to be looked at again anyway: then all are, within the time of a sweep.
 */
export const isOneEnough = (nextAt: number | null, now: number): boolean =>
  nextAt !== null && nextAt > now && nextAt <= now + SWEEP_EVERY_MS

/** [WS3] The room as a newcomer is told of it: who is here first, then who was here last. */
export function welcomePresence(
  rows: readonly PresenceRow[],
  limit: number = MAX_PRESENCE_IN_WELCOME,
): PresenceEntry[] {
  return rows
    .toSorted((a, b) => RANK[a.status] - RANK[b.status] || b.last_seen - a.last_seen)
    .slice(0, limit)
    .map(entryOf)
}

const RANK = { online: 0, away: 1, offline: 2 } as const satisfies Record<PresenceStatus, number>

interface Verdict {
  /** Only where it differs from what is stored. */
  row?: PresenceRow
  announce?: true
  lookAt?: number
  forget?: true
}

function judge(
  row: PresenceRow,
  person: Person | undefined,
  now: number,
  announceAt: number,
): Verdict {
  if (person?.status) return judgeHere(row, { ...person, status: person.status }, now, announceAt)
  if (row.status !== 'offline') return judgeGone(row, person, now, announceAt)
  return now - row.last_seen >= FORGET_AFTER_MS && row.last_seen > 0 ? { forget: true } : {}
}

function judgeHere(
  row: PresenceRow,
  person: { status: PresenceStatus; lastSeen: number },
  now: number,
  announceAt: number,
): Verdict {
  const back = row.leaving_at === null ? {} : { row: { ...row, leaving_at: null } }
  if (person.status === row.status) return back
  // Until it may be told, the row says what everybody still believes.
  if (announceAt > now) return { ...back, lookAt: announceAt }
  const { status, lastSeen } = person
  return {
    row: { user_id: row.user_id, status, last_seen: lastSeen, leaving_at: null },
    announce: true,
  }
}

function judgeGone(
  row: PresenceRow,
  silent: Person | undefined,
  now: number,
  announceAt: number,
): Verdict {
  const isNew = row.leaving_at === null
  const noticed = silent ? now : now + LEAVE_AFTER_MS
  // Never further off than the full wait, so that a clock that went back keeps nobody in the room.
  const leavingAt = Math.min(row.leaving_at ?? noticed, now + LEAVE_AFTER_MS)
  const lastSeen = isNew ? (silent?.lastSeen ?? now) : row.last_seen
  if (leavingAt <= now && announceAt <= now) {
    return {
      row: { user_id: row.user_id, status: 'offline', last_seen: lastSeen, leaving_at: null },
      announce: true,
    }
  }
  return {
    ...(leavingAt === row.leaving_at
      ? {}
      : { row: { ...row, last_seen: lastSeen, leaving_at: leavingAt } }),
    lookAt: Math.max(leavingAt, announceAt),
  }
}

/** One person's sockets together; `status` is null if all of them are silent. */
interface Person {
  status: 'online' | 'away' | null
  lastSeen: number
}

function peopleOf(
  sockets: readonly PresenceSocket[],
  now: number,
  heartbeatMs: number,
): Map<string, Person> {
  const people = new Map<string, Person>()
  for (const socket of sockets) {
    const person = people.get(socket.user_id) ?? { status: null, lastSeen: socket.lastSeen }
    person.lastSeen = Math.max(person.lastSeen, socket.lastSeen)
    if (!isStale(socket.lastSeen, now, heartbeatMs)) {
      // Away is all of them not visible; one visible window is enough to be online.
      person.status = socket.visible || person.status === 'online' ? 'online' : 'away'
    }
    people.set(socket.user_id, person)
  }
  return people
}

// A list that went out in the future was sent before the clock went back: it holds up nothing.
function announceableAt(lastSentAt: number | null, now: number): number {
  if (lastSentAt === null || lastSentAt > now) return now
  return Math.max(now, lastSentAt + ANNOUNCE_EVERY_MS)
}

const neverHere = (userId: string): PresenceRow => ({
  user_id: userId,
  status: 'offline',
  last_seen: 0,
  leaving_at: null,
})

const entryOf = (row: PresenceRow): PresenceEntry => ({
  user_id: row.user_id,
  status: row.status,
  last_seen: new Date(row.last_seen).toISOString(),
})
