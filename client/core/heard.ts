// What frames do to the view: new heads and memberships (WS3, NO8), entries and marks (AR5).
import { locationStream, parseStream } from '../../protocol/ids.ts'
import type { Role } from '../../protocol/notification.ts'
import type { LoggedFrame, ServerFrame, WelcomeFrame } from '../../protocol/server-frames.ts'
import type { Millis } from '../types.ts'
import { isCovered, type Head } from './cover.ts'
import type { TailFrame } from './fold.ts'
import { absorb, placeOf } from './settle.ts'
import type { LocalMark, View } from './view.ts'

/** The view after a frame. What says nothing about an inbox changes nothing. */
export function hear(view: View, frame: ServerFrame, now: Millis): View {
  switch (frame.type) {
    case 'welcome':
      return welcomed(view, frame, now)
    case 'notification':
    case 'notification_state':
      return logged(view, frame)
    case 'membership':
      return memberChanged(view, frame.data.location_id, frame.data.role)
    default:
      return view
  }
}

/** [WS4] A gap, a newer epoch or another membership: only a snapshot tells what is there now. */
function welcomed(view: View, welcome: WelcomeFrame, now: Millis): View {
  const { kind, id } = parseStream(welcome.stream)
  if (kind !== 'user') return view
  const heads: Record<string, Head> = welcome.heads ?? {}
  const epochs = {
    ...view.epochs,
    [welcome.stream]: welcome.epoch,
    ...Object.fromEntries(Object.entries(heads).map(([stream, head]) => [stream, head.epoch])),
  }
  const renewed = Object.keys(epochs).filter((stream) => {
    const known = view.epochs[stream] ?? view.base?.epochs[stream] ?? null
    return known !== null && known !== epochs[stream]
  })
  // What a resume brings is in the frames; only what it could not bring has to be in the snapshot.
  const missed = welcome.recovered
    ? Object.fromEntries(Object.entries(heads).filter(([stream]) => renewed.includes(stream)))
    : heads
  const known: View = {
    ...view,
    me: id,
    hasBegun: true,
    epochs,
    tail: view.tail.filter(({ frame }) => !renewed.includes(frame.data.stream)),
    required: { ...view.required, ...missed },
    isListWanted: view.isListWanted || !welcome.recovered || renewed.length > 0,
    tries: 0,
    notBefore: now,
  }
  return withMemberships(known, welcome.memberships ?? view.memberships)
}

/** [NO8] Compares, and forgets what frames said of the locations where something differs. */
function withMemberships(view: View, memberships: View['memberships']): View {
  const before = view.memberships ?? memberships ?? {}
  const after = memberships ?? {}
  const locations = new Set([...Object.keys(before), ...Object.keys(after)])
  const differing = [...locations].filter((location) => before[location] !== after[location])
  const forgotten = differing.reduce((next, location) => forgetLocation(next, location), view)
  return {
    ...forgotten,
    memberships,
    isListWanted: view.isListWanted || differing.length > 0,
  }
}

function memberChanged(view: View, location: string, role: Role | null): View {
  const { [location]: _, ...others } = view.memberships ?? {}
  const memberships = role === null ? others : { ...others, [location]: role }
  const next = withMemberships(view, memberships)
  return { ...next, isListWanted: true, tries: 0, notBefore: 0 }
}

/** Who sees which of its entries is another question now; the snapshot must reach what the frames brought. */
function forgetLocation(view: View, location: string): View {
  const stream = locationStream(location)
  const isOfIt = ({ frame }: TailFrame) => frame.data.stream === stream
  const gone = view.tail.filter(isOfIt)
  const last = gone.at(-1)
  const epoch = view.epochs[stream]
  const { [stream]: head, ...others } = view.required
  const required =
    last && epoch !== undefined
      ? { ...others, [stream]: { epoch, seq: Math.max(head?.seq ?? 0, last.frame.data.seq) } }
      : view.required
  return { ...view, required, tail: view.tail.filter((one) => !isOfIt(one)) }
}

/** [AR5] Above the ground it stays in the tail; below it, it came late and becomes part of the rows. */
function logged(view: View, frame: LoggedFrame): View {
  const epoch = view.epochs[frame.data.stream] ?? null
  const one: TailFrame = { frame, epoch, isGone: false, isMissed: false, isAsked: false }
  const heardMarks = echo(view, frame)
  const { base, tail } = view
  if (!base || !isCovered(placeOf(one), base)) return { ...heardMarks, tail: [...tail, one] }
  const { lacksList, ...held } = absorb({ base, tail }, [one], view.me)
  return { ...heardMarks, ...held, isListWanted: view.isListWanted || lacksList }
}

/** Is this the frame of something that this window did? The oldest such mark that has left is confirmed by it. */
function echo(view: View, frame: LoggedFrame): View {
  if (frame.type !== 'notification_state') return view
  const hasLeft = ({ phase: { name } }: LocalMark) => name === 'sent' || name === 'committed'
  const mine = view.marks.find((mark) => hasLeft(mark) && isEcho(mark, frame.data))
  const before = mine ? committedBefore(view.marks, mine) : []
  const marks = view.marks.flatMap((mark): LocalMark[] => {
    if (before.includes(mark)) return []
    if (mark !== mine)
      return [{ ...mark, isContested: mark.isContested || !mine || mark.phase.name === 'waiting' }]
    return mark.phase.name === 'committed' ? [] : [{ ...mark, phase: { name: 'echoed' } }]
  })
  return { ...view, marks }
}

/** [TR6] What the outbox sent before this one: its frames, if it had any, and its counts came no later. */
export const committedBefore = (marks: readonly LocalMark[], mark: LocalMark): LocalMark[] =>
  marks
    .slice(0, mark.isQueued ? marks.indexOf(mark) : 0)
    .filter(({ isQueued, phase }) => isQueued && phase.name === 'committed')

/** The hub may have written `up_to` anew (a value above the head counts as the head), so only ids compare. */
function isEcho(
  { target, made }: LocalMark,
  data: Extract<LoggedFrame, { type: 'notification_state' }>['data'],
) {
  if (made.state !== data.state) return false
  if (target.up_to) return data.up_to !== undefined && data.category === target.category
  return target.notification_ids?.join() === data.notification_ids?.join()
}
