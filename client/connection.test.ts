import { describe, expect, test } from 'vitest'
import type { ServerFrame } from '../protocol/server-frames.ts'
import { flush } from '../tests/fakes/fake-clock.ts'
import { FAKE_TOKEN_LIFE_MS, setLiveScene, setScene } from '../tests/client/scene.ts'
import { WELCOME } from '../tests/fakes/fake-socket.ts'
import { ShopbellError } from './errors.ts'
import type { ConnectionStatus } from './types.ts'

const marked = (seq: number): ServerFrame => ({
  type: 'notification_state',
  seq,
  data: { notification_ids: ['a'], state: 'read', at: 'now', stream: 'user:ben', seq },
})

describe('opening', () => {
  test('[AU5] the token travels as a subprotocol, never in the address', async () => {
    const { server, connection } = setScene()
    connection.start()
    await flush()
    expect(server.last.protocols).toEqual(['shopbell.v1', 'bearer.token-1'])
    expect(server.last.url.href).toBe('ws://bell.test/api/v1/ws?device=phone')
  })

  test('[WS1] a location stream is asked for by name', async () => {
    const { server, connection } = setScene({ location: 'downtown' })
    connection.start()
    await flush()
    expect(server.last.url.search).toBe('?device=phone&location=downtown')
  })

  test('[WS4] resume names the epoch and the newest seq that came', async () => {
    const { server, clock } = await setLiveScene()
    server.last.say(marked(1), marked(2))
    server.last.drop()
    await clock.advance(500)
    const { searchParams } = server.last.url
    expect(searchParams.get('epoch')).toBe(WELCOME.epoch)
    expect(searchParams.get('since')).toBe('2')
  })

  test('says its states to whoever listens, once each', async () => {
    const { server, clock, connection } = setScene()
    const names: ConnectionStatus[] = []
    const end = connection.subscribe(({ name }) => names.push(name))
    connection.start()
    await flush()
    server.last.welcome()
    await clock.advance(65_000)
    server.last.drop()
    await clock.advance(500)
    expect(names).toEqual(['connecting', 'resuming', 'live', 'waiting', 'connecting'])
    end()
    connection.stop()
    expect(names).toHaveLength(5)
  })

  test('a constructor that throws is a failed try like others', async () => {
    class Broken {
      constructor() {
        throw new SyntaxError('bad address')
      }
      send() {}
      close() {}
      addEventListener() {}
    }
    const { connection } = setScene({ WebSocket: Broken })
    connection.start()
    await flush()
    expect(connection.getState().name).toBe('waiting')
  })
})

describe('frames', () => {
  test('[WS3] an array is one delivery, in order, and so is a single frame', async () => {
    const { server, connection } = await setLiveScene()
    const heard: string[][] = []
    connection.onFrames((frames) => heard.push(frames.map(({ type }) => type)))
    server.last.say(marked(1), marked(2))
    server.last.say({ type: 'ok', re: '1' })
    expect(heard).toEqual([['notification_state', 'notification_state'], ['ok']])
  })

  test.each([
    ['[CO3] an unknown type', '{"type":"confetti","seq":9}'],
    ['not valid', '{"type":"notification_state","seq":"nine"}'],
    ['not JSON', '{'],
    ['not an object', '7'],
    ['nothing', '[]'],
    ['not text', new ArrayBuffer(4)],
  ])('%s is ignored, and the socket lives', async (_title, data) => {
    const { server, connection } = await setLiveScene()
    const heard: unknown[] = []
    connection.onFrames((frames) => heard.push(...frames))
    server.last.text(data)
    expect(heard).toEqual([])
    expect(connection.getState().name).toBe('live')
  })

  test('[CO3] what is known of a text is delivered without what is not', async () => {
    const { server, connection } = await setLiveScene()
    const heard: unknown[] = []
    connection.onFrames((frames) => heard.push(...frames))
    server.last.text(JSON.stringify([{ type: 'confetti' }, { type: 'ok', re: '1', later: true }]))
    expect(heard).toEqual([{ type: 'ok', re: '1' }])
  })

  test('a listener that throws keeps nobody else from hearing', async () => {
    const { server, connection } = await setLiveScene()
    const heard: unknown[] = []
    const uncaught = new Promise((resolve) => process.once('uncaughtException', resolve))
    connection.onFrames(() => {
      throw new Error('mine alone')
    })
    connection.onFrames((frames) => heard.push(...frames))
    server.last.say({ type: 'ok', re: '1' })
    expect(heard).toHaveLength(1)
    expect(await uncaught).toMatchObject({ message: 'mine alone' })
  })

  test('sending works while live, and says no else', async () => {
    const { server, connection } = setScene()
    expect(connection.send({ type: 'ack', seq: 1 })).toBe(false)
    connection.start()
    await flush()
    server.last.accept()
    expect(connection.send({ type: 'ack', seq: 1 })).toBe(false)
    server.last.say(WELCOME)
    expect(connection.send({ type: 'ack', seq: 1 })).toBe(true)
    expect(server.last.frames).toEqual([{ type: 'ack', seq: 1 }])
    server.last.drop()
    expect(connection.send({ type: 'ack', seq: 1 })).toBe(false)
  })

  test('a listener may answer within the delivery', async () => {
    const { server, connection } = await setLiveScene()
    connection.onFrames(() => connection.send({ type: 'state', visible: true }))
    server.last.say({ type: 'ok', re: '1' })
    expect(server.last.frames).toEqual([{ type: 'state', visible: true }])
  })

  test('a listener may stop the connection within the delivery', async () => {
    const { server, connection } = await setLiveScene()
    connection.onFrames(() => connection.stop())
    server.last.say(marked(1))
    expect(connection.getState()).toEqual({ name: 'idle' })
    expect(server.alive).toEqual([])
  })

  test('the clock of the server is known from its welcome', async () => {
    const { server, clock, connection } = setScene()
    connection.start()
    await flush()
    server.last.welcome({ server_time: '2026-11-23T10:00:00.000Z' })
    expect(connection.serverNow() - clock.now()).toBe(3_600_000)
  })

  test('a server time that is none leaves the own clock', async () => {
    const { server, clock, connection } = setScene()
    connection.start()
    await flush()
    server.last.welcome({ server_time: 'soon' })
    expect(connection.serverNow()).toBe(clock.now())
  })
})

describe('[WS5] heartbeat', () => {
  test('a quiet hour costs a ping each 30 s and nothing else', async () => {
    const { server, clock, connection } = await setLiveScene({
      getToken: async () => ({ token: 't', expiresAt: Number.MAX_SAFE_INTEGER }),
    })
    await clock.advance(3_600_000)
    expect(server.last.pings).toBe(120)
    expect(server.last.frames).toEqual([])
    expect(connection.getState().name).toBe('live')
    expect(clock.timers()).toHaveLength(1)
  })

  test('a dead link that looks open is replaced', async () => {
    const { server, clock } = await setLiveScene()
    server.last.answersPings = false
    await clock.advance(40_500)
    expect(server.sockets).toHaveLength(2)
    expect(server.log).toEqual(['opening', 'open', 'closed by client', 'opening'])
  })

  test('after sleep the socket is not trusted: 2 s, then a new one', async () => {
    const { server, clock, window } = await setLiveScene()
    server.last.answersPings = false
    clock.sleep(3_600_000)
    window.say('visible')
    await clock.advance(2_500)
    expect(server.sockets).toHaveLength(2)
  })

  test('what an old socket still says is not heard', async () => {
    const { server, clock, connection } = await setLiveScene()
    const old = server.last
    old.answersPings = false
    await clock.advance(40_500)
    const heard: unknown[] = []
    connection.onFrames((frames) => heard.push(...frames))
    old.state = 'open'
    old.say(marked(1))
    old.drop(4509)
    expect(heard).toEqual([])
    expect(connection.getState().name).toBe('connecting')
  })
})

describe('tokens', () => {
  test('[WS11] a new one goes out on the open socket before the old one ends', async () => {
    const { server, clock, connection } = await setLiveScene()
    await clock.advance(FAKE_TOKEN_LIFE_MS - 60_000)
    expect(server.last.frames).toEqual([{ type: 'auth', token: 'token-2' }])
    await clock.advance(FAKE_TOKEN_LIFE_MS)
    expect(server.last.frames).toHaveLength(2)
    expect(connection.getState().name).toBe('live')
    expect(server.sockets).toHaveLength(1)
  })

  test('[WS11] when the hub asks, a fresh one is fetched', async () => {
    const { server, asked } = await setLiveScene()
    server.last.say({ type: 'auth_expiring', at: 'soon' })
    await flush()
    expect(asked).toEqual([false, true])
    expect(server.last.frames).toEqual([{ type: 'auth', token: 'token-2' }])
  })

  test('one that comes after the socket is gone is not sent anywhere', async () => {
    const { server, clock, tokens, connection } = await setLiveScene()
    let bring: () => void = () => {}
    const { get } = tokens
    tokens.get = (request) => new Promise((resolve) => (bring = () => resolve(get(request))))
    server.last.say({ type: 'auth_expiring', at: 'soon' })
    tokens.get = get
    server.last.drop()
    await clock.advance(500)
    server.last.welcome({ recovered: true })
    bring()
    await flush()
    expect(server.last.frames).toEqual([])
    expect(connection.getState().name).toBe('live')
  })

  test('[WS8] after 4010 the next socket has a fresh one', async () => {
    const { server, asked } = await setLiveScene()
    server.last.drop(4010)
    await flush()
    expect(asked).toEqual([false, true])
    expect(server.last.protocols[1]).toBe('bearer.token-2')
  })

  test.each([
    ['a sign-in that says no ends it', new ShopbellError('not_found'), 'stopped'],
    ['a sign-in that cannot be reached is tried again', new ShopbellError('network'), 'waiting'],
    ['a busy one too', new ShopbellError('rate_limited'), 'waiting'],
    ['and what is not ours', new TypeError('x'), 'waiting'],
  ] as const)('%s', async (_title, error, name) => {
    const { tokens, connection, server } = setScene()
    tokens.get = () => Promise.reject(error)
    connection.start()
    await flush()
    expect(connection.getState().name).toBe(name)
    expect(server.sockets).toEqual([])
  })

  test('on an open socket a failing source changes nothing yet', async () => {
    const { server, tokens, connection, clock } = await setLiveScene()
    const { get } = tokens
    tokens.get = () => Promise.reject(new ShopbellError('network'))
    server.last.say({ type: 'auth_expiring', at: 'soon' })
    await flush()
    expect(connection.getState().name).toBe('live')
    tokens.get = get
    await clock.advance(10_000)
    expect(server.last.frames).toHaveLength(1)
  })

  test('stopping while a token is on its way opens nothing', async () => {
    const { server, connection, clock } = setScene()
    connection.start()
    connection.stop()
    await clock.advance(60_000)
    expect(server.sockets).toEqual([])
    expect(clock.timers()).toEqual([])
  })
})

test('a stopped connection listens to no window and holds no timer', async () => {
  const { connection, clock, window, server } = await setLiveScene()
  connection.stop()
  window.say('hidden')
  window.say('visible')
  await clock.advance(3_600_000)
  expect(server.sockets).toHaveLength(1)
  expect(clock.timers()).toEqual([])
})
