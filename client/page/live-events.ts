// Live events (NO7): a socket gets those that it asked for, and each new socket has to be asked anew.
import type { EventType } from '../../protocol/events.ts'
import type { Connection, Shopbell } from '../types.ts'

export type EventHandler = (data: Record<string, unknown>) => void

/** How many handlers want a type: the socket is told of the first and of the last. */
const wanted = new WeakMap<Connection, Map<EventType, number>>()

/**
 * Calls `handler` with the data of each live event of this type, for as long as there is a connection: what is
 * sent meanwhile is gone. Answers the function that stops it.
 */
export function onEvent(
  { connection }: Pick<Shopbell, 'connection'>,
  eventType: EventType,
  handler: EventHandler,
): () => void {
  const counts = wanted.get(connection) ?? new Map<EventType, number>()
  wanted.set(connection, counts)
  const count = (change: 1 | -1) => {
    const now = (counts.get(eventType) ?? 0) + change
    counts.set(eventType, now)
    return now
  }
  count(1)
  let askedOn: string | null = null
  const ask = () => {
    const state = connection.getState()
    if (state.name !== 'live' || state.connectionId === askedOn) return
    askedOn = state.connectionId
    connection.send({ type: 'subscribe', event_type: eventType })
  }
  const ends = [
    connection.subscribe(ask),
    connection.onFrames((frames) => {
      for (const frame of frames) {
        if (frame.type === 'event' && frame.event_type === eventType) handler(frame.data)
      }
    }),
  ]
  ask()
  return () => {
    for (const end of ends) end()
    if (ends.splice(0).length > 0 && count(-1) === 0) {
      connection.send({ type: 'unsubscribe', event_type: eventType })
    }
  }
}
