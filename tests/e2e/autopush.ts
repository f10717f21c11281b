// A push service on this machine, as Mozilla's looks from outside: browsers hold a socket (the autopush protocol), senders
// post to an address of theirs (RFC 8030). It passes on what it gets and cannot read it.
import { createServer, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import { WebSocketServer, type WebSocket } from 'ws'
import { freePort } from './server.ts'

interface Posted {
  headers: IncomingMessage['headers']
  body: Buffer
}

/** What a browser says. */
type Said =
  | { messageType: 'hello' }
  | { messageType: 'register' | 'unregister'; channelID: string }
  | { messageType: 'ack'; updates: { version: string; code: number }[] }

export interface Autopush {
  /** For Firefox. */
  socketUrl: string
  /** For Shopbell. */
  origin: string
  posted: Posted[]
  /** What the browser made of each; 100: it was decrypted and delivered. */
  codes: number[]
  stop(): Promise<void>
}

export async function startAutopush(): Promise<Autopush> {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const posted: Posted[] = []
  const codes: number[] = []
  const holders = new Map<string, WebSocket>()

  const hear = (socket: WebSocket, said: Said) => {
    const say = (message: object) => socket.send(JSON.stringify({ status: 200, ...message }))
    switch (said.messageType) {
      case 'hello':
        return say({
          messageType: 'hello',
          uaid: '0'.repeat(32),
          use_webpush: true,
          broadcasts: {},
        })
      case 'register': {
        holders.set(said.channelID, socket)
        // A browser takes addresses with https only; nobody calls this one so.
        const pushEndpoint = `${origin.replace('http:', 'https:')}/push/${said.channelID}`
        return say({ messageType: 'register', channelID: said.channelID, pushEndpoint })
      }
      case 'unregister':
        holders.delete(said.channelID)
        return say({ messageType: 'unregister', channelID: said.channelID })
      case 'ack':
        codes.push(...said.updates.map(({ code }) => code))
    }
  }

  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    const channelID = request.url?.split('/').at(-1) ?? ''
    const holder = holders.get(channelID)
    if (holder === undefined) return response.writeHead(410).end()
    posted.push({ headers: request.headers, body })
    const { 'content-encoding': encoding, ttl } = request.headers
    const version = `v${posted.length}`
    const data = body.toString('base64url')
    const headers = { encoding }
    const passed = {
      messageType: 'notification',
      channelID,
      version,
      ttl: Number(ttl),
      data,
      headers,
    }
    holder.send(JSON.stringify(passed))
    return response.writeHead(201, { Location: `${origin}/message/${version}` }).end()
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => {
    socket.on('message', (text) => {
      const said = String(text)
      // Its heartbeat.
      if (said === '{}') socket.send('{}')
      else hear(socket, JSON.parse(said) as Said)
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    socketUrl: `ws://127.0.0.1:${port}/`,
    origin,
    posted,
    codes,
    async stop() {
      for (const client of sockets.clients) client.terminate()
      sockets.close()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
