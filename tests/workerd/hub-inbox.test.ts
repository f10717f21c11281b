// [IN2] What a person does with entries: known to all their devices at once, once, and after any life of the hub.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MarkOp } from '../../durable-objects/rpc.ts'
import { setFaults } from './helpers/faults.ts'
import { EVICTIONS, evict, locationHub, look, userHub } from './helpers/hubs.ts'
import { send, sendMany } from './helpers/sends.ts'
import { openShop, type Shop } from './helpers/shop.ts'
import { openSocket, type TestSocket } from './helpers/socket.ts'

let shop: Shop
let id: string
let token: string
let location: string

beforeEach(async () => {
  shop = await openShop()
  ;({ id, token } = shop.staff)
  ;({ location } = shop)
})
afterEach(async () => {
  await setFaults()
})

const own = () => `user:${id}`
const there = () => `location:${location}`
const UNKNOWN = '0193a6a0-0000-7000-8000-000000000001'

const mark = (op: MarkOp, ...ids: string[]) =>
  userHub(id).mark({ op, targets: ids.map((one) => ({ id: one })) }, 1_000)
const readAll = (more: { location_id?: string; up_to?: Record<string, number> } = {}) =>
  userHub(id).bulk({ op: 'read', ...more }, 1_000)
const states = (socket: TestSocket) => socket.of('notification_state').map(({ data }) => data.state)
/** The state of each entry as a socket that resumes from the start gets it. */
async function stateOf(socket: TestSocket): Promise<Record<string, unknown>> {
  const again = await openSocket({ token, epoch: socket.welcome.epoch, since: 0 })
  await again.settled()
  return Object.fromEntries(
    again
      .of('notification')
      .map(({ data }) => [`${data.stream.split(':')[0]} ${data.seq}`, data.state?.is_read]),
  )
}

describe('on a socket', () => {
  test('[IN2] what one device has read the others hear at once, the reader too', async () => {
    const [phone, till] = [await openSocket({ token }), await openSocket({ token })]
    const { id: entry } = await send({ user_id: id })
    expect(await phone.ask({ type: 'read', notification_ids: [entry] })).toMatchObject({
      type: 'ok',
    })
    for (const socket of [phone, till]) {
      expect(await socket.frame('notification_state')).toEqual({
        type: 'notification_state',
        seq: 2,
        data: {
          notification_ids: [entry],
          state: 'read',
          at: expect.any(String),
          stream: own(),
          seq: 2,
        },
      })
    }
  })

  test('[IN2] reading twice is fine, and no news', async () => {
    const socket = await openSocket({ token })
    const { id: entry } = await send({ user_id: id })
    const read = { type: 'read', notification_ids: [entry] }
    for (let twice = 0; twice < 2; twice += 1) {
      expect((await socket.ask(read)).type).toBe('ok')
    }
    await socket.settled()
    expect(states(socket)).toEqual(['read'])
  })

  test('[IN2] an id that nobody knows is not found, the others are read', async () => {
    const socket = await openSocket({ token })
    const { id: entry } = await send({ user_id: id })
    const answer = await socket.ask({ type: 'read', notification_ids: [UNKNOWN, entry] })
    expect(answer).toMatchObject({ type: 'error', code: 'not_found' })
    expect((await socket.frame('notification_state')).data.notification_ids).toEqual([entry])
  })

  test('[IN2] seen up to here is one step, and again nothing', async () => {
    const socket = await openSocket({ token })
    await sendMany({ user_id: id }, 3)
    const seen = { type: 'seen', up_to: { [own()]: 3 } }
    await socket.ask(seen)
    await socket.ask(seen)
    await socket.ask({ type: 'seen', up_to: { [own()]: 2 } })
    await socket.settled()
    expect(socket.of('notification_state').map(({ data }) => data.up_to)).toEqual([{ [own()]: 3 }])
  })
})

describe.each(['awake', ...EVICTIONS] as const)('marks (%s)', (how) => {
  const settle = () => (how === 'awake' ? undefined : evict(userHub(id), how))

  test('[IN2] marking twice changes nothing, in the next life neither', async () => {
    const { id: entry } = await send({ user_id: id })
    expect(await mark('archived', entry)).toMatchObject({ ok: true, changed: true, archived: true })
    await settle()
    for (const op of ['archived', 'read', 'seen'] as const) {
      expect(await mark(op, entry)).toMatchObject({ ok: true, changed: false, unknown: [] })
    }
    expect(await mark('unread', entry)).toMatchObject({ changed: true })
  })

  test('[IN2] an entry of a location is marked at its home, wherever it was read', async () => {
    const { id: entry } = await send({ location_id: location })
    await settle()
    // Nobody has a socket open: the hub takes it from the location first.
    expect(await mark('read', entry)).toMatchObject({ ok: true, changed: true, unknown: [] })
    const [row] = await look(userHub(id), (sql) =>
      sql.all<{ stream: string; seq: number }>('SELECT stream, seq FROM marks'),
    )
    expect(row).toEqual({ stream: there(), seq: 1 })
  })

  test('[IN2] read-all reaches what was there, and what comes later is new', async () => {
    const socket = await openSocket({ token })
    await send({ user_id: id })
    await send({ location_id: location })
    await settle()
    expect(await readAll()).toMatchObject({ ok: true, changed: true })
    expect(await readAll()).toMatchObject({ ok: true, changed: false })
    await send({ user_id: id })
    await send({ location_id: location })
    expect(await stateOf(socket)).toEqual({
      'user 1': true,
      'location 1': true,
      [`user 4`]: false,
      'location 2': false,
    })
  })
})

describe('bulk commands', () => {
  test('[IN2] up_to: a stream that it does not name is left alone, a value above the head is the head', async () => {
    const socket = await openSocket({ token })
    await sendMany({ user_id: id }, 2)
    await sendMany({ location_id: location }, 2)
    await readAll({ up_to: { [there()]: 900 } })
    const { data } = await socket.frame('notification_state')
    expect(data.up_to).toEqual({ [there()]: 2 })
    expect(await stateOf(socket)).toMatchObject({ 'user 1': false, 'location 1': true })
    await readAll({ up_to: { [own()]: 1, [there()]: 0 } })
    expect(await stateOf(socket)).toMatchObject({ 'user 1': true, 'user 2': false })
  })

  test('[IN2] location_id is that stream alone, and only a member’s', async () => {
    const socket = await openSocket({ token })
    await send({ user_id: id })
    await send({ location_id: location })
    await readAll({ location_id: location })
    expect(await stateOf(socket)).toMatchObject({ 'user 1': false, 'location 1': true })
    expect(await readAll({ location_id: 'elsewhere' })).toMatchObject({
      ok: false,
      code: 'not_found',
    })
  })

  test('[IN2] of an empty inbox change nothing', async () => {
    expect(await readAll()).toMatchObject({ ok: true, changed: false, archived: true })
  })

  test('[IN2] what was cleared is not replayed, and stays cleared', async () => {
    const socket = await openSocket({ token })
    await sendMany({ user_id: id }, 3)
    await userHub(id).bulk({ op: 'deleted', up_to: { [own()]: 2 } }, 1_000)
    await evict(userHub(id), 'hibernate')
    expect(Object.keys(await stateOf(socket))).toEqual(['user 3'])
  })

  test('[IN2] while a location does not answer, its entries are not read by guess', async () => {
    await send({ location_id: location })
    await openSocket({ token })
    await look(locationHub(location), (sql) => sql.run('DROP TABLE log'))
    await readAll()
    const [step] = await look(userHub(id), (sql) => sql.all('SELECT stream, up_to FROM steps'))
    expect(step).toEqual({ stream: there(), up_to: 1 })
  })
})

test('[AR3][AR4] while D1 is away marks are kept and heard of, and reach it later', async () => {
  const socket = await openSocket({ token })
  const { id: entry } = await send({ user_id: id })
  await setFaults({ d1: { down: true } })
  expect(await mark('read', entry)).toMatchObject({ ok: true, changed: true, archived: false })
  await socket.frame('notification_state')
  await setFaults()
  await expect
    .poll(() => mark('read', entry), { timeout: 15_000 })
    .toMatchObject({
      changed: false,
      archived: true,
    })
})

test('[WS12] a socket that acknowledges nothing is closed after a thousand entries, one that does is not', async () => {
  const [lazy, busy] = [await openSocket({ token }), await openSocket({ token })]
  await sendMany({ user_id: id }, 500)
  await busy.frame('notification', (frame) => frame.seq === 500)
  await busy.ask({ type: 'ack', seq: 500 })
  await sendMany({ user_id: id }, 501)
  expect(await lazy.frame('bye')).toMatchObject({ code: 4008, retry: true })
  await busy.frame('notification', (frame) => frame.seq === 1_001)
  expect((await busy.ask({ type: 'ack', seq: 1_001 })).type).toBe('ok')
  const back = await openSocket({ token, epoch: lazy.welcome.epoch, since: 900 })
  await back.settled()
  expect(back.of('notification')).toHaveLength(101)
})
