// One step of the inbox view: an event goes in, the view and what has to be asked come out.
import type { CommandAnswer } from '../../protocol/api.ts'
import { locationStream, parseStream, type SeqMap } from '../../protocol/ids.ts'
import { DEFAULT_PAGE, MAX_PAGE } from '../../protocol/limits.ts'
import type { BulkScope, InboxStatus, Millis } from '../types.ts'
import { assertNever } from './assert-never.ts'
import { askAgainMs } from './backoff.ts'
import { isNoOlder, isOfEarlierMemberships, reachesAllOf, reachesHeads } from './cover.ts'
import {
  change,
  changeUnheldUpTo,
  differing,
  foldFrame,
  show,
  startFold,
  type Base,
  type Fold,
  type Lack,
  type Shown,
  type TailFrame,
} from './fold.ts'
import { committedBefore, hear } from './heard.ts'
import {
  absorbMark,
  EMPTY_BASE,
  reachOf,
  settle,
  type Ground,
  type Held,
  type Rows,
} from './settle.ts'
import {
  INITIAL_VIEW,
  type LocalMark,
  type View,
  type ViewEffect,
  type ViewEvent,
  type ViewStep,
  type WaitingMark,
} from './view.ts'

/** The frame of a mark is on the socket within moments; after this the mark changed nothing, or a list tells. */
export const ECHO_PATIENCE_MS = 10_000

/** [WS14] Where sockets are blocked, this often. */
export const POLL_MS = 15_000

/** So many frames above the snapshot make each fold slow: a count moves the ground up. */
export const MAX_TAIL_FRAMES = 200

/** What happens next. `now` is the server's time as far as this side knows it. */
export function viewStep(view: View, event: ViewEvent, now: Millis): ViewStep {
  const next = dropOverdueMarks(takeIn(view, event, now), now)
  const step = askIfNeeded({ ...next, shown: look(next, now) }, now)
  if (next.pagingAfter === null || next.pagingAfter === view.pagingAfter) return step
  return { ...step, effects: [...step.effects, { kind: 'page', after: next.pagingAfter }] }
}

/** When `tick` is due; null: time alone changes nothing. */
export function viewDeadline(view: View, now: Millis): Millis | null {
  const committed = view.marks.flatMap(({ phase }) =>
    phase.name === 'committed' ? [phase.until] : [],
  )
  const asksAgain = view.asking === null && lackOf(view, now) ? view.notBefore : Infinity
  const polls = view.asking === null ? (view.pollAt ?? Infinity) : Infinity
  const { nextChange } = view.shown
  const times = [asksAgain, polls, view.base?.until ?? Infinity, nextChange, ...committed]
  const next = Math.min(...times.filter((time) => time > now), Infinity)
  return next === Infinity ? null : next
}

/** Is what is shown all there is? */
export function statusOf(view: View, now: Millis): InboxStatus {
  if (!view.base) return view.tries > 0 ? 'failed' : 'loading'
  // Looking whether there is anything new is no sign that there is.
  const isBehind = view.asking !== null && !view.isLooking
  return isBehind || lackOf(view, now) ? 'catching_up' : 'ready'
}

/** [IN2] "Up to here" as a person sees it: the snapshot's `as_of`, raised by the frames shown since. */
export function upToShown(view: View, { locationId }: BulkScope = {}): SeqMap {
  const base = view.base ?? EMPTY_BASE
  const upTo: SeqMap = {}
  for (const [stream, seq] of Object.entries(base.asOf)) {
    const epoch = view.epochs[stream]
    // Numbers of an older life of the stream say nothing in this one.
    upTo[stream] = epoch === undefined || epoch === base.epochs[stream] ? seq : 0
  }
  for (const { frame } of view.tail) {
    if (frame.type !== 'notification') continue
    const { stream, seq } = frame.data
    upTo[stream] = Math.max(upTo[stream] ?? 0, seq)
  }
  if (locationId === undefined) return upTo
  const stream = locationStream(locationId)
  return { [stream]: upTo[stream] ?? 0 }
}

function takeIn(view: View, event: ViewEvent, now: Millis): View {
  switch (event.type) {
    case 'begin':
      return { ...view, hasBegun: true }
    case 'refresh':
      return { ...view, hasBegun: true, isListWanted: true, tries: 0, notBefore: now }
    case 'poll':
      return { ...view, pollAt: event.isOn ? now : null }
    case 'frames':
      return event.frames.reduce((next, frame) => hear(next, frame, now), view)
    case 'list': {
      const { data, page } = event.answer
      return answered(view, event.answer, now, { kind: 'newest', data, page })
    }
    case 'count': {
      const { as_of, epochs, ...counts } = event.answer
      return answered(view, { counts, as_of, epochs }, now)
    }
    case 'ask_failed':
      return unanswered(view, now, event.retryAfterMs ?? 0)
    case 'load_more':
      return view.base?.hasMore && view.pagingAfter === null
        ? { ...view, pagingAfter: view.base.after, tail: asked(view.tail) }
        : view
    case 'page':
      return paged(view, event, now)
    case 'page_failed':
      return { ...view, pagingAfter: null }
    case 'mark': {
      const { key, target, made } = event
      const phase = { name: 'sent' } as const
      const mark: LocalMark = { key, target, made, phase, isContested: false, isQueued: false }
      return { ...view, marks: [...view.marks, mark], tail: asked(view.tail) }
    }
    case 'waiting':
      return withWaiting(view, event.marks, now)
    case 'marked':
      return marked(view, event.key, event.answer, now)
    case 'mark_failed':
      return {
        ...withoutMark(view, event.key),
        isListWanted: view.isListWanted || event.isUnknown,
      }
    case 'tick':
      return view
    default:
      return assertNever(event)
  }
}

/** [AR5] What is here when something is asked, the answer must have, or it is not whole. */
const asked = (tail: readonly TailFrame[]): readonly TailFrame[] =>
  tail.map((one) => (one.isAsked ? one : { ...one, isAsked: true }))

/** The view on new ground. */
function onGround(view: View, ground: Ground, now: Millis, rows?: Rows): View {
  const isOurs = ({ frame }: TailFrame) => frame.data.stream in ground.as_of
  // No frame says any more that a location is not the person's; what it said once would be asked for for ever.
  const tail = view.pollAt === null ? view.tail : view.tail.filter(isOurs)
  const held = { base: view.base ?? EMPTY_BASE, tail }
  const { lacksList, ...settled } = settle(held, ground, now, view.me, rows)
  return { ...view, ...settled, isListWanted: view.isListWanted || lacksList }
}

/** Answers may overtake each other; one from before the ground we stand on says nothing new. */
function isNews({ base, memberships, pollAt }: View, ground: Ground): boolean {
  const reach = reachOf(ground)
  if (!base) return true
  // Without a socket nobody tells of memberships but the answers themselves.
  const known = pollAt === null ? memberships : null
  return isNoOlder(reach, base) && !isOfEarlierMemberships(reach, base, known)
}

/** The answer to the question that was on its way. Whether it settled everything shows when the next is due. */
function answered(view: View, ground: Ground, now: Millis, rows?: Rows): View {
  // A count without a list has no rows to stand on.
  if (!isNews(view, ground) || (!view.base && !rows)) return unanswered(view, now, 0)
  const settled = { ...onGround(view, ground, now, rows), ...laterThan(view, now, 0) }
  // There is something new: that is no failure, and the list is asked for at once.
  return view.isLooking ? { ...settled, tries: 0, notBefore: now } : settled
}

function unanswered(view: View, now: Millis, retryAfterMs: Millis): View {
  return {
    ...view,
    isListWanted: view.isListWanted || view.asking === 'list',
    ...laterThan(view, now, retryAfterMs),
  }
}

const laterThan = ({ tries, pollAt }: View, now: Millis, retryAfterMs: Millis) => ({
  asking: null,
  isLooking: false,
  tries: tries + 1,
  notBefore: now + Math.max(askAgainMs(tries), retryAfterMs),
  pollAt: pollAt === null ? null : now + Math.max(POLL_MS, retryAfterMs),
})

function paged(view: View, event: Extract<ViewEvent, { type: 'page' }>, now: Millis): View {
  const next = { ...view, pagingAfter: null }
  // The rows it goes on from are not the ones that are held any more.
  if (view.base?.after !== event.after || !isNews(view, event.answer)) return next
  const { data, page } = event.answer
  return onGround(next, event.answer, now, { kind: 'older', data, page })
}

const withoutMark = (view: View, key: string): View => ({
  ...view,
  marks: view.marks.filter((mark) => mark.key !== key),
})

/** Counts that came with the answer contain the mark, so it becomes part of the ground with them. */
function marked(view: View, key: string, answer: CommandAnswer | null, now: Millis): View {
  const mark = view.marks.find((one) => one.key === key)
  if (!mark) return view
  const ground = groundOf(answer)
  if (view.base && ground && isNews(view, ground)) {
    const before = committedBefore(view.marks, mark)
    const rest = view.marks.filter((one) => one !== mark && !before.includes(one))
    return absorbMarks(onGround({ ...view, marks: rest }, ground, now), [...before, mark])
  }
  if (mark.phase.name === 'echoed') return withoutMark(view, key)
  // Another tab sent it, and which of the frames since then was its own nobody here knows.
  if (mark.phase.name === 'waiting' && mark.isContested) {
    return { ...withoutMark(view, key), isListWanted: true }
  }
  const committed: LocalMark = {
    ...mark,
    phase: { name: 'committed', until: now + ECHO_PATIENCE_MS },
  }
  return { ...view, marks: view.marks.map((one) => (one === mark ? committed : one)) }
}

/** Marks that are part of the ground already. */
function absorbMarks(view: View, marks: readonly LocalMark[]): View {
  const open = marks.filter(({ phase }) => phase.name !== 'echoed')
  if (!view.base || open.length === 0) return view
  if (open.some(({ isContested }) => isContested)) return { ...view, isListWanted: true }
  const held: Held = { base: view.base, tail: view.tail }
  const absorbed = open.reduce(
    (next, { target, made }) => absorbMark(next, target, made, view.me),
    held,
  )
  return { ...view, ...absorbed }
}

/**
 * [TR6] The marks of the outbox, in its order. One that goes back to waiting was sent and not answered: if it was done
 * all the same, doing it again changes nothing.
 */
function withWaiting(view: View, waiting: readonly WaitingMark[], now: Millis): View {
  const keys = new Set(waiting.map(({ key }) => key))
  const left = view.marks.filter(
    ({ key, phase, isQueued }) => isQueued && phase.name !== 'committed' && !keys.has(key),
  )
  const others = left.reduce((next, { key }) => marked(next, key, null, now), view)
  const known = new Map(others.marks.map((mark) => [mark.key, mark]))
  const isLeaving = waiting.some(({ key, isSent }) => isSent && !hasLeft(known.get(key)))
  const marks = waiting.map((one) => waitingMark(one, known.get(one.key)))
  return {
    ...others,
    marks: [...others.marks.filter(({ key }) => !keys.has(key)), ...marks],
    tail: isLeaving ? asked(others.tail) : others.tail,
  }
}

function waitingMark({ key, target, made, isSent }: WaitingMark, known?: LocalMark): LocalMark {
  if (known && isSent && hasLeft(known)) return known
  const isContested = !isSent && known?.isContested === true
  const phase = { name: isSent ? 'sent' : 'waiting' } as const
  return { key, target, made, phase, isContested, isQueued: true }
}

const hasLeft = (mark: LocalMark | undefined): boolean =>
  mark !== undefined && mark.phase.name !== 'waiting'

function groundOf(answer: CommandAnswer | null): Ground | null {
  const { counts, as_of, epochs } = answer ?? {}
  return counts && as_of && epochs ? { counts, as_of, epochs } : null
}

function dropOverdueMarks(view: View, now: Millis): View {
  const marks = view.marks.filter(({ phase }) => phase.name !== 'committed' || phase.until > now)
  if (marks.length === view.marks.length) return view
  return { ...view, marks, isListWanted: true }
}

/** Folds everything that is known and looks at it. */
function look(view: View, now: Millis): Shown {
  if (!view.base) return INITIAL_VIEW.shown
  const fold = startFold(view.base)
  for (const one of view.tail) foldFrame(fold, one, view.base, view.me)
  const { lack } = fold
  applyMarks(fold, view, view.base, ['committed'])
  const confirmed = new Map(fold.items)
  applyMarks(fold, view, view.base, ['waiting', 'sent'])
  // What this window did is answered with counts; it is no reason to ask for them.
  fold.lack = lack
  hideForeign(fold, view)
  return { ...show(fold, view.base, now), unsent: differing(fold, confirmed) }
}

function applyMarks(fold: Fold, { marks, me }: View, base: Base, phases: string[]): void {
  for (const { phase, target, made } of marks) {
    if (!phases.includes(phase.name)) continue
    change(fold, target, { made, place: null }, me)
    changeUnheldUpTo(fold, target, made, base)
  }
}

/** [NO8] Entries of a location are for its members of now: frames say who is, or without them the newest answer. */
function hideForeign(fold: Fold, { memberships, pollAt, base }: View): void {
  const isForeign = (stream: string): boolean => {
    if (pollAt !== null && base) return !(stream in base.asOf)
    const { kind, id } = parseStream(stream)
    return kind === 'location' && memberships !== null && !(id in memberships)
  }
  for (const [id, item] of fold.items) {
    if (isForeign(item.entry.stream)) fold.items.set(id, { ...item, isGone: true })
  }
}

/** [AR5] What has to be asked, if anything. Read from the state, so that no reason is ever forgotten. */
function lackOf(view: View, now: Millis): Lack | null {
  const { base, shown, tail } = view
  if (!view.hasBegun) return null
  if (!base || view.isListWanted || shown.lack === 'list') return 'list'
  if (!reachesHeads(base.listed, view.required)) return 'list'
  if (base.until !== null && now >= base.until) return 'list'
  // What no frame brings is in the list alone.
  if (view.pollAt !== null && !reachesAllOf(base.listed, base)) return 'list'
  // A frame that was here at the last question, and that the answer did not have.
  const isBehind = tail.length > MAX_TAIL_FRAMES || tail.some(({ isMissed }) => isMissed)
  return shown.lack === 'count' || isBehind ? 'count' : null
}

function askIfNeeded(view: View, now: Millis): ViewStep {
  if (view.asking !== null) return { view, effects: [] }
  const lack = lackOf(view, now)
  const isPollDue = view.pollAt !== null && now >= view.pollAt
  if (lack === null && !isPollDue) return { view: { ...view, tries: 0, notBefore: 0 }, effects: [] }
  if (!isPollDue && now < view.notBefore) return { view, effects: [] }
  const what = lack ?? 'count'
  const isList = what === 'list'
  const asking: View = {
    ...view,
    asking: what,
    isLooking: lack === null,
    isListWanted: view.isListWanted && !isList,
    tail: asked(view.tail),
  }
  // As much as is held, so that a list which is asked for again is not suddenly shorter.
  const limit = Math.min(MAX_PAGE, Math.max(DEFAULT_PAGE, view.base?.rows.size ?? 0))
  const effect: ViewEffect = isList ? { kind: 'ask', what, limit } : { kind: 'ask', what }
  return { view: asking, effects: [effect] }
}
