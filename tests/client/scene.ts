// A connection with everything around it in the test's hands: clock, sockets, tokens, window and dice.
import { createConnection, type ConnectionOptions } from '../../client/connection.ts'
import { createListeners, type Listeners } from '../../client/listeners.ts'
import type { Connection, GetToken, Hint, Hints, HttpOutcome } from '../../client/types.ts'
import { createFakeClock, flush, type FakeClock } from '../fakes/fake-clock.ts'
import { createFakeSockets, type FakeSocketServer } from '../fakes/fake-socket.ts'

export interface FakeWindow extends Hints {
  say(hint: Hint): void
}

/** A browser window that is looked at, online, until a test says otherwise. */
export function createFakeWindow(): FakeWindow {
  const listeners = new Set<(hint: Hint) => void>()
  let isOnline = true
  let isVisible = true
  return {
    isOnline: () => isOnline,
    isVisible: () => isVisible,
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    say(hint) {
      if (hint === 'online' || hint === 'offline') isOnline = hint === 'online'
      if (hint === 'visible' || hint === 'hidden') isVisible = hint === 'visible'
      for (const listener of listeners) listener(hint)
    },
  }
}

export interface Scene {
  clock: FakeClock
  server: FakeSocketServer
  window: FakeWindow
  connection: Connection
  /** How requests over HTTP end: the test says so. */
  http: Listeners<HttpOutcome>
  /** What tokens were asked for: true is a refresh. */
  asked: boolean[]
  /** Replace it to make the source of tokens fail. */
  tokens: { get: GetToken }
}

export const FAKE_TOKEN_LIFE_MS = 900_000

/** Nothing is started yet. The dice always show `roll`. */
export function setScene(options: Partial<ConnectionOptions> = {}, roll = 0): Scene {
  const clock = createFakeClock()
  const server = createFakeSockets()
  const window = createFakeWindow()
  const http = createListeners<HttpOutcome>()
  const asked: boolean[] = []
  const tokens: Scene['tokens'] = {
    get: async () => ({
      token: `token-${asked.length}`,
      expiresAt: clock.now() + FAKE_TOKEN_LIFE_MS,
    }),
  }
  const connection = createConnection({
    url: 'ws://bell.test/api/v1/ws',
    device: 'phone',
    WebSocket: server.WebSocket,
    clock,
    hints: window,
    http: { listen: http.add, ask: () => {} },
    random: () => roll,
    getToken: (request) => {
      asked.push(request?.refresh ?? false)
      return tokens.get(request)
    },
    ...options,
  })
  return { clock, server, window, connection, http, asked, tokens }
}

/** The same, with a hub that has said welcome. */
export async function setLiveScene(options: Partial<ConnectionOptions> = {}): Promise<Scene> {
  const scene = setScene(options)
  scene.connection.start()
  await flush()
  scene.server.last.welcome()
  return scene
}
