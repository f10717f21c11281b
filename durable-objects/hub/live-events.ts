// [NO7] Live events: who listens stands in the socket's attachment, so it survives hibernation; nothing else is kept.
import { isForManagers } from '../../protocol/events.ts'
import { MAX_SUBSCRIPTIONS } from '../../protocol/limits.ts'
import type { LiveEvent } from '../rpc.ts'
import type { Hub } from './hub.ts'
import { fine, wrong, type Verdict } from './incoming.ts'
import type { Conn } from './sockets.ts'
import { now } from '../clock.ts'

interface Wish {
  type: 'subscribe' | 'unsubscribe'
  event_type: string
}

/** `isManager` is asked of the roster now; it is asked again at each event. */
export function setSubscription(hub: Hub, conn: Conn, wish: Wish, isManager: boolean): Verdict {
  const { event_type } = wish
  const others = conn.about.events.filter((one) => one !== event_type)
  if (wish.type === 'unsubscribe') {
    hub.sockets.update(conn, { events: others })
    return fine
  }
  if (isForManagers(event_type) && !isManager) {
    return wrong('forbidden', `${event_type} is for managers.`)
  }
  if (others.length >= MAX_SUBSCRIPTIONS) {
    return wrong('too_large', `A socket may listen to ${MAX_SUBSCRIPTIONS} types of event.`)
  }
  hub.sockets.update(conn, { events: [...others, event_type] })
  return fine
}

/** Hands it to those who listen and still may; answers how many sockets that were. */
export function publishEvent(
  hub: Hub,
  event: LiveEvent,
  mayHear: (conn: Conn, managersOnly: boolean) => boolean,
): number {
  const managersOnly = isForManagers(event.event_type)
  const at = now()
  const listening = hub.sockets
    .open()
    .filter(
      (conn) =>
        conn.about.exp > at &&
        conn.about.events.includes(event.event_type) &&
        !hub.sockets.isStale(conn, at) &&
        mayHear(conn, managersOnly),
    )
  const text = JSON.stringify({ type: 'event', ...event })
  for (const conn of listening) hub.sockets.sendText(conn, text)
  return listening.length
}
