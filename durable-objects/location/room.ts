// [TR1] Who is in the room: the rules are in core/presence.ts, this feeds them with sockets and performs what they say.
import type { PresenceEntry } from '../../protocol/server-frames.ts'
import { now } from '../clock.ts'
import {
  isOneEnough,
  stepPresence,
  welcomePresence,
  type PresenceRow,
  type PresenceSocket,
} from '../core/presence.ts'
import type { Hub } from '../hub/hub.ts'
import type { Conn } from '../hub/sockets.ts'
import type { PresenceStore } from '../store/roster.ts'

export class Room {
  #hub: Hub
  #store: PresenceStore
  #lastSentAt: number | null = null
  #nextAt: number | null = null
  #list: PresenceEntry[] | null = null

  constructor(hub: Hub, store: PresenceStore) {
    this.#hub = hub
    this.#store = store
  }

  nextAt(): number | null {
    return this.#nextAt
  }

  /** To be called when the alarm rang, and where anybody may have come or gone. `without`: a socket that is closing. */
  step(without?: WebSocket): void {
    const sockets = this.#hub.sockets.open()
    this.#nextAt = this.#step(this.#store.all(), sockets, without)
  }

  /**
   * To be called when this person came, went or looked away. Others are looked at only where that is due: of a thousand
   * who come at once each would otherwise be the occasion to look at all of them.
   */
  stepFor(sub: string, without?: WebSocket): void {
    if (this.#nextAt === null || !isOneEnough(this.#nextAt, now())) return this.step(without)
    const row = this.#store.get(sub)
    const nextAt = this.#step(row ? [row] : [], this.#hub.sockets.open(sub), without)
    this.#nextAt = Math.min(this.#nextAt, nextAt ?? Infinity)
  }

  /** The list of a welcome; kept, for of those who come together all get the same. */
  list(): PresenceEntry[] {
    this.#list ??= welcomePresence(this.#store.all())
    return this.#list
  }

  /** Answers when to look at these people again. */
  #step(rows: PresenceRow[], conns: Conn[], without?: WebSocket): number | null {
    const at = now()
    const step = stepPresence(rows, this.#presenceOf(conns, without), at, {
      heartbeatMs: this.#hub.settings.heartbeatMs,
      lastSentAt: this.#lastSentAt,
    })
    for (const row of step.rows) this.#store.put(row)
    for (const userId of step.removed) this.#store.remove(userId)
    if (step.rows.length + step.removed.length > 0) this.#list = null
    if (step.announce.length > 0) {
      this.#lastSentAt = at
      const text = JSON.stringify({ type: 'presence', data: step.announce })
      for (const conn of this.#hub.sockets.listening()) this.#hub.sockets.sendText(conn, text)
    }
    return step.nextAt
  }

  #presenceOf(conns: Conn[], without?: WebSocket): PresenceSocket[] {
    return conns
      .filter((conn) => conn.ws !== without && conn.about.role !== 'display')
      .map((conn) => ({
        user_id: conn.about.sub,
        visible: conn.about.visible,
        lastSeen: this.#hub.sockets.lastSeen(conn),
      }))
  }
}
