// A TCP proxy that spoils what it carries, as dead zones, bad radios and middle boxes do. It knows no HTTP and no frames.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface Weather {
  /** Every chunk arrives this much later, both ways, order kept. */
  latencyMs?: number
  /** What travels is cut into pieces of this size. */
  sliceBytes?: number
  /** Bytes vanish both ways, and nobody is told. */
  blackHole?: boolean
  /** So many bytes of a connection reach the client, most often to the middle of a frame; then it is a black hole. */
  blackHoleAfterBytes?: number
  /** After this many bytes towards the client the connection ends. */
  closeAfterBytes?: number
}

export interface FaultProxy {
  port: number
  /** For connections that exist and those that come; what is missing is fair. */
  setWeather(weather?: Weather): void
  /** Both sides get a reset. */
  reset(): void
  /** Both sides get a proper end. */
  drop(): void
  /** The server's side ends; the client's stays open and silent. */
  halfOpen(): void
  connections(): number
  stop(): Promise<void>
}

interface Pair {
  client: Socket
  server: Socket
  /** Bytes were swallowed, so what would follow makes no sense any more. */
  isSpoiled: boolean
  isHalfOpen: boolean
  downBytes: number
}

export async function startFaultProxy(upstreamPort: number): Promise<FaultProxy> {
  let weather: Weather = {}
  const pairs = new Set<Pair>()
  const listener = createServer({ noDelay: true }, (client) => {
    const server = connect({ port: upstreamPort, host: '127.0.0.1', noDelay: true })
    const pair: Pair = { client, server, isSpoiled: false, isHalfOpen: false, downBytes: 0 }
    pairs.add(pair)
    join(pair, () => weather)
    client.once('close', () => {
      server.destroy()
      pairs.delete(pair)
    })
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const each = (act: (pair: Pair) => void) => {
    for (const pair of pairs) act(pair)
  }
  return {
    port: portOf(listener.address()),
    setWeather(next = {}) {
      weather = next
      if (!next.blackHole) each((pair) => pair.isSpoiled && resetBoth(pair))
    },
    reset: () => each(resetBoth),
    drop: () =>
      each(({ client, server }) => {
        client.destroySoon()
        server.destroySoon()
      }),
    halfOpen: () =>
      each((pair) => {
        pair.isHalfOpen = true
        pair.server.destroy()
      }),
    connections: () => pairs.size,
    async stop() {
      each(({ client, server }) => {
        client.destroy()
        server.destroy()
      })
      listener.close()
      await once(listener, 'close')
    },
  }
}

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

function resetBoth({ client, server }: Pair): void {
  client.resetAndDestroy()
  server.resetAndDestroy()
}

function join(pair: Pair, weather: () => Weather): void {
  const { client, server } = pair
  // An error is always followed by a close, which is what counts.
  client.on('error', () => {})
  server.on('error', () => {})
  carry(pair, client, server, weather)
  carry(pair, server, client, weather)
  server.once('close', () => {
    if (!pair.isHalfOpen && !pair.isSpoiled) client.destroySoon()
  })
}

/** Carries one direction; a chain of promises keeps its order whatever each chunk has to wait. */
function carry(pair: Pair, from: Socket, to: Socket, weather: () => Weather): void {
  let line = Promise.resolve()
  from.on('data', (chunk: Buffer) => {
    const readyAt = performance.now() + (weather().latencyMs ?? 0)
    line = line.then(() => pass(pair, to, chunk, readyAt, weather))
  })
  from.once('end', () => {
    line = line.then(() => finish(pair, to))
  })
}

function finish(pair: Pair, to: Socket): void {
  if (!pair.isHalfOpen && !pair.isSpoiled) to.end()
}

async function pass(
  pair: Pair,
  to: Socket,
  chunk: Buffer,
  readyAt: number,
  weather: () => Weather,
): Promise<void> {
  const waitMs = readyAt - performance.now()
  if (waitMs > 0) await new Promise((done) => setTimeout(done, waitMs))
  const size = weather().sliceBytes ?? chunk.length
  for (let at = 0; at < chunk.length; at += size) {
    if (weather().blackHole || pair.isSpoiled) {
      pair.isSpoiled = true
      return
    }
    if (pair.isHalfOpen || to.destroyed) return
    const piece = withinLimit(pair, to, chunk.subarray(at, at + size), weather())
    if (piece.length > 0) to.write(piece)
    if (size < chunk.length) await new Promise((done) => setImmediate(done))
  }
}

/** The part of a piece that may still pass; with it the connection ends, or turns silent, when the limit is reached. */
function withinLimit(pair: Pair, to: Socket, piece: Buffer, weather: Weather): Buffer {
  if (to !== pair.client) return piece
  const { closeAfterBytes = Infinity, blackHoleAfterBytes = Infinity } = weather
  const left = Math.min(closeAfterBytes, blackHoleAfterBytes) - pair.downBytes
  pair.downBytes += piece.length
  if (piece.length < left) return piece
  if (blackHoleAfterBytes <= closeAfterBytes) pair.isSpoiled = true
  else {
    queueMicrotask(() => {
      pair.client.destroySoon()
      pair.server.destroy()
    })
  }
  return piece.subarray(0, Math.max(0, left))
}
