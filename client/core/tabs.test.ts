import { describe, expect, test } from 'vitest'
import type { ServerFrame, WelcomeFrame } from '../../protocol/server-frames.ts'
import { WELCOME } from '../../tests/fakes/fake-socket.ts'
import type { ConnectionState } from '../types.ts'
import { ASK_EVERY_MS, PATIENCE_MS } from './tab-follower.ts'
import { tabsDeadline, tabsStep } from './tabs-step.ts'
import {
  firstTabs,
  stateShown,
  type LeaderMessage,
  type TabsEffect,
  type TabsEvent,
} from './tabs.ts'

const { epoch } = WELCOME
const DOWNTOWN = 'location:downtown'

const marked = (seq: number, home = { stream: 'user:ben', seq }): ServerFrame => ({
  type: 'notification_state',
  seq,
  data: { notification_ids: ['x'], state: 'read', at: 'now', ...home },
})

const LIVE: ConnectionState = { name: 'live', connectionId: 'c', stream: 'user:ben', since: 0 }

const message = (more: Partial<LeaderMessage> = {}): TabsEvent => ({
  type: 'message',
  message: {
    kind: 'leader',
    from: 'z',
    term: 5,
    device: 'phone',
    visible: true,
    state: LIVE,
    ahead: 0,
    at: null,
    frames: [],
    to: null,
    ...more,
  },
})

/** One tab that is taken through events. */
class Ride {
  tabs = firstTabs('a', 'tablet')
  effects: TabsEffect[] = []
  now = 0

  do(event: TabsEvent): this {
    const next = tabsStep(this.tabs, event, { now: this.now, roll: 0 })
    this.tabs = next.tabs
    this.effects = next.effects
    return this
  }

  at(now: number): this {
    this.now = now
    return this
  }

  tick(): this {
    const due = tabsDeadline(this.tabs)
    if (due === null) throw new Error('nothing is due')
    return this.at(due).do({ type: 'tick' })
  }

  /** What comes over the socket that it has. */
  hear(...frames: ServerFrame[]): this {
    return this.do({ type: 'inner_frames', frames, ahead: 0 })
  }

  get did() {
    return this.effects.map(({ kind }) => kind)
  }

  get delivered() {
    return this.effects.flatMap((effect) => (effect.kind === 'deliver' ? effect.frames : []))
  }

  get posted() {
    return this.effects.flatMap((effect) => (effect.kind === 'post' ? [effect.message] : []))
  }

  get asked() {
    return this.posted.flatMap((one) => (one.kind === 'tab' && one.asks ? [one.asks] : []))
  }
}

const follower = (visible = true) => new Ride().do({ type: 'start', visible })
const leader = () => follower().do({ type: 'granted' }).hear(WELCOME)

const START: WelcomeFrame = { ...WELCOME, seq: 3 }
const started = () => follower().do(message({ to: 'a', at: { epoch, seq: 3 }, frames: [START] }))

const asks = (ride: Ride, asked: 'answer' | 'start', term = 0) =>
  ride.do({
    type: 'message',
    message: { kind: 'tab', from: 'b', term, look: { visible: false, types: [] }, asks: asked },
  })

describe('a follower', () => {
  test('joins with a question, and begins with the answer', () => {
    expect(follower().did).toEqual(['meet', 'lock', 'post'])
    expect(follower().asked).toEqual(['start'])
    expect(started().delivered).toEqual([START])
  })

  test('[WS14] does not look degraded, and so does not poll, while nobody looks at it', () => {
    const degraded = { name: 'degraded', retryAt: 9 } as const
    const ride = started().do(message({ state: degraded }))
    expect(stateShown(ride.tabs)).toEqual(degraded)
    expect(stateShown(ride.do({ type: 'hint', hint: 'hidden' }).tabs)).toEqual({ name: 'paused' })
    expect(stateShown(ride.do({ type: 'hint', hint: 'visible' }).tabs)).toEqual(degraded)
    expect(stateShown(ride.do(message()).do({ type: 'hint', hint: 'hidden' }).tabs)).toEqual(LIVE)
  })

  test('an answer to another tab is a sign of life, and nothing else', () => {
    const ride = follower().do(message({ to: 'b', at: { epoch, seq: 3 }, frames: [START] }))
    expect(ride.delivered).toEqual([])
    expect(ride.tabs.cursor).toBeNull()
  })

  test('[ST3] what it has heard before is left out', () => {
    const ride = started().do(message({ at: { epoch, seq: 2 }, frames: [marked(3), marked(4)] }))
    expect(ride.delivered).toEqual([marked(4)])
  })

  test('[ST5] frames after a gap wait for a start, which is asked for once', () => {
    const ride = started().do(message({ at: { epoch, seq: 4 }, frames: [marked(5)] }))
    expect(ride.delivered).toEqual([])
    expect(ride.asked).toEqual(['start'])
    ride.do(message({ at: { epoch, seq: 5 }, frames: [marked(6)] }))
    expect([ride.delivered, ride.asked]).toEqual([[], []])
    const start = { ...START, seq: 6 }
    ride.do(message({ to: 'a', at: { epoch, seq: 6 }, frames: [start] }))
    expect(ride.delivered).toEqual([start])
  })

  test('[ST5] a gap shows in any word of a live leader', () => {
    expect(started().do(message({ at: { epoch, seq: 4 } })).asked).toEqual(['start'])
    expect(started().do(message({ at: { epoch, seq: 3 } })).asked).toEqual([])
  })

  test('[WS4] a resume is one for who has heard as much as the leader', () => {
    const resumed = { ...WELCOME, seq: 5, recovered: true }
    const frames = [resumed, marked(4), marked(5)]
    const with3 = started().do(message({ at: { epoch, seq: 3 }, frames }))
    expect(with3.delivered).toEqual(frames)
    const with5 = started()
      .do(message({ at: { epoch, seq: 3 }, frames: [marked(4), marked(5)] }))
      .do(message({ at: { epoch, seq: 3 }, frames }))
    expect(with5.delivered).toEqual([resumed])
    const less = started().do(message({ at: { epoch, seq: 4 }, frames: [resumed, marked(5)] }))
    expect(less.delivered).toEqual([{ ...resumed, recovered: false }])
    expect(less.tabs.cursor).toEqual({ epoch, seq: 5 })
    const newer = { ...resumed, epoch: `${epoch}-next` }
    const older = started().do(message({ at: { epoch: newer.epoch, seq: 1 }, frames: [newer] }))
    expect(older.delivered).toEqual([{ ...newer, recovered: false }])
  })

  test('comes back to where it was: it has missed nothing', () => {
    const ride = started().do({ type: 'stop' }).do({ type: 'start', visible: true })
    ride.do(message({ to: 'a', at: { epoch, seq: 3 }, frames: [START] }))
    expect(ride.delivered).toEqual([{ ...START, recovered: true }])
  })

  test('a leader of before is not listened to', () => {
    const ride = started().do(message({ term: 4, at: { epoch, seq: 3 }, frames: [marked(4)] }))
    expect(ride.effects).toEqual([])
    expect(ride.tabs.cursor).toEqual({ epoch, seq: 3 })
    const twin = started().do(message({ from: 'y', at: { epoch, seq: 3 }, frames: [marked(4)] }))
    expect(twin.effects).toEqual([])
  })

  test('[NO7] hears the live events that it wants, and no others', () => {
    const event = { type: 'event', event_type: 'team_updates', data: {} } as const
    const other = { ...event, event_type: 'x_queue' }
    const ride = started().do({
      type: 'send',
      frame: { type: 'subscribe', event_type: 'team_updates' },
    })
    expect(ride.posted).toMatchObject([{ look: { types: ['team_updates'] } }])
    ride.do(message({ at: { epoch, seq: 3 }, frames: [event, other] }))
    expect(ride.delivered).toEqual([event])
  })

  test('asks while it is looked at; a leader that is silent is robbed', () => {
    const ride = started().tick()
    expect([ride.now, ride.asked]).toEqual([ASK_EVERY_MS, ['answer']])
    ride.tick()
    expect(ride.now).toBe(ASK_EVERY_MS + PATIENCE_MS)
    expect(ride.effects).toEqual([{ kind: 'lock', steal: true }])
  })

  test('an answer in time, or any other word, saves the leader', () => {
    const ride = started()
      .tick()
      .do(message({ to: 'b' }))
      .tick()
    expect(ride.now).toBe(2 * ASK_EVERY_MS)
  })

  test('a tab that slept past the answer asks again', () => {
    const ride = started()
      .tick()
      .at(ASK_EVERY_MS + 60_000)
    ride.do({ type: 'tick' })
    expect(ride.asked).toEqual(['answer'])
    expect(ride.did).not.toContain('lock')
  })

  test('a tab that nobody looks at has no timer', () => {
    expect(tabsDeadline(follower(false).tabs)).toBeNull()
    const ride = started().do({ type: 'hint', hint: 'hidden' })
    expect(tabsDeadline(ride.tabs)).toBeNull()
    expect(ride.do({ type: 'hint', hint: 'visible' }).asked).toEqual(['answer'])
  })

  test('a hidden leader that has no connection has 3 s from when somebody looks', () => {
    const down = message({ visible: false, state: { name: 'paused' } })
    const ride = started().do({ type: 'hint', hint: 'hidden' }).do(down)
    ride.at(60_000).do({ type: 'hint', hint: 'visible' }).do(down).tick()
    expect(ride.now).toBe(60_000 + PATIENCE_MS)
    expect(ride.effects).toEqual([{ kind: 'lock', steal: true }])
  })
})

describe('a leader', () => {
  test('opens where the tab was, as the device that led before', () => {
    const ride = started().at(9).do({ type: 'granted' })
    expect(ride.effects.at(-1)).toEqual({
      kind: 'open',
      device: 'phone',
      cursor: { epoch, seq: 3 },
    })
    expect(ride.tabs.term).toBe(9)
  })

  test('robbed, or told of a newer one, it closes and follows', () => {
    expect(leader().do({ type: 'robbed' }).did).toEqual(['close', 'unlock', 'meet', 'lock', 'post'])
    const told = leader().do(message({ term: 5 }))
    expect(told.did.slice(0, 4)).toEqual(['close', 'unlock', 'meet', 'lock'])
    expect(told.tabs).toMatchObject({
      term: 5,
      role: { name: 'follower' },
      state: { name: 'live' },
    })
  })

  test('[AR5] who comes late is told the heads, memberships and presence of now', () => {
    const presence = [{ user_id: 'ana', status: 'online', last_seen: null }] as const
    const ride = leader().hear(
      marked(1),
      marked(2, { stream: DOWNTOWN, seq: 7 }),
      { type: 'membership', data: { location_id: 'uptown', role: 'manager' } },
      { type: 'presence', data: [...presence] },
    )
    const known = { ...WELCOME, heads: { [DOWNTOWN]: { epoch: 'e', seq: 4 } } }
    const [start] = asks(ride, 'start').posted
    expect(start).toMatchObject({
      to: 'b',
      at: { epoch, seq: 2 },
      frames: [
        {
          recovered: false,
          seq: 2,
          heads: { 'user:ben': { epoch, seq: 1 } },
          memberships: { downtown: 'staff', uptown: 'manager' },
          presence,
        },
        // Of a stream whose epoch nobody named, so that no snapshot can be said to have it.
        marked(2, { stream: DOWNTOWN, seq: 7 }),
      ],
    })
    const named = follower().do({ type: 'granted' }).hear(known)
    named.hear(marked(1, { stream: DOWNTOWN, seq: 7 }))
    const heads = { [DOWNTOWN]: { epoch: 'e', seq: 7 } }
    expect(asks(named, 'start').posted).toMatchObject([{ frames: [{ heads }] }])
  })

  test('without a live connection there is no start to give', () => {
    const ride = leader().do({ type: 'inner_state', state: { name: 'paused' }, ahead: 0 })
    expect(asks(ride, 'start').posted).toMatchObject([
      { to: 'b', frames: [], state: { name: 'paused' } },
    ])
  })

  test('a tab that listens to a leader of a later term is told of a later one', () => {
    const ride = asks(leader(), 'answer', 1_000)
    expect(ride.posted).toMatchObject([
      { term: 1_001, to: null },
      { term: 1_001, to: 'b' },
    ])
  })

  test('[NO7] the end of what another tab wants is answered, and ends nothing', () => {
    const look = { visible: false, types: ['x_queue'] as const }
    const ride = leader().do({
      type: 'message',
      message: { kind: 'tab', from: 'b', term: 0, look: { ...look, types: [...look.types] } },
    })
    expect(ride.effects).toEqual([
      { kind: 'send', frame: { type: 'subscribe', event_type: 'x_queue' } },
    ])
    ride.do({ type: 'inner_state', state: LIVE, ahead: 0 })
    ride.do({ type: 'send', frame: { type: 'unsubscribe', event_type: 'x_queue', id: '1' } })
    expect(ride.effects).toEqual([
      { kind: 'send', frame: { type: 'subscribe', event_type: 'x_queue', id: 'a.1' } },
    ])
  })
})

test('the lock that comes after the tab has left is given back', () => {
  const ride = follower().do({ type: 'stop' })
  expect(ride.did).toEqual(['post', 'unlock', 'part'])
  expect(ride.do({ type: 'granted' }).effects).toEqual([{ kind: 'unlock' }])
})
