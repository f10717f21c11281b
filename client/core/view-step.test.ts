import { describe, expect, test } from 'vitest'
import {
  command,
  entry,
  EPOCH,
  list,
  OWN,
  said,
  sent,
  settled,
  SHOP,
  START,
  ViewRide,
} from '../../tests/client/view-ride.ts'
import type { ViewEvent } from './view.ts'
import { upToShown } from './view-step.ts'

const ids = (...notification_ids: string[]) => ({ notification_ids })
const FAILED: ViewEvent = { type: 'ask_failed', retryAfterMs: null }

describe('[AR5] when the server is asked', () => {
  test('not before the socket is open; then for the list', () => {
    const ride = new ViewRide().do({ type: 'tick' })
    expect(ride.effects).toEqual([])
    expect(ride.welcome().effects).toEqual([{ kind: 'ask', what: 'list', limit: 20 }])
    expect(ride.status).toBe('loading')
  })

  test('without a socket when there can be none, and again once there is', () => {
    const ride = new ViewRide().do({ type: 'begin' })
    expect(ride.asked).toEqual(['list'])
    ride.list([entry('n1')], { shop: 1, unread: 1 })
    expect(ride.ids).toEqual(['n1'])
    expect(ride.welcome().asked).toEqual(['list'])
  })

  test('one question at a time', () => {
    const ride = new ViewRide().welcome()
    expect(ride.do({ type: 'refresh' }).hear(said('read', 1, ids('n404'))).effects).toEqual([])
  })

  test('a whole snapshot is the end of it', () => {
    const ride = settled([entry('n1')], { shop: 1, unread: 1 })
    expect(ride.status).toBe('ready')
    expect(ride.due).toBeNull()
  })

  test('as many rows as are held, so that the list is not suddenly shorter', () => {
    const rows = Array.from({ length: 30 }, (_, i) => entry(`n${i + 1}`))
    const ride = settled(rows, { shop: 30 }).do({ type: 'refresh' })
    expect(ride.effects).toEqual([{ kind: 'ask', what: 'list', limit: 30 }])
  })

  test('never more than a page may have', () => {
    const rows = Array.from({ length: 130 }, (_, i) => entry(`n${i + 1}`))
    const ride = settled(rows, { shop: 130 }).do({ type: 'refresh' })
    expect(ride.effects).toEqual([{ kind: 'ask', what: 'list', limit: 100 }])
  })

  test('many frames above the snapshot: a count moves the ground up', () => {
    const ride = settled([])
    for (let i = 1; i <= 200; i++) ride.hear(sent(`n${i}`))
    expect(ride.asked).toEqual([])
    expect(ride.hear(sent('n201')).asked).toEqual(['count'])
    ride.count({ shop: 201, unread: 201 })
    expect(ride.unread).toBe(201)
    expect(ride.ids).toHaveLength(201)
    expect(ride.view.tail).toEqual([])
    expect(ride.status).toBe('ready')
  })
})

describe('[AR5] a snapshot that is not whole', () => {
  const heads = (seq: number) => ({ heads: { [SHOP]: { epoch: EPOCH, seq } } })
  const behind = () => new ViewRide().welcome(heads(3))

  test('below the heads of the welcome: shown, and asked again after 1 s, doubling to 30 s', () => {
    const ride = behind().list([entry('n1')], { shop: 1, unread: 1 })
    expect(ride.ids).toEqual(['n1'])
    expect(ride.status).toBe('catching_up')
    const waits: (number | null)[] = []
    for (let i = 0; i < 8; i++) {
      waits.push(ride.due)
      expect(ride.tick().asked).toEqual(['list'])
      ride.list([entry('n1')], { shop: 1, unread: 1 })
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  })

  test('until it is whole; the next time it starts at 1 s again', () => {
    const ride = behind().list([], { shop: 1 }).tick().list([], { shop: 3 })
    expect(ride.status).toBe('ready')
    expect(ride.due).toBeNull()
    ride.do({ type: 'refresh' }).do(FAILED)
    expect(ride.due).toBe(1_000)
  })

  test('a resume brought what lies between: the heads of its welcome ask for nothing', () => {
    const ride = settled([], { shop: 1 }).hear(sent('n2'))
    ride.welcome({ recovered: true, ...heads(2) })
    expect(ride.asked).toEqual([])
    expect(ride.status).toBe('ready')
  })

  test('below a frame that was held when it was asked for: the count is asked again', () => {
    const ride = settled([], { shop: 1 }).hear(sent('n2'))
    ride.do({ type: 'refresh' }).list([], { shop: 1 })
    expect(ride.ids).toEqual(['n2'])
    expect(ride.status).toBe('catching_up')
    expect(ride.tick().asked).toEqual(['count'])
    ride.count({ shop: 2, unread: 1 })
    expect(ride.status).toBe('ready')
    expect(ride.ids).toEqual(['n2'])
  })

  test('below a frame that came while it was on its way: that is no reason', () => {
    const ride = settled([], { shop: 1 }).do({ type: 'refresh' }).hear(sent('n2'))
    expect(ride.list([], { shop: 1 }).status).toBe('ready')
  })
})

describe('failures', () => {
  test('nothing to show: failed, and tried again by itself', () => {
    const ride = new ViewRide().welcome().do(FAILED)
    expect(ride.status).toBe('failed')
    expect(ride.due).toBe(1_000)
    expect(ride.tick().asked).toEqual(['list'])
    expect(ride.list([]).status).toBe('ready')
  })

  test('the server names a time: not before', () => {
    const ride = new ViewRide().welcome().do({ type: 'ask_failed', retryAfterMs: 7_000 })
    expect(ride.due).toBe(7_000)
  })

  test('something to show: it stays, and is behind', () => {
    const ride = settled([entry('n1')], { shop: 1 })
      .do({ type: 'refresh' })
      .do(FAILED)
    expect(ride.ids).toEqual(['n1'])
    expect(ride.status).toBe('catching_up')
  })

  test('a person who refreshes, and a new welcome, do not wait for the ladder', () => {
    const ride = new ViewRide().welcome()
    for (let i = 0; i < 6; i++) ride.do(FAILED).tick()
    ride.do(FAILED)
    expect(ride.do({ type: 'refresh' }).asked).toEqual(['list'])
    expect(ride.do(FAILED).welcome().asked).toEqual(['list'])
  })

  test.each([-1, 1])("a server's clock that leaps by %i day does not keep it waiting", (days) => {
    const ride = new ViewRide().welcome()
    for (let i = 0; i < 6; i++) ride.do(FAILED).tick()
    ride.do(FAILED).now += days * 86_400_000
    expect(ride.welcome().asked).toEqual(['list'])
    expect(ride.list([], { until: new Date(ride.now + 1_000).toISOString() }).due).toBe(1_000)
  })

  test('an answer that was overtaken says nothing, and is asked for again', () => {
    const ride = settled([entry('n2')], { shop: 2, unread: 1 }).do({ type: 'refresh' })
    ride.list([entry('n1')], { shop: 1, unread: 5 })
    expect(ride.ids).toEqual(['n2'])
    expect(ride.unread).toBe(1)
    expect(ride.tick().asked).toEqual(['list'])
  })
})

describe('[AR5] until', () => {
  const soon = new Date(START + 5_000).toISOString()

  test('at the moment at which time alone changes the counts it asks again', () => {
    const ride = settled([], { unread: 3, until: soon })
    expect(ride.due).toBe(5_000)
    expect(ride.tick().asked).toEqual(['list'])
    ride.list([], { unread: 2 })
    expect(ride.unread).toBe(2)
    expect(ride.status).toBe('ready')
  })

  test('a server whose clock is behind ours is not asked in a loop', () => {
    const ride = settled([], { until: soon }).tick()
    ride.list([], { until: soon })
    expect(ride.due).toBe(1_000)
    ride.tick().list([], { until: soon })
    expect(ride.due).toBe(2_000)
  })

  test('a row that expires goes at once; what is not loaded waits for the answer', () => {
    const ride = settled([entry('n1', { expires_at: soon })], { shop: 1, unread: 2, until: soon })
    ride.tick()
    expect(ride.ids).toEqual([])
    expect(ride.unread).toBe(1)
  })
})

describe('pages', () => {
  const first = () => settled([entry('n5'), entry('n4')], { shop: 5, unread: 4, after: 'c4' })
  const page = (...answer: Parameters<typeof list>): ViewEvent => ({
    type: 'page',
    after: 'c4',
    answer: list(...answer),
  })

  test('an older one goes below', () => {
    const ride = first().do({ type: 'load_more' })
    expect(ride.effects).toEqual([{ kind: 'page', after: 'c4' }])
    ride.do(page([entry('n3'), entry('n2')], { shop: 5, unread: 4 }))
    expect(ride.ids).toEqual(['n5', 'n4', 'n3', 'n2'])
    expect(ride.unread).toBe(4)
    expect(ride.view.base?.hasMore).toBe(false)
  })

  test('its counts are newer than the list: they are the ground, and marks are not applied twice', () => {
    const ride = first().hear(said('read', 1, ids('n5')))
    ride.do({ type: 'load_more' })
    ride.do(page([entry('n3')], { shop: 5, own: 1, unread: 3 }))
    expect(ride.unread).toBe(3)
    expect(ride.view.shown.entries.map(({ state }) => state.is_read)).toEqual([true, false, false])
  })

  test('one at a time, and none where there is no more', () => {
    expect(first().do({ type: 'load_more' }).do({ type: 'load_more' }).effects).toEqual([])
    expect(settled([]).do({ type: 'load_more' }).effects).toEqual([])
    expect(new ViewRide().do({ type: 'load_more' }).effects).toEqual([])
  })

  test('a failed one can be asked for again', () => {
    const ride = first().do({ type: 'load_more' }).do({ type: 'page_failed' })
    expect(ride.do({ type: 'load_more' }).asked).toEqual(['page'])
  })

  test('one that goes on from a list which is not there any more is dropped', () => {
    const ride = first().do({ type: 'load_more' }).do({ type: 'refresh' })
    ride.list([entry('n6')], { shop: 6, unread: 1, after: 'c6' })
    ride.do(page([entry('n3')], { shop: 6, unread: 4 }))
    expect(ride.ids).toEqual(['n6'])
    expect(ride.view.pagingAfter).toBeNull()
  })

  test('one from before the ground is dropped', () => {
    const ride = first().do({ type: 'load_more' })
    ride.do(page([entry('n3')], { shop: 4, unread: 9 }))
    expect(ride.ids).toEqual(['n5', 'n4'])
    expect(ride.unread).toBe(4)
  })
})

describe('what this window does', () => {
  const two = () => settled([entry('n2'), entry('n1')], { shop: 2, own: 5, unread: 2, unseen: 2 })
  const mark = (state: 'read' | 'deleted' | 'unread', ...all: string[]): ViewEvent => ({
    type: 'mark',
    key: 'k',
    target: ids(...all),
    made: { state, at: 'now' },
  })
  const marked = (answer: ReturnType<typeof command> | null): ViewEvent => ({
    type: 'marked',
    key: 'k',
    answer,
  })
  const failed = (isUnknown = false): ViewEvent => ({ type: 'mark_failed', key: 'k', isUnknown })
  const echo = said('read', 6, ids('n1'))
  const COUNTED = command({ shop: 2, own: 6, unread: 1, unseen: 1 })

  test('shows at once', () => {
    const ride = two().do(mark('read', 'n1'))
    expect(ride.unread).toBe(1)
    expect(ride.asked).toEqual([])
  })

  test('a failure takes it back', () => {
    expect(two().do(mark('deleted', 'n1')).do(failed()).ids).toEqual(['n2', 'n1'])
  })

  test('what the server does not know is a reason to ask for the list', () => {
    expect(two().do(mark('read', 'n1')).do(failed(true)).asked).toEqual(['list'])
  })

  test.each<[string, (ride: ViewRide) => ViewRide]>([
    ['the answer with counts, then the frame', (ride) => ride.do(marked(COUNTED)).hear(echo)],
    ['the frame, then the answer with counts', (ride) => ride.hear(echo).do(marked(COUNTED))],
    ['the answer without counts, then the frame', (ride) => ride.do(marked(null)).hear(echo)],
    ['the frame, then the answer without counts', (ride) => ride.hear(echo).do(marked(null))],
    ['only the answer with counts', (ride) => ride.do(marked(COUNTED))],
  ])('settled by %s', (_title, settle) => {
    const ride = settle(two().do(mark('read', 'n1')))
    expect(ride.view.marks).toEqual([])
    expect(ride.unread).toBe(1)
    expect(ride.view.shown.entries.map(({ state }) => state.is_read)).toEqual([false, true])
    expect(ride.status).toBe('ready')
    ride.hear(said('unread', 7, ids('n1')))
    expect(ride.unread).toBe(2)
  })

  test('an answer without counts and no frame: after 10 s a list tells', () => {
    const ride = two().do(mark('read', 'n1')).do(marked(null))
    expect(ride.due).toBe(10_000)
    expect(ride.tick().asked).toEqual(['list'])
    expect(ride.view.marks).toEqual([])
  })

  test('an answer that was overtaken counts for nothing, the frame settles it', () => {
    const ride = two().do(mark('read', 'n1'))
    ride.do(marked(command({ shop: 1, own: 6, unread: 7 })))
    expect(ride.unread).toBe(1)
    expect(ride.hear(echo).view.marks).toEqual([])
  })

  test('[NO8] an answer from before a shop was joined does not take its entries away again', () => {
    const ride = two().do(mark('read', 'n1'))
    ride.hear({ type: 'membership', data: { location_id: 'harbour', role: 'staff' } })
    const here = list([entry('n2'), entry('n1')], { shop: 2, own: 6, unread: 3 })
    const there = { 'location:harbour': 9 }
    const news = { ...entry('n9'), stream: 'location:harbour', seq: 9 }
    const joined = { ...here, data: [news, ...here.data], as_of: { ...here.as_of, ...there } }
    ride.do({ type: 'list', answer: joined })
    ride.do(marked(COUNTED))
    expect([ride.ids, ride.unread]).toEqual([['n9', 'n2', 'n1'], 2])
  })

  test('the frame of another mark does not settle it', () => {
    const ride = two().do(mark('read', 'n1')).do(marked(null))
    ride.hear(said('read', 6, ids('n2')), said('deleted', 7, ids('n1')))
    expect(ride.view.marks).toHaveLength(1)
  })

  test('somebody marked meanwhile: which is newer, a list tells', () => {
    const ride = two()
      .do(mark('read', 'n1'))
      .hear(said('unread', 6, ids('n1')))
    expect(ride.do(marked(command({ shop: 2, own: 6, unread: 2 }))).asked).toEqual(['list'])
  })

  test('after a failure that came too late the frame says what holds', () => {
    const ride = two().do(mark('read', 'n1')).hear(echo).do(failed())
    expect(ride.unread).toBe(1)
  })

  test('a mark on a new entry is settled by counts that do not have the entry yet', () => {
    const ride = two().hear(sent('n3')).do(mark('read', 'n3'))
    ride.do(marked(command({ shop: 2, own: 6, unread: 2, unseen: 2 })))
    expect(ride.unread).toBe(2)
    expect(ride.view.shown.entries[0]).toMatchObject({ id: 'n3', state: { is_read: true } })
  })

  test('a mark on an entry that is not held asks for nothing by itself', () => {
    expect(two().do(mark('read', 'n404')).asked).toEqual([])
  })

  test('[IN2] read-all: everything that is shown, whatever of it is loaded', () => {
    const ride = settled([entry('n2')], { shop: 2, unread: 9, unseen: 9, after: 'c' }).hear(
      sent('n3'),
    )
    const up_to = upToShown(ride.view)
    expect(up_to).toEqual({ [SHOP]: 3, [OWN]: 0 })
    ride.do({ type: 'mark', key: 'k', target: { up_to }, made: { state: 'read', at: 'now' } })
    expect(ride.view.shown.counts).toMatchObject({ unread: 0, unseen: 0 })
    ride.hear(said('read', 1, { up_to: { [SHOP]: 3 } })).do(marked(null))
    expect(ride.view.marks).toEqual([])
    expect(ride.unread).toBe(0)
  })

  test('[IN2] read-all of one location names its stream alone', () => {
    const ride = settled([], { shop: 2, own: 4 }).hear(sent('n3'))
    expect(upToShown(ride.view, { locationId: 'downtown' })).toEqual({ [SHOP]: 3 })
    expect(upToShown(ride.view, { locationId: 'elsewhere' })).toEqual({ 'location:elsewhere': 0 })
  })

  test('an answer without an answer to it changes nothing', () => {
    const ride = two()
    const { view } = ride
    expect(ride.do(marked(COUNTED)).view).toEqual(view)
  })
})
