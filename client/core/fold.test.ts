import { describe, expect, test } from 'vitest'
import { entry, OWN, READ, said, sent, settled, SHOP } from '../../tests/client/view-ride.ts'

const ids = (...notification_ids: string[]) => ({ notification_ids })

describe('[AR5] entries', () => {
  test('a frame above as_of is new: shown on top, and counted', () => {
    const ride = settled([entry('n1')], { shop: 1, unread: 1 }).hear(sent('n2'))
    expect(ride.ids).toEqual(['n2', 'n1'])
    expect(ride.unread).toBe(2)
  })

  test('a frame at as_of adds nothing', () => {
    const ride = settled([entry('n1')], { shop: 1, unread: 1 }).hear(sent('n1'))
    expect(ride.ids).toEqual(['n1'])
    expect(ride.unread).toBe(1)
  })

  test('its home place decides, not the seq of the frame', () => {
    const late = { ...sent('n1'), seq: 900 } as ReturnType<typeof sent>
    expect(settled([entry('n1')], { shop: 1, unread: 1 }).hear(late).unread).toBe(1)
  })

  test('a new one that was read already adds none', () => {
    expect(settled([]).hear(sent('n1', { state: READ })).unread).toBe(0)
  })

  test('frames that came before the list are not counted twice, nor lost', () => {
    const ride = settled([]).hear(sent('n1'), sent('n2'), sent('n3'))
    ride.do({ type: 'refresh' }).list([entry('n2'), entry('n1')], { shop: 2, unread: 2 })
    expect(ride.ids).toEqual(['n3', 'n2', 'n1'])
    expect(ride.unread).toBe(3)
  })

  test('[NO9] an id is shown once, whichever of its copies comes first', () => {
    const copy = sent('n1', { stream: OWN, seq: 7 })
    const ride = settled([entry('n1')], { shop: 1, unread: 1 }).hear(copy, copy)
    expect(ride.ids).toEqual(['n1'])
    expect(ride.unread).toBe(1)
  })

  test('[CO4] newest first by (sent_at, id)', () => {
    const at = '2026-11-23T12:00:00.000Z'
    const ride = settled([]).hear(
      sent('n1', { sent_at: at }),
      sent('n3', { sent_at: at }),
      sent('n2'),
    )
    expect(ride.ids).toEqual(['n3', 'n1', 'n2'])
  })

  test('[NO5] it drops out when it expires, with nobody saying so', () => {
    const expires_at = '2026-11-23T09:01:00.000Z'
    const ride = settled([]).hear(sent('n1', { expires_at }))
    expect(ride.due).toBe(60_000)
    ride.pass(59_999)
    expect(ride.unread).toBe(1)
    ride.pass(1)
    expect(ride.ids).toEqual([])
    expect(ride.unread).toBe(0)
    expect(ride.status).toBe('ready')
  })

  test('what lies below the pages that are loaded counts, and is shown with its page', () => {
    const ride = settled([entry('n9'), entry('n8')], { shop: 9, unread: 5, after: 'c' })
    ride.hear(sent('n3', { stream: OWN, seq: 4 }))
    expect(ride.ids).toEqual(['n9', 'n8'])
    expect(ride.unread).toBe(6)
  })
})

describe('[AR5] marks', () => {
  const two = () => settled([entry('n2'), entry('n1')], { shop: 2, own: 5, unread: 2, unseen: 2 })

  test('above as_of it applies', () => {
    expect(two().hear(said('read', 6, ids('n1'))).unread).toBe(1)
  })

  test('at as_of the snapshot has it', () => {
    const ride = two().hear(said('read', 5, ids('n1')))
    expect(ride.unread).toBe(2)
  })

  test('at as_of it applies all the same to an entry that the snapshot does not have', () => {
    const ride = two().hear(sent('n3'), said('read', 5, ids('n3')))
    expect(ride.ids).toEqual(['n3', 'n2', 'n1'])
    expect(ride.unread).toBe(2)
    expect(ride.view.shown.entries[0]?.state.is_read).toBe(true)
  })

  test('and goes on doing so when the entry is archived later', () => {
    const ride = two().hear(sent('n3'), said('read', 5, ids('n3')))
    ride.count({ shop: 3, own: 5, unread: 2, unseen: 2 })
    expect(ride.unread).toBe(2)
    expect(ride.view.shown.entries[0]?.state.is_read).toBe(true)
  })

  test('deleted and archived ones leave the list', () => {
    const ride = two().hear(said('deleted', 6, ids('n1')), said('archived', 7, ids('n2')))
    expect(ride.ids).toEqual([])
    expect(ride.unread).toBe(0)
  })

  test('an archived one comes back as it was', () => {
    const ride = two().hear(said('archived', 6, ids('n2')), said('unarchived', 7, ids('n2')))
    expect(ride.ids).toEqual(['n2', 'n1'])
    expect(ride.unread).toBe(1)
  })

  test('[IN4] the home stream says that somebody answered', () => {
    const actions = [{ id: 'yes', label: 'Yes' }]
    const ride = settled([entry('n1', { actions })], { shop: 1, unread: 1, asks: 1 })
    const outcome = { action: 'yes', user_id: 'cleo', at: 'then' }
    ride.hear(said('acted', 2, { ...ids('n1'), outcome, stream: SHOP }))
    expect(ride.view.shown.counts).toMatchObject({ unread: 1, action_required: 0 })
  })

  test.each([
    ['[AR5] an id that is not held: the count is asked', 'read', ['count']],
    ['one that comes back into the list: the list is', 'unarchived', ['list']],
    ['one that is gone, and with it what it replaced: the list is', 'deleted', ['list']],
    ['the same from its home', 'cancelled', ['list']],
  ] as const)('%s', (_title, state, asked) => {
    expect(two().hear(said(state, 6, ids('n404'))).asked).toEqual(asked)
  })

  test('an id that is not held, in a mark that the snapshot has: nothing is asked', () => {
    expect(two().hear(said('read', 5, ids('n404'))).asked).toEqual([])
  })

  test('the answer to that question is the truth, and the frame is done with', () => {
    const ride = two().hear(said('read', 6, ids('n404')))
    ride.count({ shop: 2, own: 6, unread: 1 })
    expect(ride.unread).toBe(1)
    expect(ride.status).toBe('ready')
  })
})

describe('[IN2] up to here', () => {
  const upTo = (shop: number, more: object = {}) => ({ up_to: { [SHOP]: shop }, ...more })
  const page = () =>
    settled([entry('n3'), entry('n2')], { shop: 3, own: 5, unread: 9, unseen: 9, after: 'c' })
  const all = () =>
    settled([entry('n3'), entry('n2', { category: 'training' })], {
      shop: 3,
      own: 5,
      unread: 2,
      unseen: 2,
    })

  test('everything of the snapshot is read, also what is not loaded', () => {
    const ride = page().hear(said('read', 6, { up_to: { [SHOP]: 3, [OWN]: 5 } }))
    expect(ride.view.shown.counts).toEqual({ unread: 0, unseen: 0, action_required: 0 })
    expect(ride.asked).toEqual([])
  })

  test('what came after it is not', () => {
    const ride = page().hear(sent('n4'), said('read', 6, { up_to: { [SHOP]: 3, [OWN]: 5 } }))
    expect(ride.unread).toBe(1)
  })

  test('not so far as the snapshot: of what is not loaded nobody knows, the count is asked', () => {
    const ride = page().hear(said('read', 6, upTo(2)))
    expect(ride.asked).toEqual(['count'])
    expect(ride.view.shown.entries.map(({ state }) => state.is_read)).toEqual([false, true])
  })

  test('one category of what is not loaded: the count is asked', () => {
    const bound = { up_to: { [SHOP]: 3, [OWN]: 5 }, category: 'team' } as const
    expect(page().hear(said('read', 6, bound)).asked).toEqual(['count'])
  })

  test('all is loaded: nothing is asked', () => {
    const ride = all().hear(said('read', 6, upTo(3, { category: 'training' })))
    expect(ride.unread).toBe(1)
    expect(ride.asked).toEqual([])
  })

  test('seen and cleared work alike', () => {
    expect(all().hear(said('seen', 6, upTo(3))).view.shown.counts).toMatchObject({
      unread: 2,
      unseen: 0,
    })
    expect(all().hear(said('deleted', 6, upTo(3))).ids).toEqual([])
  })

  test('what is asked of the reader stays when it is read, and goes when it is cleared', () => {
    const wish = { shop: 3, own: 5, unread: 1, asks: 4, after: 'c' }
    const bound = { up_to: { [SHOP]: 3, [OWN]: 5 } }
    const asks = (state: 'read' | 'deleted') =>
      settled([entry('n3')], wish).hear(said(state, 6, bound)).view.shown.counts.action_required
    expect([asks('read'), asks('deleted')]).toEqual([4, 0])
  })

  test('[ST1] a row of an older life of the stream has a higher number, and is below all the same', () => {
    const ride = settled([entry('n900')], { shop: 3, own: 5, unread: 1 })
    expect(ride.hear(said('read', 6, upTo(3))).unread).toBe(0)
  })

  test('a snoozed one is not read by the way', () => {
    const state = { ...entry('n1').state, snoozed_until: '2026-11-23T10:00:00.000Z' }
    const ride = settled([entry('n1', { state })], { shop: 3, own: 5 })
    ride.hear(said('read', 6, { ...upTo(3), at: '2026-11-23T09:00:00.000Z' }))
    ride.hear(said('unsnoozed', 7, ids('n1')))
    expect(ride.unread).toBe(1)
  })
})

describe('[NO6] one takes the place of another', () => {
  const key = { collapse_key: 'k' }

  test('a held unread one: the count stays', () => {
    const ride = settled([entry('n1', key)], { shop: 1, unread: 1 })
    ride.hear(sent('n2', { ...key, replaces: 'n1' }))
    expect(ride.ids).toEqual(['n2'])
    expect(ride.unread).toBe(1)
    expect(ride.asked).toEqual([])
  })

  test('a held read one: the new one counts', () => {
    const ride = settled([entry('n1', { ...key, state: READ })], { shop: 1 })
    expect(ride.hear(sent('n2', { ...key, replaces: 'n1' })).unread).toBe(1)
  })

  test('one that is not held: the count is asked', () => {
    const ride = settled([], { shop: 1 }).hear(sent('n2', { ...key, replaces: 'n1' }))
    expect(ride.asked).toEqual(['count'])
  })

  test('every held one of the key goes, though the one named was never seen here', () => {
    const ride = settled([entry('n1', key)], { shop: 1, unread: 1 })
    ride.hear(sent('n3', { ...key, replaces: 'n2' }))
    expect(ride.ids).toEqual(['n3'])
  })

  test.each<[string, Parameters<typeof entry>[1]]>([
    ['another audience', { ...key, to: { location_id: 'downtown', roles: ['staff'] } }],
    ['another key', { collapse_key: 'other' }],
    ['no key', {}],
    ['another stream', { ...key, stream: OWN }],
  ])('%s stays', (_title, other) => {
    const ride = settled([entry('n1', other)], { shop: 1, own: 1, unread: 1 })
    ride.hear(sent('n2', key))
    expect(ride.ids).toEqual(['n2', 'n1'])
  })

  test('the same audience in another order is the same', () => {
    const roles = (...all: string[]) => ({ ...key, to: { location_id: 'downtown', roles: all } })
    const ride = settled([entry('n1', roles('staff', 'manager'))], { shop: 1, unread: 1 })
    expect(ride.hear(sent('n2', roles('manager', 'staff'))).ids).toEqual(['n2'])
  })

  test('what was replaced does not come back when its successor is deleted', () => {
    const ride = settled([entry('n1', key)], { shop: 1, own: 5, unread: 1 })
    ride.hear(sent('n2', { ...key, replaces: 'n1' }), said('deleted', 6, ids('n2')))
    expect(ride.ids).toEqual([])
    // The deletion is archived before the entry is.
    ride.do({ type: 'refresh' }).list([entry('n1', key)], { shop: 1, own: 6, unread: 1 })
    expect(ride.ids).toEqual([])
    expect(ride.unread).toBe(0)
  })

  test('one that comes late, after its successor was listed, is not shown', () => {
    const ride = settled([entry('n2', { ...key, replaces: 'n1' })], { shop: 2, unread: 1 })
    expect(ride.hear(sent('n1', key)).ids).toEqual(['n2'])
  })
})
