// Folds that are wrong in one point each, made by telling a right one something false. The checker must object to all.
import type { ViewEvent } from '../../client/core/view.ts'
import type { Notification } from '../../protocol/notification.ts'
import type { ServerFrame } from '../../protocol/server-frames.ts'
import type { Corrupt } from './fold-play.ts'

const onFrames =
  (change: (frame: ServerFrame) => ServerFrame | null): Corrupt =>
  (event) =>
    event.type === 'frames'
      ? { ...event, frames: event.frames.flatMap((frame) => change(frame) ?? []) }
      : event

const onEntries =
  (change: (entry: Notification) => Notification): Corrupt =>
  (event, view) => {
    const told = onFrames((frame) =>
      frame.type === 'notification' ? { ...frame, data: change(frame.data) } : frame,
    )(event, view)
    if (told?.type !== 'list' && told?.type !== 'page') return told
    return { ...told, answer: { ...told.answer, data: told.answer.data.map(change) } }
  }

const onWelcome = (wrong: object): Corrupt =>
  onFrames((frame) => (frame.type === 'welcome' ? { ...frame, ...wrong } : frame))

const onReach =
  (change: (seq: number) => number): Corrupt =>
  (event) => {
    if (event.type !== 'list' && event.type !== 'page' && event.type !== 'count') return event
    const as_of = Object.fromEntries(
      Object.entries(event.answer.as_of).map(([stream, seq]) => [stream, change(seq)]),
    )
    return { ...event, answer: { ...event.answer, as_of } } as ViewEvent
  }

const deaf =
  (type: ViewEvent['type']): Corrupt =>
  (event) =>
    event.type === type ? null : event

const withoutStates = (...states: string[]): Corrupt =>
  onFrames((frame) =>
    frame.type === 'notification_state' && states.includes(frame.data.state) ? null : frame,
  )

export const BROKEN_FOLDS: [string, Corrupt][] = [
  [
    '[NO6] replaces is ignored',
    onEntries((entry) => ({ ...entry, replaces: null, collapse_key: null })),
  ],
  ['[NO5] expiry is ignored', onEntries((entry) => ({ ...entry, expires_at: null }))],
  ['[AR5] as_of is taken for nothing: all is new', onReach(() => 0)],
  ['[AR5] as_of is taken for more than it is', onReach((seq) => seq + 1)],
  ['[AR5] the heads of the welcome are ignored', onWelcome({ heads: {} })],
  ['[WS4] a gap is taken for a resume', onWelcome({ recovered: true })],
  ['[NO8] memberships in the welcome are ignored', onWelcome({ memberships: undefined })],
  [
    '[NO8] a membership frame is ignored',
    onFrames((frame) => (frame.type === 'membership' ? null : frame)),
  ],
  ['[IN2] reading elsewhere is not heard', withoutStates('read')],
  ['[IN2] putting back to unread elsewhere is not heard', withoutStates('unread')],
  ['[IN2] archiving elsewhere is not heard', withoutStates('archived')],
  ['[IN2] deleting and clearing elsewhere is not heard', withoutStates('deleted')],
  ['[IN1] acknowledging elsewhere is not heard', withoutStates('acknowledged')],
  ['[NO6] a cancellation is not heard', withoutStates('cancelled')],
  [
    '[IN2] the category of a read-all is ignored',
    onFrames((frame) => {
      if (frame.type !== 'notification_state') return frame
      const { category: _, ...data } = frame.data
      return { ...frame, data }
    }),
  ],
  ['a mark that failed is not taken back', deaf('mark_failed')],
  ['a mark that was answered is not settled', deaf('marked')],
  ['an answer that failed is waited for', deaf('ask_failed')],
]
