// [CO7] What hubs say on real sockets, and what they take, against the AsyncAPI document.
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { ServerFrame } from '../../protocol/server-frames.ts'
import { buildAsyncApi, frameName } from '../../worker/asyncapi/document.ts'
import type { AsyncApi } from '../../worker/asyncapi/types.ts'
import { saveMember } from '../../worker/directory.ts'
import { must } from './helpers/api.ts'
import { faultsIn, readAsyncApi } from './helpers/documents.ts'
import { letPass, setFaults } from './helpers/faults.ts'
import { openShop, type Shop } from './helpers/shop.ts'
import { openSocket } from './helpers/socket.ts'
import { adminToken, memberToken } from './helpers/tokens.ts'

const DOCUMENT = buildAsyncApi()
const said = (action: string) =>
  Object.values(DOCUMENT.operations)
    .filter((operation) => operation.action === action)
    .flatMap(({ channel, messages }) =>
      messages.map(({ $ref }) => ({
        stream: channel.$ref.split('/').at(-1) ?? '',
        name: $ref.split('/').at(-1) ?? '',
      })),
    )
const FROM_CLIENTS = said('receive').filter(({ name }) => name !== 'ping')
const FROM_HUBS = new Set(said('send').map(({ name }) => name))

let document: AsyncApi
let shop: Shop

beforeAll(async () => {
  document = await readAsyncApi()
})
beforeEach(async () => {
  shop = await openShop()
})
afterEach(async () => {
  await setFaults()
})

/** What is wrong with frames that came. */
const faultsOf = (frames: readonly ServerFrame[]) =>
  frames.flatMap((frame) =>
    faultsIn(
      document.components.schemas,
      { $ref: `#/components/schemas/${frameName(frame.type)}` },
      frame,
    ).map((fault) => `${JSON.stringify(frame).slice(0, 300)}: ${fault}`),
  )

const open = (stream: string, token = shop.staff.token) =>
  openSocket({ token, ...(stream === 'location' && { location: shop.location }) })

const tell = (token: string, to: object) =>
  must<{ id: string }>('POST /api/v1/notifications', {
    token,
    body: { to, type: 'custom', title: 'Hello' },
  })

test('[CO7] the document of the worker is the one that is tested here', () => {
  expect(document).toEqual(JSON.parse(JSON.stringify(DOCUMENT)))
})

test.each(FROM_CLIENTS.map(({ name, stream }) => [name, stream] as const))(
  '[CO7] the example of a %s is taken on the %s stream',
  async (name, stream) => {
    const socket = await open(stream)
    const { payload } = document.components.messages[name]?.examples[0] ?? {}
    const { id: _id, ...example } = payload as { id?: string; type: string }
    const frame = await withRealValues(example)
    const answer = await socket.ask(frame)
    expect([answer.type, answer.type === 'error' && answer.message]).toEqual(['ok', false])
    expect(faultsOf(socket.all)).toEqual([])
    socket.close()
  },
)

/** Ids and tokens of this shop in place of those of the example. */
async function withRealValues(example: { type: string }): Promise<object> {
  switch (example.type) {
    case 'auth':
      return { ...example, token: await memberToken(shop.staff.id, { [shop.location]: 'staff' }) }
    case 'seen':
      return { ...example, up_to: { [`location:${shop.location}`]: 1 } }
    case 'read': {
      const { id } = await tell(shop.manager.token, { user_id: shop.staff.id })
      return { ...example, notification_ids: [id] }
    }
    default:
      return example
  }
}

test('[CO7] every frame that a hub says is as described, and all of them are heard here', async () => {
  const heard = [
    ...(await hearMarksAndMemberships()),
    ...(await hearTheRoom()),
    ...(await hearTheEndOfAToken()),
  ]
  expect(faultsOf(heard)).toEqual([])
  const names = new Set(heard.map(({ type }) => frameName(type)))
  expect([...names].toSorted()).toEqual([...FROM_HUBS].toSorted())
})

/** The own stream: an entry, its mark, a refused frame, a change of role, and a socket that is replaced. */
async function hearMarksAndMemberships(): Promise<ServerFrame[]> {
  const socket = await openSocket({ token: shop.staff.token, device: 'phone' })
  const { id } = await tell(shop.manager.token, { user_id: shop.staff.id })
  await socket.frame('notification')
  await must(`PUT /api/v1/notifications/${id}/read`, { token: shop.staff.token })
  await socket.frame('notification_state')
  await socket.ask({ type: 'ack', seq: 9_999 })
  await saveMember(env, { location_id: shop.location, user_id: shop.staff.id, role: 'manager' })
  await socket.frame('membership')
  const newer = await openSocket({ token: shop.staff.token, device: 'phone' })
  await socket.frame('bye')
  newer.close()
  return [...socket.all, ...newer.all]
}

/** A location's stream: who is there, an entry for all, and a live event. */
async function hearTheRoom(): Promise<ServerFrame[]> {
  const socket = await open('location', shop.colleague.token)
  await socket.ask({ type: 'subscribe', event_type: 'appointment_updates' })
  const other = await open('location', shop.manager.token)
  await socket.frame('presence')
  await tell(shop.manager.token, { location_id: shop.location })
  await socket.frame('notification')
  await must('POST /api/v1/events', {
    token: await adminToken(),
    body: {
      to: { location_id: shop.location },
      event_type: 'appointment_updates',
      data: { day: '2026-11-20' },
    },
  })
  await socket.frame('event')
  for (const one of [socket, other]) one.close()
  return [...socket.all, ...other.all]
}

async function hearTheEndOfAToken(): Promise<ServerFrame[]> {
  const token = await memberToken(shop.colleague.id, { [shop.location]: 'staff' }, 90)
  const socket = await openSocket({ token })
  await letPass(40_000)
  await socket.ask({ type: 'state', visible: true })
  await socket.frame('auth_expiring')
  socket.close()
  return socket.all
}

test('[WS5] the heartbeat is two texts, as described', async () => {
  const { ping, pong } = document.components.messages
  expect([ping?.payload.const, pong?.payload.const]).toEqual(['ping', 'pong'])
  const socket = await open('own')
  await socket.ping()
  socket.close()
})

test.each([
  ['a field that is not described', { colour: 'red' }],
  ['a value of another type', { seq: 'nine' }],
])('the check sees %s', async (_what, change) => {
  const socket = await open('own')
  expect(faultsOf([socket.welcome])).toEqual([])
  expect(faultsOf([{ ...socket.welcome, ...change } as ServerFrame])).not.toEqual([])
  socket.close()
})
