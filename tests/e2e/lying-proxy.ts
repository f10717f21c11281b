// Stands in front of a Shopbell and lies: about answers, about frames. Whoever checks rules must notice.
import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'

export interface Told {
  status: number
  headers: Headers
  text: string
}

export interface Asked {
  method: string
  /** With its query. */
  path: string
  headers: Headers
  body: string
}

export interface Lie {
  /** Changes a request before anybody sees it. */
  ask?(asked: Asked): void
  /** Changes an answer, in place. */
  tell?(told: Told, asked: Asked): void
  /** What becomes of a text from the server; made once for each socket. */
  hear?(): (text: string) => string[]
  /** What becomes of a text from the client; made once for each socket. */
  say?(): (text: string) => string[]
}

export interface LyingProxy {
  origin: string
  stop(): Promise<void>
}

/** What belongs to one connection, and what no longer fits a changed text. */
const OF_THE_HOP = [
  'connection',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'keep-alive',
]

export async function startLyingProxy(upstream: string, lie: Lie): Promise<LyingProxy> {
  const server = createServer((request, response) => {
    void passOn(upstream, lie, request, response)
  })
  const sockets = joinSockets(server, upstream, lie)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      for (const socket of sockets) socket.terminate()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function passOn(
  upstream: string,
  lie: Lie,
  request: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  // Bytes that are no text stay what they are, unless somebody changes them.
  const asked = { ...askedBy(request), body: Buffer.concat(chunks).toString('latin1') }
  lie.ask?.(asked)
  const response = await fetch(`${upstream}${asked.path}`, {
    method: asked.method,
    headers: asked.headers,
    redirect: 'manual',
    ...(asked.body !== '' && { body: Buffer.from(asked.body, 'latin1') }),
  })
  const { status } = response
  const told = { status, headers: without(response.headers), text: await response.text() }
  lie.tell?.(told, asked)
  answer.writeHead(told.status, [...told.headers].flat())
  answer.end(told.text)
}

function askedBy({ method = 'GET', url = '/', headers }: IncomingMessage): Asked {
  const given = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && name !== 'host') given.set(name, String(value))
  }
  return { method, path: url, headers: without(given), body: '' }
}

function without(headers: Headers): Headers {
  const kept = new Headers(headers)
  for (const name of OF_THE_HOP) kept.delete(name)
  return kept
}

function joinSockets(server: Server, upstream: string, lie: Lie): Set<WebSocket> {
  const open = new Set<WebSocket>()
  const acceptor = new WebSocketServer({ noServer: true, handleProtocols: () => 'shopbell.v1' })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',')
    const offered = protocols.map((one) => one.trim()).filter(Boolean)
    const { origin } = request.headers
    const back = new WebSocket(`${upstream.replace('http', 'ws')}${request.url ?? ''}`, offered, {
      ...(origin !== undefined && { origin }),
    })
    back.on('error', () => socket.destroy())
    back.on('unexpected-response', (_request, answer) => void refuse(socket, answer, lie, request))
    // Until the client is joined, what comes is kept.
    const early: string[] = []
    const keep = (data: Buffer) => void early.push(data.toString())
    back.on('message', keep)
    back.once('open', () =>
      acceptor.handleUpgrade(request, socket, head, (front) => {
        open.add(front).add(back)
        back.off('message', keep)
        join(front, back, lie, early)
      }),
    )
  })
  return open
}

function join(front: WebSocket, back: WebSocket, lie: Lie, early: readonly string[]): void {
  const hear = lie.hear?.() ?? ((text: string) => [text])
  const say = lie.say?.() ?? ((text: string) => [text])
  const down = (text: string) => {
    for (const one of hear(text)) front.send(one)
  }
  for (const text of early) down(text)
  back.on('message', (data: Buffer) => down(data.toString()))
  front.on('message', (data: Buffer, isBinary) => {
    if (isBinary) return back.send(data)
    for (const one of say(data.toString())) back.send(one)
  })
  const sendable = (code: number) => (code === 1000 || code >= 3000 ? code : 1000)
  back.on('close', (code, reason) => front.close(sendable(code), reason))
  front.on('close', () => back.terminate())
  front.on('error', () => {})
}

async function refuse(
  socket: Duplex,
  answer: IncomingMessage,
  lie: Lie,
  request: IncomingMessage,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  const headers = new Headers()
  for (const [name, value] of Object.entries(answer.headers)) headers.set(name, String(value))
  const told = {
    status: answer.statusCode ?? 500,
    headers: without(headers),
    text: Buffer.concat(chunks).toString(),
  }
  lie.tell?.(told, askedBy(request))
  told.headers.set('content-length', String(Buffer.byteLength(told.text)))
  told.headers.set('connection', 'close')
  const lines = [...told.headers].map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.end(`HTTP/1.1 ${told.status} ${STATUS_CODES[told.status]}\r\n${lines}\r\n${told.text}`)
}
