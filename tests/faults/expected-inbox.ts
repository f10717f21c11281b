// What a person's inbox must hold in the end, by what was answered alone. Where two things happened side by side either
// order is right, and the answer is "maybe".
import { locationStream, userStream } from '../../protocol/ids.ts'
import type { Role } from '../../protocol/notification.ts'
import { ofKind, type Address, type HistoryEvent, type MarkOp } from './history.ts'

export type Sure = 'must' | 'maybe' | 'never'

export interface Accepted {
  key: string
  id: string
  stream: string
  seq: number
  to: Address
  collapseKey: string | null
  /** It got its seq between these two. */
  sentAt: number
  answeredAt: number
}

export interface Expected extends Accepted {
  /** May the person see it? */
  visible: Sure
  /** Is it in the list: visible, and neither replaced nor put away? */
  listed: Sure
  isRead: boolean | null
}

/** Every send that was answered with success, once, by its first answer. */
export function acceptedSends(events: readonly HistoryEvent[]): Accepted[] {
  const sends = new Map(ofKind(events, 'send').map(({ at, event }) => [event.key, { at, event }]))
  const found = new Map<string, Accepted>()
  for (const { at, event } of ofKind(events, 'accepted')) {
    const send = sends.get(event.key)
    if (!send || found.has(event.key)) continue
    const { key, id, stream, seq } = event
    const { to, collapseKey } = send.event
    found.set(key, { key, id, stream, seq, to, collapseKey, sentAt: send.at, answeredAt: at })
  }
  return [...found.values()]
}

interface Span {
  from: number
  /** Infinity: it never ended. */
  to: number
}

interface Membership {
  role: Role
  joined: Span
  roleSet: Span
}

/** Somebody's memberships as the last answered change left them (NO8). */
function membershipsOf(events: readonly HistoryEvent[], user: string): Map<string, Membership> {
  const ends = new Map(ofKind(events, 'changed').map(({ at, event }) => [event.change, at]))
  const memberships = new Map<string, Membership>()
  for (const { at, event } of ofKind(events, 'changing')) {
    if (event.user !== user) continue
    const span = { from: at, to: ends.get(event.change) ?? Infinity }
    const { location, role } = event
    const before = memberships.get(location)
    if (role === null) memberships.delete(location)
    else if (!before) memberships.set(location, { role, joined: span, roleSet: span })
    else if (before.role !== role) memberships.set(location, { ...before, role, roleSet: span })
  }
  return memberships
}

const after = (send: Accepted, span: Span): Sure => {
  if (send.sentAt > span.to) return 'must'
  return send.answeredAt < span.from ? 'never' : 'maybe'
}

const both = (a: Sure, b: Sure): Sure => {
  if (a === 'never' || b === 'never') return 'never'
  return a === 'must' && b === 'must' ? 'must' : 'maybe'
}

function visibleTo(send: Accepted, user: string, memberships: Map<string, Membership>): Sure {
  const { to } = send
  if (to.user_id !== undefined) return to.user_id === user ? 'must' : 'never'
  const membership = memberships.get(to.location_id ?? '')
  if (!membership) return 'never'
  const joined = after(send, membership.joined)
  if (!to.roles) return joined
  if (!to.roles.includes(membership.role)) return 'never'
  return both(joined, after(send, membership.roleSet))
}

const audienceOf = ({ to, stream, collapseKey }: Accepted) =>
  JSON.stringify([stream, to.roles?.toSorted() ?? null, collapseKey])

interface Marks {
  isRead: boolean | null
  isAway: Sure
}

/**
 * Does "everything" surely mean this one, too? A hub hears of a new membership at once or within a minute (AR7), so what
 * lies at a location is only certain when a device of that person had been given it.
 */
function isReached(
  send: Accepted,
  user: string,
  before: number,
  events: readonly HistoryEvent[],
): boolean {
  if (send.stream === userStream(user)) return send.answeredAt < before
  const past = events.slice(0, before)
  const sockets = new Set(
    ofKind(past, 'welcome').flatMap(({ event }) =>
      event.stream === userStream(user) ? event.socket : [],
    ),
  )
  return ofKind(past, 'frame').some(
    ({ event }) => event.id === send.id && sockets.has(event.socket),
  )
}

interface Marked {
  /** It happened between these, or not at all where it is not sure. */
  from: number
  to: number
  isSure: boolean
  op: MarkOp
}

/** What the person did with one entry, on all devices. */
function marksOn(send: Accepted, user: string, events: readonly HistoryEvent[]): Marks {
  const ends = new Map(ofKind(events, 'marked').map(({ at, event }) => [event.mark, { at, event }]))
  const marks = ofKind(events, 'marking').flatMap(({ at, event }): Marked[] => {
    if (event.user !== user || (event.id !== null && event.id !== send.id)) return []
    const end = ends.get(event.mark)
    const isMeant = () =>
      event.id !== null ||
      (event.shown ? event.shown.includes(send.id) : isReached(send, user, at, events))
    const isSure = end?.event.outcome === 'done' && isMeant()
    return [{ from: at, to: end?.at ?? Infinity, isSure, op: event.op }]
  })
  const putAway = marks.filter(({ op }) => op === 'deleted' || op === 'archived')
  const isAway = putAway.some(({ isSure }) => isSure) ? 'must' : 'maybe'
  return {
    isRead: lastRead(marks.filter((mark) => !putAway.includes(mark))),
    isAway: putAway.length === 0 ? 'never' : isAway,
  }
}

/** Whatever may have come last decides; null: that may be either. */
function lastRead(marks: readonly Marked[]): boolean | null {
  const possible = new Set<boolean>()
  let left = marks
  for (;;) {
    const last = left.filter(({ to }) => !left.some((other) => other.isSure && other.from > to))
    for (const { op } of last) possible.add(op !== 'unread')
    if (last.length === 0) possible.add(false)
    // What is not sure may not have happened, and then something before it decides.
    if (last.every(({ isSure }) => isSure)) break
    left = left.filter((mark) => mark.isSure || !last.includes(mark))
  }
  const [only] = possible
  return possible.size === 1 && only !== undefined ? only : null
}

/** In the order of each stream. */
export function expectedInbox(events: readonly HistoryEvent[], user: string): Expected[] {
  const memberships = membershipsOf(events, user)
  const sends = acceptedSends(events).toSorted((a, b) => a.seq - b.seq)
  const newest = new Map<string, number>()
  for (const send of sends) {
    if (send.collapseKey !== null) newest.set(audienceOf(send), send.seq)
  }
  return sends.map((send) => {
    const visible = visibleTo(send, user, memberships)
    const { isRead, isAway } = marksOn(send, user, events)
    const isReplaced = send.collapseKey !== null && newest.get(audienceOf(send)) !== send.seq
    const there = isReplaced || isAway === 'must' ? 'never' : isAway === 'maybe' ? 'maybe' : 'must'
    return { ...send, visible, listed: both(visible, there), isRead }
  })
}

/** Locations whose members changed for this person during the run: what they see there comes and goes. */
export const unsteadyStreams = (events: readonly HistoryEvent[], user: string): Set<string> => {
  const counts = new Map<string, number>()
  for (const { event } of ofKind(events, 'changing')) {
    if (event.user !== user) continue
    const stream = locationStream(event.location)
    counts.set(stream, (counts.get(stream) ?? 0) + 1)
  }
  return new Set([...counts].flatMap(([stream, count]) => (count > 1 ? stream : [])))
}

export const homeStreamOf = (to: Address): string =>
  to.user_id === undefined ? locationStream(to.location_id ?? '') : userStream(to.user_id)
