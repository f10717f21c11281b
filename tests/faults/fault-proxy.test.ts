import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startFaultProxy, type FaultProxy } from './fault-proxy.ts'

let echo: Server
let atServer: Socket[]
let proxy: FaultProxy
let clients: Client[]

beforeEach(async () => {
  atServer = []
  clients = []
  echo = createServer((socket) => {
    atServer.push(socket)
    socket.on('error', () => {})
    socket.pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  proxy = await startFaultProxy((echo.address() as AddressInfo).port)
})
afterEach(async () => {
  for (const { socket } of clients) socket.destroy()
  await proxy.stop()
  echo.close()
})

interface Client {
  socket: Socket
  text(): string
  pieces: string[]
  ended(): string | null
}

async function open(): Promise<Client> {
  const socket = connect({ port: proxy.port, host: '127.0.0.1' })
  const pieces: string[] = []
  let ended: string | null = null
  socket.on('data', (data) => pieces.push(String(data)))
  socket.on('error', (error: NodeJS.ErrnoException) => (ended = error.code ?? 'error'))
  socket.on('close', () => (ended ??= 'close'))
  await once(socket, 'connect')
  const client = { socket, pieces, text: () => pieces.join(''), ended: () => ended }
  clients.push(client)
  return client
}

/** A connection over which one word has gone and come. */
async function openAndSpeak(): Promise<Client> {
  const client = await open()
  client.socket.write('hello')
  await expect.poll(client.text).toBe('hello')
  return client
}

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms))

test('in fair weather bytes pass both ways, and an end is an end', async () => {
  const client = await openAndSpeak()
  client.socket.end()
  await expect.poll(client.ended).toBe('close')
  await expect.poll(() => proxy.connections()).toBe(0)
})

test('latency delays both ways and keeps the order', async () => {
  proxy.setWeather({ latencyMs: 60 })
  const client = await open()
  const startedAt = performance.now()
  for (const word of ['one ', 'two ', 'three']) client.socket.write(word)
  await expect.poll(client.text).toBe('one two three')
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(115)
})

test('slicing cuts what passes into pieces and loses none', async () => {
  proxy.setWeather({ sliceBytes: 3 })
  const client = await open()
  const text = 'x'.repeat(1_000)
  client.socket.write(text)
  await expect.poll(client.text).toBe(text)
  expect(client.pieces.length).toBeGreaterThan(10)
})

test('a black hole swallows and tells nobody; what it spoiled is reset in fair weather', async () => {
  const client = await openAndSpeak()
  proxy.setWeather({ blackHole: true })
  client.socket.write('lost')
  const late = await open()
  late.socket.write('lost')
  await wait(80)
  expect([client.text(), client.ended(), late.text(), late.ended()]).toEqual([
    'hello',
    null,
    '',
    null,
  ])
  proxy.setWeather()
  await expect.poll(client.ended).toBe('ECONNRESET')
  await openAndSpeak()
})

test('a black hole may begin in mid-frame, and fair weather resets it', async () => {
  proxy.setWeather({ blackHoleAfterBytes: 7 })
  const client = await open()
  client.socket.write('0123456789')
  await expect.poll(client.text).toBe('0123456')
  client.socket.write('lost')
  await wait(80)
  expect([client.text(), client.ended()]).toEqual(['0123456', null])
  proxy.setWeather()
  await expect.poll(client.ended).toBe('ECONNRESET')
})

test('half open: the server has gone, and the client does not hear of it', async () => {
  const client = await openAndSpeak()
  proxy.halfOpen()
  await expect.poll(() => atServer[0]?.destroyed).toBe(true)
  client.socket.write('anybody?')
  await wait(80)
  expect([client.text(), client.ended()]).toEqual(['hello', null])
})

test('a reset is one on both sides', async () => {
  const client = await openAndSpeak()
  proxy.reset()
  await expect.poll(client.ended).toBe('ECONNRESET')
  await expect.poll(() => atServer[0]?.destroyed).toBe(true)
})

test('a drop is a proper end', async () => {
  const client = await openAndSpeak()
  proxy.drop()
  await expect.poll(client.ended).toBe('close')
})

test('after n bytes the connection ends, in the middle of whatever passes', async () => {
  proxy.setWeather({ closeAfterBytes: 7 })
  const client = await open()
  client.socket.write('0123456789')
  await expect.poll(client.ended).toBe('close')
  expect(client.text()).toBe('0123456')
})

test('a server that is not there ends the connection, and one that comes back is found', async () => {
  const { port } = echo.address() as AddressInfo
  echo.close()
  const client = await open()
  await expect.poll(client.ended).not.toBeNull()
  echo = createServer((socket) => void socket.pipe(socket)).listen(port, '127.0.0.1')
  await once(echo, 'listening')
  const again = await openAndSpeak()
  again.socket.destroy()
})
