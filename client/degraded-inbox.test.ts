// [WS14] The inbox where sockets are blocked and HTTP is not.
import { describe, expect, test } from 'vitest'
import { two, type Play } from '../tests/client/inbox-scene.ts'
import { command, count, entry, list, OWN, SHOP } from '../tests/client/view-ride.ts'
import { flush } from '../tests/fakes/fake-clock.ts'
import { ShopbellError } from './errors.ts'

/** Sockets are refused three times, and HTTP answers. */
async function blocked(): Promise<Play> {
  const play = await two()
  play.server.last.drop()
  for (let i = 0; i < 3; i++) {
    await play.clock.advance(500)
    play.server.last.refuse()
  }
  play.http.tell('answered')
  expect(play.connection.getState().name).toBe('degraded')
  await play.last().answer(count({ shop: 2, own: 5, unread: 2, unseen: 2 }))
  return play
}

describe('[WS14] where sockets are blocked', () => {
  const polls = ({ asked }: Play) => asked.filter(({ call }) => call === 'count').length

  test('every 15 s it asks whether there is anything new, and nothing else', async () => {
    const play = await blocked()
    expect(polls(play)).toBe(1)
    for (let i = 0; i < 4; i++) {
      await play.clock.advance(14_999)
      expect(polls(play)).toBe(1 + i)
      await play.clock.advance(1)
      expect(polls(play)).toBe(2 + i)
      expect(play.inbox.getState().status).toBe('ready')
      await play.last().answer(count({ shop: 2, own: 5, unread: 2, unseen: 2 }))
    }
    expect(play.asked.filter(({ call }) => call === 'inbox')).toHaveLength(1)
  })

  test('what is new is in the list', async () => {
    const play = await blocked()
    await play.clock.advance(15_000)
    await play.last().answer(count({ shop: 3, own: 5, unread: 3, unseen: 3 }))
    expect(play.last()).toMatchObject({ call: 'inbox' })
    const all = [entry('n3'), entry('n2'), entry('n1')]
    await play.last().answer(list(all, { shop: 3, own: 5, unread: 3, unseen: 3 }))
    expect(play.ids()).toEqual(['n3', 'n2', 'n1'])
    expect(play.inbox.getState()).toMatchObject({ status: 'ready', counts: { unread: 3 } })
  })

  test('nobody looks: nothing is asked; somebody does: at once', async () => {
    const play = await blocked()
    play.window.say('hidden')
    await play.clock.advance(600_000)
    expect(polls(play)).toBe(1)
    play.window.say('visible')
    await flush()
    expect(polls(play)).toBe(2)
  })

  test('one that fails is shown to nobody, and asked again with the next; a server that asks for patience gets it', async () => {
    const play = await blocked()
    await play.clock.advance(15_000)
    await play.last().fail(new ShopbellError('unavailable', { retryAfterMs: 40_000 }))
    expect(play.inbox.getState()).toMatchObject({ status: 'ready', error: null })
    await play.clock.advance(39_999)
    expect(polls(play)).toBe(2)
    await play.clock.advance(1)
    expect(polls(play)).toBe(3)
  })

  test('a socket that is welcome ends it', async () => {
    const play = await blocked()
    play.connection.restart()
    await flush()
    play.server.last.welcome({ recovered: true })
    await play.clock.advance(600_000)
    expect(polls(play)).toBe(1)
  })
})

describe('[WS14] seen', () => {
  test('[WS14] goes over HTTP where sockets are blocked, and is settled by the answer', async () => {
    const { inbox, last } = await blocked()
    expect(inbox.markSeen()).toBe(true)
    expect(inbox.getState().counts.unseen).toBe(0)
    expect(last()).toMatchObject({ call: 'seenAll', args: [{ up_to: { [SHOP]: 2, [OWN]: 5 } }] })
    await last().answer(command({ shop: 2, own: 6, unread: 2 }))
    expect(inbox.getState()).toMatchObject({ counts: { unread: 2, unseen: 0 } })
  })

  test('[WS14] where that fails it is taken back, not shown as a failure, and not repeated at once', async () => {
    const { inbox, clock, last } = await blocked()
    inbox.markSeen()
    await last().fail()
    expect(inbox.getState()).toMatchObject({ counts: { unseen: 2 }, error: null })
    expect(inbox.markSeen()).toBe(false)
    await clock.advance(15_000)
    expect(inbox.markSeen()).toBe(true)
  })
})
