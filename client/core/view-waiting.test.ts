import { describe, expect, test } from 'vitest'
import {
  command,
  entry,
  READ,
  said,
  settled,
  SHOP,
  ViewRide,
} from '../../tests/client/view-ride.ts'
import type { CommandAnswer } from '../../protocol/api.ts'

describe('[TR6] what waits in the outbox', () => {
  const waits = (key: string, state: 'read' | 'unread' | 'deleted', isSent = false) => ({
    key,
    target: { notification_ids: ['n1'] },
    made: { state, at: 'now' },
    isSent,
  })
  const one = () => settled([entry('n1')], { shop: 1, unread: 1, unseen: 1 })
  const holds = (ride: ViewRide, ...marks: ReturnType<typeof waits>[]) =>
    ride.do({ type: 'waiting', marks })
  const done = (ride: ViewRide, key: string, answer: CommandAnswer | null = null) =>
    ride.do({ type: 'marked', key, answer })
  const isRead = (ride: ViewRide) => ride.view.shown.entries[0]?.state.is_read
  const unsent = (ride: ViewRide) => [...ride.view.shown.unsent]

  test('shows as soon as there is a list, and is named as not sent', () => {
    const ride = holds(new ViewRide().welcome(), waits('a', 'read'))
    expect(ride.ids).toEqual([])
    ride.list([entry('n1')], { shop: 1, unread: 1, unseen: 1 })
    expect([isRead(ride), ride.unread, unsent(ride)]).toEqual([true, 0, ['n1']])
    ride.list([entry('n1')], { shop: 1, own: 9, unread: 1, unseen: 1 })
    expect([isRead(ride), unsent(ride)]).toEqual([true, ['n1']])
  })

  test('what changes nothing is not named', () => {
    const ride = holds(settled([entry('n1', { state: READ })], { shop: 1 }), waits('a', 'read'))
    expect(unsent(ride)).toEqual([])
  })

  test('a frame of the same kind from elsewhere is not its own: it goes on showing', () => {
    const ride = holds(one(), waits('a', 'read'))
    ride.hear(said('read', 2, { notification_ids: ['n1'] }))
    ride.hear(said('unread', 3, { notification_ids: ['n1'] }))
    expect(isRead(ride)).toBe(true)
  })

  test('once it has left, its own frame confirms it', () => {
    const ride = holds(one(), waits('a', 'read', true))
    ride.hear(said('read', 2, { notification_ids: ['n1'] }))
    expect([isRead(ride), unsent(ride)]).toEqual([true, []])
    done(ride, 'a')
    expect(ride.view.marks).toEqual([])
  })

  test('one that comes back unanswered waits again', () => {
    const ride = holds(one(), waits('a', 'read', true))
    holds(ride, waits('a', 'read'))
    expect(ride.view.marks).toMatchObject([{ phase: { name: 'waiting' } }])
    expect(isRead(ride)).toBe(true)
  })

  test('one that another tab saw through is not shown twice, nor waited for', () => {
    const ride = holds(one(), waits('a', 'read'))
    holds(ride)
    expect(ride.view.marks).toMatchObject([{ phase: { name: 'committed' } }])
    expect(isRead(ride)).toBe(true)
  })

  test('if marks came while another tab sent it, only a list tells which was last', () => {
    const ride = holds(one(), waits('a', 'read'))
    ride.hear(said('unread', 3, { notification_ids: ['n1'] }))
    done(ride, 'a')
    expect(ride.view.marks).toEqual([])
    expect(ride.asked).toEqual(['list'])
  })

  test('an earlier one that changed nothing does not lie over a later one', () => {
    const byFrame = holds(one(), waits('a', 'unread', true), waits('b', 'read'))
    done(byFrame, 'a')
    holds(byFrame, waits('b', 'read', true))
    byFrame.hear(said('read', 2, { notification_ids: ['n1'] }))
    done(byFrame, 'b')
    expect(isRead(byFrame)).toBe(true)

    const byAnswer = holds(one(), waits('a', 'unread', true), waits('b', 'read'))
    done(byAnswer, 'a')
    holds(byAnswer, waits('b', 'read', true))
    done(byAnswer, 'b', command({ shop: 1, own: 2 }))
    expect([isRead(byAnswer), byAnswer.unread]).toEqual([true, 0])
    expect(byAnswer.view.marks).toEqual([])
  })

  test('one that was contested on its way is settled by a list', () => {
    const ride = holds(one(), waits('a', 'read', true))
    ride.hear(said('unread', 3, { notification_ids: ['n1'] }))
    done(ride, 'a', command({ shop: 1, own: 3 }))
    expect(ride.asked).toEqual(['list'])
  })

  test('it leaves those alone that did not come by the outbox', () => {
    const ride = one().do({
      type: 'mark',
      key: 'seen 1',
      target: { up_to: { [SHOP]: 1 } },
      made: { state: 'seen', at: 'now' },
    })
    holds(ride, waits('a', 'read'))
    expect(ride.view.marks.map(({ key }) => key)).toEqual(['seen 1', 'a'])
  })
})
