// All of the client for one person in one window, put together.
import type { ConnectionOptions } from './connection.ts'
import { createInbox } from './inbox.ts'
import { settled } from './errors.ts'
import { createListeners } from './listeners.ts'
import { createApi } from './rest.ts'
import { createSharedConnection } from './share.ts'
import { systemClock } from './system.ts'
import { createTokenSource } from './tokens.ts'
import type { Api, GetToken, HttpOutcome, Shopbell, ShopbellOptions } from './types.ts'

/** One person's Shopbell in one window: REST, socket and inbox with one token. `start` opens it. */
export function createShopbell(options: ShopbellOptions): Shopbell {
  const { base = '', device, fetch, WebSocket, random, hints, lock, share } = options
  const clock = options.clock ?? systemClock()
  // A sign-in goes over the same REST client, with calls that need no token.
  const getToken: GetToken = createTokenSource(() => options.signIn(api), clock)
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
    http: { listen: outcomes.add, ask: () => void settled(api.count()) },
    ...(WebSocket && { WebSocket }),
    ...(random && { random }),
    ...(hints && { hints }),
  }
  const connection = createSharedConnection(own, share)
  const inbox = createInbox({ connection, api, clock })
  return {
    api,
    connection,
    inbox,
    start() {
      inbox.start()
      connection.start()
    },
    stop() {
      connection.stop()
      inbox.stop()
    },
  }
}

/** `http` becomes `ws`, `https` becomes `wss`. */
function socketAddress(base: string): string {
  const origin = base === '' ? location.origin : base
  return `${origin.replace(/^http/, 'ws')}/api/v1/ws`
}
