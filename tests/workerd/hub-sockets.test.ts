import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { setClockAhead } from '../../durable-objects/clock.ts'
import { MAX_FRAME_BYTES } from '../../protocol/limits.ts'
import { setFaults } from './helpers/faults.ts'
import { EVICTIONS, evict, locationHub, look, userHub } from './helpers/hubs.ts'
import { send } from './helpers/sends.ts'
import { openShop, type Shop } from './helpers/shop.ts'
import { openSocket, type TestSocket } from './helpers/socket.ts'

let shop: Shop
let token: string
let id: string

beforeEach(async () => {
  shop = await openShop()
  ;({ token, id } = shop.staff)
})

afterEach(async () => {
  await setFaults()
})

const codeOf = async (socket: TestSocket) => {
  const { code } = await socket.frame('bye')
  expect((await socket.closed).code).toBe(code)
  return code
}
/** Is it still open? */
const answers = async (socket: TestSocket) =>
  (await socket.ask({ type: 'state', visible: true })).type

describe('the welcome', () => {
  test('[WS3] is the first frame and says everything that a client needs', async () => {
    await send({ user_id: id })
    const { welcome, all } = await openSocket({ token })
    expect(all[0]).toBe(welcome)
    expect(welcome).toEqual({
      type: 'welcome',
      protocol: 1,
      stream: `user:${id}`,
      epoch: expect.stringMatching(/^[0-9a-f-]{36}$/),
      seq: 1,
      recovered: false,
      connection_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      heartbeat_interval_s: 30,
      limits: { max_frame_bytes: MAX_FRAME_BYTES, burst: 100, per_second: 20 },
      reconnect: { min_ms: 500, max_ms: 30_000, max_attempts: 10 },
      server_time: expect.any(String),
      memberships: { [shop.location]: 'staff' },
      heads: {
        [`user:${id}`]: { epoch: welcome.epoch, seq: 1 },
        [`location:${shop.location}`]: { epoch: expect.any(String), seq: 0 },
      },
    })
  })

  test('[WS3] on a location’s stream it names who is there', async () => {
    const manager = await openSocket({ token: shop.manager.token, location: shop.location })
    await manager.frame('presence')
    const { welcome } = await openSocket({ token, location: shop.location })
    expect(welcome.presence).toEqual([
      { user_id: shop.manager.id, status: 'online', last_seen: expect.any(String) },
    ])
    expect(welcome).not.toHaveProperty('heads')
  })
})

describe('more sockets than one', () => {
  test('[WS7] two devices stand side by side, and both hear everything', async () => {
    const [phone, till] = [
      await openSocket({ token, device: 'phone' }),
      await openSocket({ token, device: 'till' }),
    ]
    const { id: sent } = await send({ user_id: id })
    for (const socket of [phone, till]) {
      expect((await socket.frame('notification')).data.id).toBe(sent)
    }
  })

  test('[WS7] the same device replaces its own socket and closes no other', async () => {
    const first = await openSocket({ token, device: 'phone' })
    const other = await openSocket({ token, device: 'till' })
    const nameless = await openSocket({ token })
    const second = await openSocket({ token, device: 'phone' })
    expect(await first.frame('bye')).toMatchObject({ code: 4509, reason: 'replaced', retry: false })
    expect((await first.closed).code).toBe(4509)
    for (const socket of [other, nameless, second]) expect(await answers(socket)).toBe('ok')
  })

  test.each(['awake', 'hibernate'] as const)(
    '[WS7] a sixth socket closes the oldest (%s)',
    async (how) => {
      const sockets: TestSocket[] = []
      for (let index = 0; index < 5; index += 1) sockets.push(await openSocket({ token }))
      if (how === 'hibernate') await evict(userHub(id), how)
      const sixth = await openSocket({ token })
      const [oldest, ...rest] = sockets
      if (!oldest) throw new Error('no socket')
      expect(await codeOf(oldest)).toBe(4509)
      for (const socket of [...rest, sixth]) expect(await answers(socket)).toBe('ok')
      expect(await look(userHub(id), (_, state) => state.getWebSockets().length)).toBe(5)
    },
  )

  test('[WS7] the limit is a person’s, not the room’s', async () => {
    const { location } = shop
    const manager = await openSocket({ token: shop.manager.token, location })
    for (let index = 0; index < 6; index += 1) await openSocket({ token, location })
    expect(await answers(manager)).toBe('ok')
  })
})

describe('frames that are not understood', () => {
  const bad = (socket: TestSocket, text: string) => {
    socket.send(text)
    return socket.frame('error')
  }

  test('[WS9] get an error, and the socket lives', async () => {
    const socket = await openSocket({ token })
    expect(await bad(socket, '{"type":')).toMatchObject({ code: 'bad_frame', temporary: false })
    expect(await bad(socket, '{"type":"hello","id":"7"}')).toMatchObject({
      code: 'bad_frame',
      re: '7',
    })
    expect(await bad(socket, '{"type":"typing","id":"8"}')).toMatchObject({
      code: 'not_available',
      re: '8',
    })
    expect(await bad(socket, 'x'.repeat(MAX_FRAME_BYTES + 1))).toMatchObject({ code: 'too_large' })
    socket.sendBinary(new Uint8Array([1, 2, 3]))
    expect(await socket.frame('error')).toMatchObject({ code: 'bad_frame' })
    expect(await answers(socket)).toBe('ok')
  })

  test('[WS9] a frame that is for the other kind of stream is a bad one', async () => {
    const { location } = shop
    const room = await openSocket({ token, location })
    const read = { type: 'read', notification_ids: ['0193a6a0-0000-7000-8000-000000000001'] }
    expect(await room.ask(read)).toMatchObject({ code: 'bad_frame' })
    expect(await room.ask({ type: 'seen', up_to: {} })).toMatchObject({ code: 'bad_frame' })
  })

  test('[WS9] more than ten in a minute end the socket, for good', async () => {
    const socket = await openSocket({ token })
    for (let index = 0; index < 10; index += 1) await bad(socket, 'nonsense')
    expect(await answers(socket)).toBe('ok')
    socket.send('nonsense')
    expect(await socket.frame('bye')).toMatchObject({ code: 4500, retry: false })
    expect((await socket.closed).code).toBe(4500)
  })

  test('[WS9] an array is answered frame by frame, in order', async () => {
    const socket = await openSocket({ token })
    socket.send([
      { type: 'state', id: 'a', visible: true },
      { type: 'nope', id: 'b' },
      { type: 'ack', id: 'c', seq: 0 },
    ])
    await socket.frame('ok', (frame) => frame.re === 'c')
    const said = [...socket.of('ok'), ...socket.of('error')].map((frame) => frame.re)
    expect(said).toEqual(['a', 'c', 'b'])
    expect(socket.all.slice(1).map((frame) => frame.type)).toEqual(['ok', 'error', 'ok'])
  })

  test('[CO3] a frame that fails on our side gets an answer, and the next one is heard', async () => {
    const socket = await openSocket({ token })
    await look(userHub(id), (sql) => sql.run('DROP TABLE steps'))
    const seen = { type: 'seen', up_to: { [`user:${id}`]: 1 } }
    await send({ user_id: id }, { type: 'custom' })
    const answer = await socket.ask(seen)
    expect(answer).toMatchObject({ type: 'error', code: 'internal', temporary: true })
    expect(JSON.stringify(answer)).not.toMatch(/steps|SQLITE/)
    expect(await answers(socket)).toBe('ok')
    // The next life finds its tables again.
    await evict(userHub(id), 'hibernate')
  })

  test('[WS10] past the burst a frame is refused for now, and the next text is heard', async () => {
    const socket = await openSocket({ token })
    socket.send(Array.from({ length: 150 }, () => ({ type: 'state', visible: true })))
    const refused = await socket.frame('error')
    expect(refused).toMatchObject({ code: 'rate_limited', temporary: true })
    expect(refused.retry_after_ms).toBeGreaterThan(0)
    expect(socket.of('bye')).toEqual([])
  })
})

test('[WS10] who keeps on for ten seconds is closed, and told when to come back', async () => {
  const socket = await openSocket({ token })
  const say = (count: number, name: string) =>
    socket.send(Array.from({ length: count }, () => ({ type: 'ack', id: name, seq: 0 })))
  for (let second = 0; second < 10; second += 1) {
    setClockAhead(second * 1_000)
    say(second === 0 ? 150 : 40, `second ${second}`)
    await socket.frame('error', (frame) => frame.re === `second ${second}`)
    expect(socket.of('bye')).toEqual([])
    await socket.settled()
  }
  setClockAhead(10_500)
  say(40, 'the last')
  const bye = await socket.frame('bye')
  expect(bye).toMatchObject({ code: 4029, retry: true, retry_after_ms: expect.any(Number) })
})

describe('acknowledgements', () => {
  test('[WS12] up to the head are fine, above it bad', async () => {
    const socket = await openSocket({ token })
    await send({ user_id: id })
    expect(await socket.ask({ type: 'ack', seq: 1 })).toMatchObject({ type: 'ok' })
    expect(await socket.ask({ type: 'ack', seq: 2 })).toMatchObject({ code: 'bad_frame' })
    expect(await socket.ask({ type: 'ack', seq: 0 })).toMatchObject({ type: 'ok' })
  })
})

describe.each(EVICTIONS)('after the hub was taken from memory (%s)', (how) => {
  test('[WS13] sockets go on or come back, and nothing is missed or told twice', async () => {
    const { location } = shop
    const hubs = [userHub(id), locationHub(location)]
    const own = await openSocket({ token })
    const room = await openSocket({ token, location })
    await send({ user_id: id })
    await send({ location_id: location })
    await own.frame('notification', ({ data }) => data.stream === `location:${location}`)
    await Promise.all(hubs.map((hub) => evict(hub, how)))
    const resume = (socket: TestSocket, seq: number) => ({
      token,
      epoch: socket.welcome.epoch,
      since: seq,
    })
    const reopened =
      how === 'close'
        ? {
            own: await openSocket(resume(own, 2)),
            room: await openSocket({ ...resume(room, 1), location }),
          }
        : { own, room }
    if (how === 'close') {
      expect([(await own.closed).code, (await room.closed).code]).toEqual([1006, 1006])
      expect([reopened.own.welcome.recovered, reopened.room.welcome.recovered]).toEqual([
        true,
        true,
      ])
    }
    await send({ user_id: id })
    await send({ location_id: location })
    await reopened.own.frame('notification', (frame) => frame.seq === 4)
    await reopened.room.frame('notification', (frame) => frame.seq === 2)
    const seqs = (sockets: TestSocket[]) =>
      sockets.flatMap((socket) => socket.of('notification')).map((frame) => frame.seq)
    const both = (a: TestSocket, b: TestSocket) => (a === b ? [a] : [a, b])
    expect(seqs(both(own, reopened.own))).toEqual([1, 2, 3, 4])
    expect(seqs(both(room, reopened.room))).toEqual([1, 2])
  })
})

test('[WS13] who a socket is, what it may and how far it came survive hibernation', async () => {
  const { location, manager } = shop
  const socket = await openSocket({ token, location, device: 'till' })
  const boss = await openSocket({ token: manager.token, location })
  await send({ location_id: location })
  await socket.ask({ type: 'ack', seq: 1 })
  await socket.ask({ type: 'state', visible: false })
  await evict(locationHub(location), 'hibernate')
  const { seq } = await send({ location_id: location, roles: ['manager'] })
  await boss.frame('notification', (frame) => frame.seq === seq)
  await send({ location_id: location })
  await socket.frame('notification', (frame) => frame.seq === seq + 1)
  expect(socket.of('notification').map((frame) => frame.seq)).toEqual([1, 3])
  const [connection] = await locationHub(location).connections(id)
  expect(connection).toMatchObject({ device: 'till', visible: false })
})
