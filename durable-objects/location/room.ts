// [TR1] Who is in the room: the rules are in core/presence.ts, this feeds them with sockets and performs what they say.
import type { PresenceEntry } from '../../protocol/server-frames.ts'
import { now } from '../clock.ts'
import { stepPresence, welcomePresence, type PresenceSocket } from '../core/presence.ts'
import type { Hub } from '../hub/hub.ts'
import type { PresenceStore } from '../store/roster.ts'

export class Room {
  #hub: Hub
  #store: PresenceStore
  #lastSentAt: number | null = null
  #nextAt: number | null = null

  constructor(hub: Hub, store: PresenceStore) {
    this.#hub = hub
    this.#store = store
  }

  nextAt(): number | null {
    return this.#nextAt
  }

  /** To be called when somebody came, went or looked away, and when the alarm rang. `without`: a socket that is closing. */
  step(without?: WebSocket): void {
    const at = now()
    const step = stepPresence(this.#store.all(), this.#sockets(without), at, {
      heartbeatMs: this.#hub.settings.heartbeatMs,
      lastSentAt: this.#lastSentAt,
    })
    for (const row of step.rows) this.#store.put(row)
    for (const userId of step.removed) this.#store.remove(userId)
    this.#nextAt = step.nextAt
    if (step.announce.length === 0) return
    this.#lastSentAt = at
    const text = JSON.stringify({ type: 'presence', data: step.announce })
    for (const conn of this.#hub.sockets.listening()) this.#hub.sockets.sendText(conn, text)
  }

  /** The list of a welcome. */
  list(): PresenceEntry[] {
    return welcomePresence(this.#store.all())
  }

  #sockets(without?: WebSocket): PresenceSocket[] {
    return this.#hub.sockets
      .open()
      .filter((conn) => conn.ws !== without && conn.about.role !== 'display')
      .map((conn) => ({
        user_id: conn.about.sub,
        visible: conn.about.visible,
        lastSeen: this.#hub.sockets.lastSeen(conn),
      }))
  }
}
