// An HTTP proxy as some offices and routers have it: requests pass, and what becomes of a WebSocket is the test's choice.
import { once } from 'node:events'
import { createServer, request, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'

/**
 * - pass
 * - refuse: 403, with a page of its own
 * - cut: the 101 passes, then both sides are ended
 * - swallow: the 101 passes, and nothing after it
 */
export type Sockets = 'pass' | 'refuse' | 'cut' | 'swallow'

export interface UpgradeProxy {
  /** For upgrades that come from now on; those that were let through before are ended. */
  setSockets(sockets: Sockets): void
  /** Upgrades that were asked for. */
  upgrades(): number
  stop(): Promise<void>
}

const REFUSAL =
  'HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<h1>Blocked</h1>'

export async function startUpgradeProxy(port: number, origin: string): Promise<UpgradeProxy> {
  const upstream = { host: '127.0.0.1', port: Number(new URL(origin).port) }
  const open = new Set<Socket>()
  let sockets: Sockets = 'pass'
  let upgrades = 0
  const server = createServer((incoming, answer) => {
    const { method, url, headers } = incoming
    const passed = request({ ...upstream, method, path: url, headers }, (theirs) => {
      answer.writeHead(theirs.statusCode ?? 502, theirs.rawHeaders)
      theirs.pipe(answer)
    })
    passed.on('error', () => answer.destroy())
    incoming.pipe(passed)
  })
  server.on('upgrade', (incoming: IncomingMessage, client: Socket) => {
    upgrades += 1
    client.on('error', () => {})
    if (sockets === 'refuse') {
      client.end(REFUSAL)
      return
    }
    const theirs = connect(upstream)
    for (const one of [client, theirs]) {
      open.add(one)
      one.on('close', () => {
        open.delete(one)
        client.destroy()
        theirs.destroy()
      })
    }
    theirs.on('error', () => {})
    theirs.write(textOf(incoming))
    client.pipe(theirs)
    if (sockets === 'pass') theirs.pipe(client)
    else spoil(theirs, client, sockets)
  })
  server.listen(port)
  await once(server, 'listening')
  const endAll = () => {
    for (const one of open) one.destroy()
  }
  return {
    setSockets(next) {
      sockets = next
      endAll()
    },
    upgrades: () => upgrades,
    async stop() {
      endAll()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The request as it came. */
function textOf({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/1.1`]
  for (let at = 0; at < rawHeaders.length; at += 2) {
    lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
  }
  return `${lines.join('\r\n')}\r\n\r\n`
}

const END_OF_HEAD = Buffer.from('\r\n\r\n')

/** Only the head of the answer passes: frames that travel in the same piece do not. */
function spoil(theirs: Socket, client: Socket, sockets: Sockets): void {
  let head: Buffer | null = Buffer.alloc(0)
  theirs.on('data', (piece: Buffer) => {
    if (head === null) return
    head = Buffer.concat([head, piece])
    const end = head.indexOf(END_OF_HEAD)
    if (end === -1) return
    client.write(head.subarray(0, end + END_OF_HEAD.length))
    head = null
    if (sockets === 'cut') client.end()
  })
}
