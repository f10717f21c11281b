// [WS14] What the view asks where no frames come.
import { describe, expect, test } from 'vitest'
import {
  entry,
  EPOCH,
  list,
  OWN,
  sent,
  settled,
  SHOP,
  ViewRide,
} from '../../tests/client/view-ride.ts'
import type { ViewEvent } from './view.ts'
import { POLL_MS } from './view-step.ts'

const ON: ViewEvent = { type: 'poll', isOn: true }
const OFF: ViewEvent = { type: 'poll', isOn: false }
const HARBOUR = 'location:harbour'

/** A list of two entries; then sockets are blocked. */
const blocked = () =>
  settled([entry('n2'), entry('n1')], { shop: 2, own: 5, unread: 2, unseen: 2 }).do(ON)
const SAME = { shop: 2, own: 5, unread: 2, unseen: 2 }

/** The same answers with another set of streams. */
const reaching = (as_of: Record<string, number>) => ({
  as_of,
  epochs: Object.fromEntries(Object.keys(as_of).map((stream) => [stream, EPOCH])),
})

describe('[WS14] polling', () => {
  test('asks at once, and then every 15 s, and never while it is off', () => {
    const ride = blocked()
    expect(ride.asked).toEqual(['count'])
    for (let i = 0; i < 3; i++) {
      expect(ride.count(SAME).due).toBe(POLL_MS)
      expect(ride.tick().asked).toEqual(['count'])
    }
    expect(ride.count(SAME).do(OFF).due).toBeNull()
  })

  test('is no sign that something is missing', () => {
    const ride = blocked()
    expect(ride.status).toBe('ready')
    expect(ride.count(SAME).status).toBe('ready')
  })

  test.each([
    ['an entry', { shop: 3, own: 5, unread: 3 }],
    ['a mark of another phone', { shop: 2, own: 6, unread: 1 }],
  ])('%s moves `as_of`: the list is asked for at once', (_title, wish) => {
    const ride = blocked().count(wish)
    expect(ride.asked).toEqual(['list'])
    expect(ride.status).toBe('catching_up')
    expect(ride.list([entry('n1')], wish).due).toBe(POLL_MS)
    expect(ride.status).toBe('ready')
  })

  test('[NO8] a location that was joined: its entries are asked for, and shown', () => {
    const ride = blocked()
    const { as_of, epochs } = reaching({ [OWN]: 5, [SHOP]: 2, [HARBOUR]: 9 })
    const counts = { unread: 3, unseen: 3, action_required: 0, until: null }
    ride.do({ type: 'count', answer: { ...counts, as_of, epochs } })
    expect(ride.asked).toEqual(['list'])
    const news = { ...entry('n9'), stream: HARBOUR, seq: 9 }
    const all = list([news, entry('n2'), entry('n1')])
    ride.do({ type: 'list', answer: { ...all, counts, as_of, epochs } })
    expect(ride.ids).toEqual(['n9', 'n2', 'n1'])
    expect(ride.status).toBe('ready')
  })

  test('[NO8] a location that was left: its entries go, and what frames said of it is not asked for', () => {
    const ride = settled([entry('n1')], { shop: 1, own: 5, unread: 1 })
      .hear(sent('n2'))
      .do(ON)
    const { as_of, epochs } = reaching({ [OWN]: 5 })
    const counts = { unread: 0, unseen: 0, action_required: 0, until: null }
    ride.do({ type: 'count', answer: { ...counts, as_of, epochs } })
    expect([ride.ids, ride.unread, ride.status]).toEqual([[], 0, 'ready'])
    expect(ride.due).toBe(POLL_MS)
  })

  test('a failure waits for the next time, or as long as the server asks', () => {
    const failed = (retryAfterMs: number | null): ViewEvent => ({
      type: 'ask_failed',
      retryAfterMs,
    })
    expect(blocked().do(failed(null)).due).toBe(POLL_MS)
    expect(blocked().do(failed(1_000)).due).toBe(POLL_MS)
    expect(blocked().do(failed(60_000)).due).toBe(60_000)
  })

  test('[AR3] a mark that was taken but not counted is settled by a list', () => {
    const ride = blocked().count(SAME)
    const target = { notification_ids: ['n1'] }
    ride.do({ type: 'mark', key: 'k1', target, made: { state: 'read', at: 'now' } })
    ride.do({ type: 'marked', key: 'k1', answer: { archived: false } })
    expect(ride.unread).toBe(1)
    expect(ride.tick().asked).toEqual(['list'])
    ride.list([entry('n2')], { shop: 2, own: 6, unread: 1 })
    expect([ride.view.marks, ride.unread, ride.status]).toEqual([[], 1, 'ready'])
  })

  test('a socket that is there again goes on from what was polled', () => {
    const ride = blocked().count(SAME).do(OFF)
    expect(ride.welcome({ recovered: true }).asked).toEqual([])
    expect(ride.hear(sent('n3')).ids).toEqual(['n3', 'n2', 'n1'])
    expect(new ViewRide().do({ type: 'begin' }).do(ON).asked).toEqual([])
  })
})
