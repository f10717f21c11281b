// [WS5] Behind nginx, with the block that docs/OPERATIONS.md tells people to write: a socket opens, speaks, and outlives the
// proxy's patience. `PROXY_IDLE_S=130` keeps the document's own two minutes and our own heartbeat, and idles so long.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { ServerFrame, WelcomeFrame } from '../../protocol/server-frames.ts'
import { changed, documentedBlock, findOrInstallNginx, startNginx, type Proxy } from './nginx.ts'
import { anaTells, tokenOf } from './rest.ts'
import { startServer, type Server } from './server.ts'

const asked = Number(process.env['PROXY_IDLE_S'] ?? 0)
/** Scaled down for every day: 3 s for the proxy, 1 s for the heartbeat. */
const scale =
  asked > 0
    ? { patience: null, settings: {}, idleMs: asked * 1_000 }
    : { patience: '3s', settings: { WS_HEARTBEAT_INTERVAL: '1' }, idleMs: 8_000 }
const PATIENCE_MS = scale.idleMs + 30_000

const nginx = findOrInstallNginx()
const why = 'missing' in nginx ? nginx.missing : null
if (why !== null) console.warn(`Skipped, not tested: the socket behind nginx; ${why}.`)

let server: Server
let proxy: Proxy

function blockFor(origin: string): string {
  const block = changed(documentedBlock(), /http:\/\/127\.0\.0\.1:8787/, origin)
  if (scale.patience === null) return block
  const reading = changed(block, /(?<=proxy_read_timeout )\w+/, scale.patience)
  return changed(reading, /(?<=proxy_send_timeout )\w+/, scale.patience)
}

beforeAll(async () => {
  if ('missing' in nginx) return
  server = await startServer(scale.settings)
  // The server listens on this address; a name could mean another one.
  const upstream = server.origin.replace('localhost', '127.0.0.1')
  proxy = await startNginx(nginx.path, blockFor(upstream))
})
afterAll(async () => {
  await proxy?.stop()
  await server?.stop()
})

/** A socket of Ben's through the proxy, and everything that came on it. */
async function openSocket() {
  const token = await tokenOf(server, 'ben')
  const socket = new WebSocket(`${proxy.origin}/api/v1/ws`, ['shopbell.v1', `bearer.${token}`])
  const frames: ServerFrame[] = []
  let pongs = 0
  let closed: number | null = null
  socket.on('message', (data) => {
    const text = String(data)
    if (text === 'pong') return void (pongs += 1)
    frames.push(...[JSON.parse(text) as ServerFrame | ServerFrame[]].flat())
  })
  socket.on('close', (code) => (closed = code))
  socket.on('error', () => {})
  await expect.poll(() => frames[0]?.type, { timeout: 10_000 }).toBe('welcome')
  return {
    socket,
    frames,
    welcome: frames[0] as WelcomeFrame,
    pongs: () => pongs,
    closed: () => closed,
  }
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe.skipIf(why !== null)('[WS5] behind nginx', () => {
  test('the socket opens, names its protocol, and frames pass both ways', async () => {
    const { socket, frames } = await openSocket()
    expect(socket.protocol).toBe('shopbell.v1')
    socket.send(JSON.stringify({ type: 'state', visible: true, id: 'one' }))
    await expect
      .poll(() => frames.find(({ type }) => type === 'ok'), { timeout: 5_000 })
      .toEqual({ type: 'ok', re: 'one' })
    socket.close()
  })

  test(
    'idle but for its heartbeat, it outlives the proxy, and what is sent then arrives',
    { timeout: PATIENCE_MS },
    async () => {
      const { socket, frames, welcome, pongs, closed } = await openSocket()
      const everyMs = welcome.heartbeat_interval_s * 1_000
      const heart = setInterval(() => socket.send('ping'), everyMs)
      await wait(scale.idleMs)
      clearInterval(heart)
      expect(closed()).toBeNull()
      expect(pongs()).toBeGreaterThanOrEqual(Math.floor(scale.idleMs / everyMs) - 1)
      const id = await anaTells(server, { user_id: 'ben' }, 'Still there?')
      await expect
        .poll(() => frames.some((one) => one.type === 'notification' && one.data.id === id))
        .toBe(true)
      socket.close()
    },
  )

  test.skipIf(scale.patience === null)(
    'without a heartbeat the proxy ends it: the patience above was real',
    { timeout: PATIENCE_MS },
    async () => {
      const { closed } = await openSocket()
      await wait(scale.idleMs)
      expect(closed()).not.toBeNull()
    },
  )
})
