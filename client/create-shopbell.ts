// All of the client for one person in one window, put together.
import type { ConnectionOptions } from './connection.ts'
import { createInbox } from './inbox.ts'
import { settled } from './errors.ts'
import { createListeners } from './listeners.ts'
import { ofOnePerson } from './one-person.ts'
import { memoryStore } from './outbox-store.ts'
import { createOutbox } from './outbox.ts'
import { createApi } from './rest.ts'
import { createSharedConnection } from './share.ts'
import { browserHints, canKeep, systemClock, tabLock } from './system.ts'
import { createTokenSource } from './tokens.ts'
import type { Api, GetToken, HttpOutcome, OutboxStore, Shopbell, ShopbellOptions } from './types.ts'

/** Longer than any request with all it may have to wait for: nothing leaves from two tabs because one is slow. */
const LOCK_PATIENCE_MS = 120_000

/** One person's Shopbell in one window: REST, socket and inbox with one token. `start` opens it. */
export function createShopbell(options: ShopbellOptions): Shopbell {
  const { base = '', device, fetch, WebSocket, random, lock, share } = options
  const { clock = systemClock(), hints = browserHints() } = options
  // A sign-in goes over the same REST client, with calls that need no token.
  const tokens = createTokenSource(() => options.signIn(api), clock)
  const getToken: GetToken = ofOnePerson(tokens, (userId) =>
    outbox.begin(userId ?? '', options.outbox ?? (() => storeOf(userId, lock))),
  )
  const outcomes = createListeners<HttpOutcome>()
  const api: Api = createApi({
    base,
    getToken,
    onOutcome: outcomes.tell,
    ...(fetch && { fetch }),
    ...(lock && { lock }),
  })
  const own: ConnectionOptions = {
    url: options.url ?? socketAddress(base),
    getToken,
    device,
    clock,
    hints,
    http: { listen: outcomes.add, ask: () => void settled(api.count()) },
    ...(WebSocket && { WebSocket }),
    ...(random && { random }),
  }
  const connection = createSharedConnection(own, share)
  const outbox = createOutbox({ api, clock, ...(random && { random }) })
  const inbox = createInbox({ connection, api, clock, outbox })
  let unlisten = () => {}
  return {
    api,
    connection,
    inbox,
    start() {
      unlisten()
      unlisten = hints.listen((hint) => {
        if (hint !== 'offline' && hint !== 'hidden') outbox.wake()
      })
      inbox.start()
      connection.start()
    },
    stop() {
      unlisten()
      connection.stop()
      inbox.stop()
    },
    forgetUnsent: () => outbox.forget(),
  }
}

/** [TR6] On this browser's disk, under the person's name; without a name or a disk in memory. */
async function storeOf(
  userId: string | null,
  lock = tabLock(undefined, LOCK_PATIENCE_MS),
): Promise<OutboxStore> {
  if (userId === null || !canKeep()) return memoryStore()
  const { diskStore } = await import('./outbox-disk.ts')
  return diskStore(lock)
}

/** `http` becomes `ws`, `https` becomes `wss`. */
function socketAddress(base: string): string {
  const origin = base === '' ? location.origin : base
  return `${origin.replace(/^http/, 'ws')}/api/v1/ws`
}
