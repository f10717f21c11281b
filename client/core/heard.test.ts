import { describe, expect, test } from 'vitest'
import {
  entry,
  EPOCH,
  NEWER_EPOCH,
  OWN,
  said,
  sent,
  settled,
  SHOP,
  ViewRide,
} from '../../tests/client/view-ride.ts'
import { upToShown } from './view-step.ts'

const one = () => settled([entry('n1')], { shop: 1, unread: 1 })
const member = (role: 'manager' | 'staff' | null, location_id = 'downtown') =>
  ({ type: 'membership', data: { location_id, role } }) as const

describe('[WS4] a welcome', () => {
  test('recovered: what was missed is in the frames, nothing is asked', () => {
    expect(one().welcome({ recovered: true }).asked).toEqual([])
  })

  test('not recovered: the list is asked, and what is held is shown until it comes', () => {
    const ride = one().hear(sent('n2')).welcome()
    expect(ride.asked).toEqual(['list'])
    expect(ride.ids).toEqual(['n2', 'n1'])
    expect(ride.status).toBe('catching_up')
    ride.list([entry('n3')], { shop: 3, unread: 1 })
    expect(ride.ids).toEqual(['n3'])
    expect(ride.unread).toBe(1)
  })

  test('recovered while a list is still owed: it stays owed', () => {
    const ride = new ViewRide().welcome().do({ type: 'ask_failed', retryAfterMs: null })
    expect(ride.welcome({ recovered: true }).asked).toEqual(['list'])
  })

  test('of a location: it is no inbox', () => {
    const ride = new ViewRide().welcome({ stream: 'location:downtown' })
    expect(ride.effects).toEqual([])
    expect(ride.view.me).toBeNull()
  })

  test('frames that say nothing of an inbox change nothing', () => {
    const ride = one()
    const { view } = ride
    expect(ride.hear({ type: 'presence', data: [] }, { type: 'ok', re: '1' }).view).toEqual(view)
  })
})

describe('[ST1] a newer epoch', () => {
  const heads = (seq: number, epoch = NEWER_EPOCH) => ({ heads: { [SHOP]: { epoch, seq } } })

  test('of a shop: the list is asked although the own stream was recovered', () => {
    const ride = one().welcome({ recovered: true, ...heads(1, EPOCH) })
    expect(ride.asked).toEqual([])
    expect(ride.welcome({ recovered: true, ...heads(1) }).asked).toEqual(['list'])
  })

  test('what frames said of the old one is dropped, lower numbers of the new one count', () => {
    const ride = settled([], { shop: 900 }).hear(sent('n901'))
    ride.welcome({ recovered: true, ...heads(0) })
    ride.list([], { shop: 0, epoch: NEWER_EPOCH })
    expect(ride.ids).toEqual([])
    expect(ride.hear(sent('n1')).ids).toEqual(['n1'])
    expect(ride.unread).toBe(1)
  })

  test('a snapshot of the old one is shown, and asked for again', () => {
    const ride = one().welcome({ ...heads(0) })
    ride.list([entry('n1')], { shop: 1, unread: 1 })
    expect(ride.status).toBe('catching_up')
    expect(ride.tick().asked).toEqual(['list'])
    expect(ride.list([], { epoch: NEWER_EPOCH }).status).toBe('ready')
  })

  test('[IN2] read-all before that snapshot does not reach into the new one', () => {
    const ride = settled([], { shop: 900 }).welcome({ ...heads(0) })
    expect(upToShown(ride.view)).toEqual({ [SHOP]: 0, [OWN]: 0 })
    expect(upToShown(ride.hear(sent('n2')).view)).toEqual({ [SHOP]: 2, [OWN]: 0 })
  })
})

describe('[NO8] memberships', () => {
  test('the first welcome differs from nothing', () => {
    expect(one().view.memberships).toEqual({ downtown: 'staff' })
    expect(one().asked).toEqual([])
  })

  test.each([
    ['a role', { downtown: 'manager' }],
    ['a shop that was joined', { downtown: 'staff', harbour: 'staff' }],
    ['a shop that was left', {}],
  ])('another welcome differs in %s: the list is asked', (_title, memberships) => {
    expect(one().welcome({ recovered: true, memberships }).asked).toEqual(['list'])
  })

  test.each([
    ['left', member(null)],
    ['another role', member('manager')],
    ['joined', member('staff', 'harbour')],
    ['the same again: somebody left and came back', member('staff')],
  ])('a membership frame: %s: the list is asked', (_title, frame) => {
    expect(one().hear(frame).asked).toEqual(['list'])
  })

  test('who leaves a shop sees its entries no more, at once', () => {
    const ride = one().hear(sent('n2'), sent('n3', { stream: OWN }), member(null))
    expect(ride.ids).toEqual(['n3'])
    expect(ride.unread).toBe(1)
  })

  test('after that its cursor is not waited for', () => {
    const ride = one().hear(
      sent('n2'),
      said('cancelled', 3, { notification_ids: ['n2'], stream: SHOP }),
    )
    ride.hear(member(null))
    ride.do({
      type: 'list',
      answer: {
        data: [],
        page: { before: null, after: null, has_more: false },
        counts: { unread: 0, unseen: 0, action_required: 0, until: null },
        as_of: { [OWN]: 0 },
        epochs: { [OWN]: EPOCH },
      },
    })
    expect(ride.status).toBe('ready')
    expect(ride.unread).toBe(0)
  })

  test('with another role the list must have what the frames brought', () => {
    const ride = one().welcome({ recovered: true, heads: { [SHOP]: { epoch: EPOCH, seq: 1 } } })
    ride.hear(sent('n2'), member('manager'))
    expect(ride.ids).toEqual(['n1'])
    ride.list([entry('n1')], { shop: 1, unread: 1 })
    expect(ride.status).toBe('catching_up')
    ride.tick().list([entry('n2'), entry('n1')], { shop: 2, unread: 2 })
    expect(ride.status).toBe('ready')
    expect(ride.ids).toEqual(['n2', 'n1'])
  })
})
