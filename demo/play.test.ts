// The player against a server that is only as good as each test lets it be.
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import { createSender } from '../client/server/index.ts'
import { Api } from './api.ts'
import type { Planned } from './plan.ts'
import { play } from './play.ts'
import type { Outcome } from './report.ts'
import { missingOf } from './report.ts'

interface Manners {
  /** Answers a send before it is taken; null: it is taken. */
  refuse?: (nth: number) => { status: number; headers?: Record<string, string> } | null
  shows?: boolean
  replays?: boolean
  /** Closes the socket that this notification goes to. */
  hangsUpAt?: number
}

class FakeShopbell {
  readonly keys: string[] = []
  readonly queries: string[] = []
  readonly #http: Server
  readonly #sockets = new Set<WebSocket>()
  readonly #manners: Manners
  #sends = 0
  readonly #log: string[] = []

  constructor(manners: Manners = {}) {
    this.#manners = manners
    this.#http = createServer((request, response) => void this.#answer(request, response))
    const sockets = new WebSocketServer({
      server: this.#http,
      handleProtocols: () => 'shopbell.v1',
    })
    sockets.on('connection', (socket, request) => this.#welcome(socket, request))
  }

  async listen() {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }

  close() {
    for (const socket of this.#sockets) socket.terminate()
    this.#http.closeAllConnections()
    this.#http.close()
  }

  async #answer(request: IncomingMessage, response: ServerResponse) {
    for await (const _ of request) void _
    if (request.url?.startsWith('/api/v1/auth/')) {
      const token = { access_token: 'token', token_type: 'Bearer', expires_in: 900 }
      return json(response, 200, token)
    }
    this.#sends += 1
    const refusal = this.#manners.refuse?.(this.#sends) ?? null
    if (refusal) return json(response, refusal.status, { detail: 'Not now' }, refusal.headers)
    const key = String(request.headers['idempotency-key'])
    this.keys.push(key)
    const id = `0193a6a0-0000-7000-8000-${String(this.keys.length).padStart(12, '0')}`
    if (this.#manners.shows !== false) this.#show(id)
    const answer = { id, stream: 'user:ben', seq: this.#log.length, archived: true, status: 'sent' }
    json(response, 201, answer, this.#manners.replays ? { 'idempotent-replayed': 'true' } : {})
  }

  #welcome(socket: WebSocket, request: IncomingMessage) {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    const { search, searchParams } = new URL(request.url ?? '', 'http://localhost')
    this.queries.push(search)
    const since = Number(searchParams.get('since') ?? this.#log.length)
    const frames = this.#log.map((id, index) => notification(id, index + 1)).slice(since)
    const recovered = searchParams.has('since')
    socket.send(JSON.stringify({ ...WELCOME, seq: this.#log.length, recovered }))
    socket.send(JSON.stringify(frames))
  }

  #show(id: string) {
    this.#log.push(id)
    const seq = this.#log.length
    for (const socket of this.#sockets) {
      socket.send(JSON.stringify([notification(id, seq)]))
      if (seq === this.#manners.hangsUpAt) socket.close(4001)
    }
  }
}

const WELCOME = {
  type: 'welcome',
  protocol: 1,
  stream: 'user:ben',
  epoch: 'e',
  connection_id: 'c',
  heartbeat_interval_s: 30,
  limits: { max_frame_bytes: 65_536, burst: 100, per_second: 20 },
  reconnect: { min_ms: 1, max_ms: 1, max_attempts: 1 },
  server_time: '2026-11-23T09:00:00.000Z',
}

function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

const notification = (id: string, seq: number) => ({
  type: 'notification',
  seq,
  data: {
    id,
    type: 'appointment.booked',
    category: 'appointment',
    priority: 'high',
    title: 'Zoë booked a skin fade',
    message: '',
    data: {},
    to: { user_id: 'ben' },
    location_id: null,
    sender: 'service:demo',
    sent_at: '2026-11-23T09:00:00.000Z',
    created_at: '2026-11-23T09:00:00.000Z',
    deliver_at: null,
    expires_at: null,
    collapse_key: null,
    replaces: null,
    entity: null,
    actions: [],
    requires_ack: false,
    stream: 'user:ben',
    seq,
    state: null,
  },
})

const planned = (count: number): Planned[] =>
  Array.from({ length: count }, (_, index) => ({
    what: 'booked',
    at: index,
    location: 'downtown',
    userId: 'ben',
    key: `key-${index}`,
    time: null,
    words: '',
    body: {
      to: { user_id: 'ben' },
      type: 'appointment.booked',
      location_id: 'downtown',
      data: {
        appointment_id: 'a',
        client_name: 'Zoë',
        service: 'Skin fade',
        time: '2026-11-23T14:00:00.000Z',
      },
      collapse_key: 'booking:a',
      entity: { type: 'appointment', id: 'a' },
    },
  }))

let server: FakeShopbell | undefined
afterEach(() => server?.close())

async function playOn(
  manners: Manners,
  count = 3,
  changes: { listen?: boolean; waitMs?: number } = {},
) {
  server = new FakeShopbell(manners)
  const url = await server.listen()
  const told: Outcome[] = []
  const outcomes = await play(planned(count), {
    api: new Api(url),
    sender: createSender({ url, clientId: 'demo', clientSecret: 'secret', random: () => 0 }),
    people: new Map(),
    listen: changes.listen ?? true,
    speed: Infinity,
    waitMs: changes.waitMs ?? 300,
    tell: (outcome) => void told.push(outcome),
    isStopped: () => false,
  })
  expect(told).toHaveLength(outcomes.length)
  return { outcomes, server }
}

test('what is sent appears, and is told once each', async () => {
  const { outcomes, server: shopbell } = await playOn({})
  expect(shopbell.keys).toEqual(['key-0', 'key-1', 'key-2'])
  expect(outcomes.map(({ appearedMs }) => typeof appearedMs)).toEqual(Array(3).fill('number'))
  expect(missingOf(outcomes)).toEqual([])
})

test('what was accepted and never appears is missing', async () => {
  const { outcomes } = await playOn({ shows: false })
  expect(missingOf(outcomes)).toHaveLength(3)
})

test('[CO5] what the server knew already is not waited for', async () => {
  const { outcomes } = await playOn({ shows: false, replays: true })
  expect(outcomes.every(({ isReplay }) => isReplay)).toBe(true)
  expect(missingOf(outcomes)).toEqual([])
})

test('who does not listen misses nothing', async () => {
  const { outcomes, server: shopbell } = await playOn({ shows: false }, 2, { listen: false })
  expect(missingOf(outcomes)).toEqual([])
  expect(shopbell.queries).toEqual([])
})

test('[CO6] what is refused for now is sent again with the same key', async () => {
  const again = { status: 503, headers: { 'retry-after': '0' } }
  const { outcomes, server: shopbell } = await playOn({
    refuse: (nth) => (nth === 2 ? again : null),
  })
  expect(shopbell.keys).toEqual(['key-0', 'key-1', 'key-2'])
  expect(outcomes.every(({ failure }) => failure === null)).toBe(true)
})

test('what is refused for good is a failure with its reason, the rest is played', async () => {
  const { outcomes } = await playOn({ refuse: (nth) => (nth === 2 ? { status: 422 } : null) })
  expect(outcomes.map(({ failure }) => failure)).toEqual([null, '422 Not now', null])
})

test('a server that does not know the key is asked once more, and the play ends', async () => {
  const { outcomes } = await playOn({ refuse: () => ({ status: 401 }) })
  expect(outcomes.map(({ failure }) => failure)).toEqual(['401 Not now'])
})

test('[WS4] a listener that is hung up on resumes, and hears what came meanwhile', async () => {
  const { outcomes, server: shopbell } = await playOn({ hangsUpAt: 1 }, 2, { waitMs: 3_000 })
  expect(missingOf(outcomes)).toEqual([])
  expect(shopbell.queries[1]).toContain('epoch=e&since=1')
})
