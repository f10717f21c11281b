// The view's machine, taken through events by a test, with short words for frames and answers.
import { statusOf, viewDeadline, viewStep } from '../../client/core/view-step.ts'
import { INITIAL_VIEW, type View, type ViewEffect, type ViewEvent } from '../../client/core/view.ts'
import type { InboxEntry } from '../../client/types.ts'
import type { CommandAnswer, CountAnswer, InboxAnswer } from '../../protocol/api.ts'
import { FRESH_STATE, type Notification } from '../../protocol/notification.ts'
import type { ServerFrame, StateData } from '../../protocol/server-frames.ts'
import { WELCOME } from '../fakes/fake-socket.ts'
import { BLANK } from './naive-facts.ts'

export const OWN = 'user:ben'
export const SHOP = 'location:downtown'
export const EPOCH = WELCOME.epoch
export const NEWER_EPOCH = '01935b00-0000-7000-8000-000000000001'
export const START = Date.parse(WELCOME.server_time)

/** The place in the shop is the number in the id: `n3` is the third entry there, sent three seconds after the start. */
export function entry(id: string, more: Partial<Notification> = {}): InboxEntry {
  const seq = Number(id.slice(1))
  return {
    ...BLANK,
    id,
    category: 'team',
    to: { location_id: 'downtown' },
    sent_at: new Date(START + seq * 1_000).toISOString(),
    stream: SHOP,
    seq,
    ...more,
    state: more.state ?? FRESH_STATE,
  }
}

export const READ = { ...FRESH_STATE, is_read: true, read_at: 'then', seen_at: 'then' }

export const sent = (id: string, more: Partial<Notification> = {}): ServerFrame => ({
  type: 'notification',
  seq: 0,
  data: entry(id, more),
})

/** Own marks are written to the own stream; `seq` is the place there. */
export const said = (
  state: StateData['state'],
  seq: number,
  more: Partial<StateData>,
): ServerFrame => ({
  type: 'notification_state',
  seq: 0,
  data: { state, at: 'then', stream: OWN, seq, ...more },
})

interface AnswerWish {
  /** How far the shop and the own stream are archived. */
  shop?: number
  own?: number
  unread?: number
  unseen?: number
  asks?: number
  until?: string | null
  epoch?: string
}

const reach = ({ shop = 0, own = 0, epoch = EPOCH }: AnswerWish) => ({
  as_of: { [OWN]: own, [SHOP]: shop },
  epochs: { [OWN]: epoch, [SHOP]: epoch },
})

const counts = ({ unread = 0, unseen = 0, asks = 0, until = null }: AnswerWish) => ({
  unread,
  unseen,
  action_required: asks,
  until,
})

export const list = (
  data: Notification[],
  wish: AnswerWish & { after?: string } = {},
): InboxAnswer => {
  const { after = null } = wish
  return {
    data,
    page: { before: null, after, has_more: after !== null },
    counts: counts(wish),
    ...reach(wish),
  }
}

export const count = (wish: AnswerWish): CountAnswer => ({ ...counts(wish), ...reach(wish) })

export const command = (wish: AnswerWish): CommandAnswer => ({
  archived: true,
  counts: counts(wish),
  ...reach(wish),
})

export class ViewRide {
  view: View = INITIAL_VIEW
  effects: ViewEffect[] = []
  now = START

  do(event: ViewEvent): this {
    const next = viewStep(this.view, event, this.now)
    this.view = next.view
    this.effects = next.effects
    return this
  }

  hear(...frames: ServerFrame[]): this {
    return this.do({ type: 'frames', frames })
  }

  welcome(more: object = {}): this {
    return this.hear({ ...WELCOME, memberships: { downtown: 'staff' }, ...more })
  }

  list(...answer: Parameters<typeof list>): this {
    return this.do({ type: 'list', answer: list(...answer) })
  }

  count(wish: AnswerWish): this {
    return this.do({ type: 'count', answer: count(wish) })
  }

  pass(ms: number): this {
    this.now += ms
    return this.do({ type: 'tick' })
  }

  /** Goes to the next deadline and ticks. */
  tick(): this {
    const due = viewDeadline(this.view, this.now)
    if (due === null) throw new Error('nothing is due')
    return this.pass(due - this.now)
  }

  get due(): number | null {
    const due = viewDeadline(this.view, this.now)
    return due === null ? null : due - this.now
  }

  get status() {
    return statusOf(this.view, this.now)
  }

  get ids(): string[] {
    return this.view.shown.entries.map(({ id }) => id)
  }

  get unread(): number {
    return this.view.shown.counts.unread
  }

  get asked(): string[] {
    return this.effects.map((effect) => (effect.kind === 'ask' ? effect.what : 'page'))
  }
}

/** A view with this list, whole and settled. */
export const settled = (...answer: Parameters<typeof list>): ViewRide =>
  new ViewRide().welcome().list(...answer)
