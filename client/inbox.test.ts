import { describe, expect, test } from 'vitest'
import { command, count, entry, list, OWN, SHOP } from '../tests/client/view-ride.ts'
import { arrives, live, NEW, says, set, two, type Call } from '../tests/client/inbox-scene.ts'
import { flush } from '../tests/fakes/fake-clock.ts'
import { ShopbellError, type ClientErrorCode } from './errors.ts'
import type { Inbox } from './types.ts'

/** What only the server itself says names the request (CO3). */
const refusal = (code: ClientErrorCode) => new ShopbellError(code, { requestId: 'r1' })

describe('[AR5] socket first, then the list', () => {
  test('nothing is asked before the welcome', async () => {
    const { inbox, connection, server, asked } = set()
    inbox.start()
    connection.start()
    await flush()
    server.last.accept()
    expect(asked).toEqual([])
    expect(inbox.getState()).toMatchObject({ status: 'loading', notifications: [], error: null })
  })

  test('then the list is, and shown', async () => {
    const { inbox, asked, ids } = await two()
    expect(asked.map(({ call, args }) => [call, args])).toEqual([['inbox', [{ limit: 20 }]]])
    expect(ids()).toEqual(['n2', 'n1'])
    expect(inbox.getState()).toMatchObject({
      status: 'ready',
      counts: { unread: 2, unseen: 2, action_required: 0 },
      hasMore: false,
      isLoadingMore: false,
    })
  })

  test('what comes in between is kept', async () => {
    const { inbox, connection, server, last, ids } = set()
    inbox.start()
    connection.start()
    await flush()
    server.last.welcome()
    server.last.say(arrives(1))
    await last().answer(list([entry('n1')], { shop: 1, unread: 1 }))
    expect(ids()).toEqual([NEW, 'n1'])
  })

  test('without a socket the list is shown all the same', async () => {
    const { inbox, connection, server, last, ids } = set()
    inbox.start()
    connection.start()
    await flush()
    server.last.refuse()
    await last().answer(list([entry('n1')], { shop: 1, unread: 1 }))
    expect(ids()).toEqual(['n1'])
    expect(connection.getState().name).toBe('waiting')
  })

  test('starting twice hears every frame once', async () => {
    const { inbox, server, states } = await two()
    inbox.start()
    const before = states.length
    server.last.say({ type: 'ok', re: '1' })
    expect(states.length - before).toBeLessThanOrEqual(1)
  })

  test('a stopped one hears nothing more and holds no timer', async () => {
    const play = await two()
    play.server.last.say(arrives(1))
    play.inbox.stop()
    play.server.last.say(says(2, 'deleted', 6, { notification_ids: [NEW] }))
    expect(play.ids()).toEqual([NEW, 'n2', 'n1'])
    play.connection.stop()
    expect(play.clock.timers()).toEqual([])
  })
})

describe('failures', () => {
  test('of the first list are shown, and it is tried again by itself', async () => {
    const { inbox, connection, server, clock, last, asked } = set()
    inbox.start()
    connection.start()
    await flush()
    server.last.welcome()
    await last().fail(new ShopbellError('archive_unavailable', { retryAfterMs: 3_000 }))
    expect(inbox.getState()).toMatchObject({
      status: 'failed',
      error: { code: 'archive_unavailable' },
    })
    await clock.advance(2_999)
    expect(asked).toHaveLength(1)
    await clock.advance(1)
    await last().answer(list([]))
    expect(inbox.getState()).toMatchObject({ status: 'ready', error: null })
  })

  test('of a later one are quiet: there is something to show', async () => {
    const { inbox, last } = await two()
    inbox.refresh()
    await last().fail()
    expect(inbox.getState()).toMatchObject({ status: 'catching_up', error: null })
  })

  test('an answer that says no is not asked for each second', async () => {
    const { inbox, connection, server, clock, last, asked } = set()
    inbox.start()
    connection.start()
    await flush()
    server.last.welcome()
    await last().fail(new ShopbellError('forbidden'))
    await clock.advance(59_000)
    expect(asked).toHaveLength(1)
    await clock.advance(1_000)
    expect(asked).toHaveLength(2)
  })

  test('a bug is no answer: it goes on being thrown', async () => {
    const { inbox, last } = await two()
    const outcome = inbox.markRead('n1')
    await flush()
    void last().fail(new TypeError('a bug') as unknown as ShopbellError)
    await expect(outcome).rejects.toThrow('a bug')
  })
})

describe('verbs', () => {
  const verbs: [string, (inbox: Inbox) => Promise<boolean>, Call, unknown[]][] = [
    ['markRead', (inbox) => inbox.markRead('n1'), 'mark', ['n1', 'read']],
    ['markUnread', (inbox) => inbox.markUnread('n1'), 'unmark', ['n1', 'read']],
    ['acknowledge', (inbox) => inbox.acknowledge('n1'), 'mark', ['n1', 'acknowledged']],
    ['archive', (inbox) => inbox.archive('n1'), 'mark', ['n1', 'archived']],
    ['unarchive', (inbox) => inbox.unarchive('n1'), 'unmark', ['n1', 'archived']],
    ['remove', (inbox) => inbox.remove('n1'), 'remove', ['n1']],
    [
      'markAllRead',
      (inbox) => inbox.markAllRead(),
      'readAll',
      [{ up_to: { [SHOP]: 2, [OWN]: 5 } }],
    ],
    [
      'markAllRead of a category',
      (inbox) => inbox.markAllRead({ category: 'team' }),
      'readAll',
      [{ up_to: { [SHOP]: 2, [OWN]: 5 }, category: 'team' }],
    ],
    [
      'clear of a location',
      (inbox) => inbox.clear({ locationId: 'downtown' }),
      'clear',
      [{ up_to: { [SHOP]: 2 }, location_id: 'downtown' }],
    ],
  ]

  test.each(verbs)(
    '%s asks the server, and answers that it held',
    async (_verb, act, call, args) => {
      const { inbox, last } = await two()
      const outcome = act(inbox)
      await flush()
      expect(last()).toMatchObject({ call, args })
      await last().answer({ archived: false })
      expect(await outcome).toBe(true)
      expect(inbox.getState().error).toBeNull()
    },
  )

  test.each(verbs)('%s that is refused is undone, shown, and answers so', async (_verb, act) => {
    const { inbox, last, ids } = await two()
    const outcome = act(inbox)
    await flush()
    await last().fail(refusal('forbidden'))
    expect(await outcome).toBe(false)
    expect(ids()).toEqual(['n2', 'n1'])
    expect(inbox.getState()).toMatchObject({
      counts: { unread: 2 },
      error: { code: 'forbidden' },
      unsent: { count: 0 },
    })
  })

  test.each(verbs)(
    '[TR6] %s without a network goes on showing, and is kept',
    async (_verb, act) => {
      const { inbox, last, connection, server, clock, asked } = await two()
      const outcome = act(inbox)
      const shown = inbox.getState()
      await flush()
      const { call, args } = last()
      await last().fail(new ShopbellError('network'))
      expect(await outcome).toBe(true)
      expect(inbox.getState()).toMatchObject({
        notifications: shown.notifications,
        counts: shown.counts,
        error: null,
        unsent: { count: 1 },
      })
      server.last.drop()
      const before = asked.length
      await clock.advance(2_000)
      expect(asked.slice(before).filter((one) => one.call === call)).toMatchObject([{ args }])
      expect(connection.getState().name).not.toBe('live')
    },
  )

  test('markRead shows at once, and the frame that follows changes nothing', async () => {
    const { inbox, server, last } = await two()
    void inbox.markRead('n1')
    expect(inbox.getState().counts.unread).toBe(1)
    await flush()
    server.last.say(says(1, 'read', 6, { notification_ids: ['n1'] }))
    await last().answer(command({ shop: 2, own: 6, unread: 1, unseen: 1 }))
    expect(inbox.getState()).toMatchObject({ counts: { unread: 1 }, status: 'ready' })
  })

  test('the next success takes the error away', async () => {
    const { inbox, last } = await two()
    void inbox.markRead('n1')
    await flush()
    await last().fail(refusal('forbidden'))
    void inbox.markRead('n1')
    await flush()
    await last().answer({ archived: false })
    expect(inbox.getState().error).toBeNull()
  })

  test('removing what somebody else removed is done', async () => {
    const { inbox, last, ids } = await two()
    const outcome = inbox.remove('n1')
    await flush()
    await last().fail(refusal('not_found'))
    expect(await outcome).toBe(true)
    expect(ids()).toEqual(['n2'])
    expect(inbox.getState().error).toBeNull()
  })

  test('marking what is not there any more asks for the list', async () => {
    const { inbox, last } = await two()
    void inbox.markRead('n1')
    await flush()
    await last().fail(refusal('not_found'))
    expect(last().call).toBe('inbox')
  })
})

describe('seen', () => {
  test('[IN2] goes over the socket, up to what is shown, once', async () => {
    const { inbox, server } = await two()
    expect(inbox.markSeen()).toBe(true)
    expect(inbox.getState().counts).toMatchObject({ unread: 2, unseen: 0 })
    expect(inbox.markSeen()).toBe(true)
    expect(server.last.frames).toEqual([{ type: 'seen', up_to: { [SHOP]: 2, [OWN]: 5 } }])
    server.last.say(says(1, 'seen', 6, { up_to: { [SHOP]: 2 } }))
    expect(inbox.getState()).toMatchObject({ counts: { unseen: 0 }, status: 'ready' })
  })

  test('says no without a socket', async () => {
    const { inbox, server } = await two()
    server.last.drop()
    expect(inbox.markSeen()).toBe(false)
    expect(inbox.getState().counts.unseen).toBe(2)
  })
})

describe('pages', () => {
  const first = () => live([entry('n5')], { shop: 5, unread: 1, after: 'c5' })

  test('loadMore brings the next one', async () => {
    const { inbox, last, ids } = await first()
    expect(inbox.getState().hasMore).toBe(true)
    const outcome = inbox.loadMore()
    expect(inbox.getState().isLoadingMore).toBe(true)
    expect(last()).toMatchObject({ call: 'inbox', args: [{ after: 'c5' }] })
    await last().answer(list([entry('n4')], { shop: 5, unread: 1 }))
    expect(await outcome).toBe(true)
    expect(ids()).toEqual(['n5', 'n4'])
    expect(inbox.getState()).toMatchObject({ hasMore: false, isLoadingMore: false })
  })

  test('asking twice is one request, and both hear of it', async () => {
    const { inbox, asked, last } = await first()
    const outcomes = [inbox.loadMore(), inbox.loadMore()]
    expect(asked.filter(({ args }) => JSON.stringify(args).includes('c5'))).toHaveLength(1)
    await last().fail()
    expect(await Promise.all(outcomes)).toEqual([false, false])
    expect(inbox.getState()).toMatchObject({ isLoadingMore: false, error: { code: 'unavailable' } })
  })

  test('after the last one there is no more, whatever the one before it was', async () => {
    const { inbox, last } = await first()
    void inbox.loadMore()
    await last().answer(list([entry('n4')], { shop: 5, unread: 1 }))
    expect(await inbox.loadMore()).toBe(false)
  })

  test('where there is no more, nothing is asked', async () => {
    const { inbox, asked } = await two()
    expect(await inbox.loadMore()).toBe(false)
    expect(asked).toHaveLength(1)
  })
})

describe('what is shown', () => {
  test('keeps its identity where nothing changed', async () => {
    const { inbox, server } = await two()
    const before = inbox.getState().notifications
    server.last.say(says(1, 'read', 6, { notification_ids: ['n404'] }))
    expect(inbox.getState().notifications).toBe(before)
    server.last.say(says(2, 'read', 7, { notification_ids: ['n1'] }))
    const after = inbox.getState().notifications
    expect(after).not.toBe(before)
    expect(after[0]).toBe(before[0])
    expect(after[1]).not.toBe(before[1])
  })

  test('[AR5] an id that is not held makes it ask for the count', async () => {
    const { inbox, server, last } = await two()
    server.last.say(says(1, 'read', 6, { notification_ids: ['n404'] }))
    expect(last().call).toBe('count')
    expect(inbox.getState().status).toBe('catching_up')
    await last().answer(count({ shop: 2, own: 6, unread: 1 }))
    expect(inbox.getState()).toMatchObject({ counts: { unread: 1 }, status: 'ready' })
  })

  test("[NO5] expiry goes by the server's clock", async () => {
    const { server, clock, ids, inbox, connection, last } = set()
    inbox.start()
    connection.start()
    await flush()
    server.last.welcome({ server_time: '2026-11-23T10:00:00.000Z' })
    await last().answer(
      list([entry('n1', { expires_at: '2026-11-23T10:00:05.000Z' })], { shop: 1 }),
    )
    await clock.advance(4_999)
    expect(ids()).toEqual(['n1'])
    await clock.advance(1)
    expect(ids()).toEqual([])
  })

  test('a quiet inbox holds no timer', async () => {
    const { clock } = await two()
    // The connection's own.
    expect(clock.timers()).toHaveLength(1)
  })
})
