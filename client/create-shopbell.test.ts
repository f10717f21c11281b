import { describe, expect, test } from 'vitest'
import { createFakeWindow } from '../tests/client/scene.ts'
import { count, entry, list, SHOP } from '../tests/client/view-ride.ts'
import { createFakeClock, flush, type FakeClock } from '../tests/fakes/fake-clock.ts'
import { createFakeSockets, type FakeSocketServer } from '../tests/fakes/fake-socket.ts'
import { createShopbell } from './create-shopbell.ts'
import type { ShopbellOptions } from './types.ts'

const ID = '01935a00-0000-7000-8000-00000000000a'

/** A whole client against a server of three answers. */
function open(options: Partial<ShopbellOptions> = {}) {
  const clock = createFakeClock()
  const sockets = createFakeSockets()
  const asked: string[] = []
  let tokens = 0
  const answerOf = (path: string): unknown => {
    if (path === '/auth/dev') {
      return { access_token: `t${++tokens}`, token_type: 'Bearer', expires_in: 900 }
    }
    return path.endsWith('/count')
      ? count({ shop: 1, unread: 1 })
      : list([entry('n1', { id: ID, stream: SHOP, seq: 1 })], { shop: 1, unread: 1 })
  }
  const shopbell = createShopbell({
    base: 'http://bell.test',
    device: 'phone',
    signIn: (api) => api.signInDev('ben'),
    WebSocket: sockets.WebSocket,
    clock,
    hints: createFakeWindow(),
    random: () => 0,
    fetch: async (input) => {
      const { pathname } = new URL(String(input))
      const path = pathname.replace('/api/v1', '')
      asked.push(path)
      return Response.json(answerOf(path))
    },
    ...options,
  })
  return { shopbell, sockets, clock, asked }
}

async function refuseThree(clock: FakeClock, sockets: FakeSocketServer) {
  for (let i = 0; i < 3; i++) {
    await clock.advance(i === 0 ? 0 : 500)
    sockets.last.refuse()
  }
  await flush()
}

describe('one Shopbell', () => {
  test('signs in once for socket and REST, opens the socket first, asks for the list then', async () => {
    const { shopbell, sockets, asked } = open()
    shopbell.start()
    await flush()
    expect(asked).toEqual(['/auth/dev'])
    expect(sockets.last.url.href).toBe('ws://bell.test/api/v1/ws?device=phone')
    expect(sockets.last.protocols).toEqual(['shopbell.v1', 'bearer.t1'])
    sockets.last.welcome()
    await flush()
    expect(asked).toEqual(['/auth/dev', '/notifications'])
    expect(shopbell.inbox.getState()).toMatchObject({ status: 'ready', counts: { unread: 1 } })
  })

  test('[AU3][WS11] a new token for both, 60 s before the old one ends', async () => {
    const { shopbell, sockets, clock, asked } = open()
    shopbell.start()
    await flush()
    sockets.last.welcome()
    await clock.advance(840_000)
    expect(asked.filter((path) => path === '/auth/dev')).toHaveLength(2)
    expect(sockets.last.frames).toContainEqual({ type: 'auth', token: 't2' })
  })

  test('stopped, it holds neither socket nor timer; started again it goes on', async () => {
    const { shopbell, sockets, clock } = open()
    shopbell.start()
    await flush()
    sockets.last.welcome({ seq: 4 })
    await flush()
    shopbell.stop()
    expect(sockets.alive).toEqual([])
    expect(clock.timers()).toEqual([])
    shopbell.start()
    await flush()
    expect(sockets.last.url.searchParams.get('since')).toBe('4')
    sockets.last.welcome({ recovered: true })
    await flush()
    expect(shopbell.inbox.getState().notifications).toHaveLength(1)
  })

  test('[WS14] where sockets are blocked it polls, says so, and is live again by itself', async () => {
    const { shopbell, sockets, clock, asked } = open()
    shopbell.start()
    await refuseThree(clock, sockets)
    expect(shopbell.connection.getState()).toMatchObject({ name: 'degraded' })
    const before = asked.length
    await clock.advance(29_000)
    expect(asked.slice(before)).toEqual(['/notifications/unread/count'])
    await clock.advance(1_000)
    sockets.last.welcome()
    await flush()
    expect(shopbell.connection.getState().name).toBe('live')
  })

  test('[WS14] not where a fresh token is what is refused', async () => {
    const { shopbell, sockets, clock } = open({
      fetch: async (input) =>
        String(input).endsWith('/auth/dev')
          ? Response.json({ access_token: 't', token_type: 'Bearer', expires_in: 900 })
          : Response.json({ code: 'unauthorized', request_id: 'r' }, { status: 401 }),
    })
    shopbell.start()
    await refuseThree(clock, sockets)
    expect(shopbell.connection.getState()).toMatchObject({ reason: 'unauthorized' })
  })

  test.each<[string, () => Promise<Response>]>([
    ['nobody answers', () => Promise.reject(new TypeError('no network'))],
    ['a page in between says no', async () => new Response('<h1>Blocked</h1>', { status: 403 })],
    ['a page in between wants a name', async () => new Response('<h1>Who?</h1>', { status: 401 })],
    ['a page in between says anything', async () => new Response('<h1>Welcome</h1>')],
  ])('[WS14] nor where HTTP does not work either: %s', async (_title, answer) => {
    const token = { access_token: 't', token_type: 'Bearer', expires_in: 900 } as const
    const { shopbell, sockets, clock } = open({ fetch: answer, signIn: async () => token })
    shopbell.start()
    await refuseThree(clock, sockets)
    expect(shopbell.connection.getState().name).toBe('waiting')
  })

  test('the address of the socket can be another', async () => {
    const { shopbell, sockets } = open({ url: 'wss://sockets.test/api/v1/ws' })
    shopbell.start()
    await flush()
    expect(sockets.last.url.host).toBe('sockets.test')
  })
})
