// [AU8] Where an admin has opened sockets without being a member: those locations hear of nothing that the directory says
// of them, so this hub tells them when the person signs out or is gone.
import { SESSION_MAX_MS } from '../../db/sessions.ts'
import { now } from '../clock.ts'
import type { Hub } from '../hub/hub.ts'
import { locationPeer } from '../hub/peers.ts'
import { RPC_TIMEOUT_MS, within } from '../timeouts.ts'
import type { Identity } from '../rpc.ts'

interface Visit {
  location_id: string
  sid: string
}

export class Visits {
  #hub: Hub

  constructor(hub: Hub) {
    this.#hub = hub
    hub.sql.run(
      'CREATE TABLE IF NOT EXISTS visits(location_id TEXT, sid TEXT, until INTEGER NOT NULL, PRIMARY KEY(location_id, sid)) WITHOUT ROWID',
    )
  }

  /** False: the session has ended. */
  begin({ sid = '' }: Identity, locationId: string): boolean {
    if (this.#hub.signOuts.has(sid)) return false
    const { sql } = this.#hub
    sql.run('DELETE FROM visits WHERE until <= ?', now())
    // A socket goes on with later tokens of its session (WS11), so a visit may last as long as any session does.
    const until = now() + SESSION_MAX_MS
    sql.run('INSERT OR REPLACE INTO visits VALUES(?, ?, ?)', locationId, sid, until)
    return true
  }

  /** Tells where sessions that have ended had been. Rejects where somebody was not told: it is tried again. */
  endSignedOut(): Promise<void> {
    return this.#end(this.#all().filter(({ sid }) => this.#hub.signOuts.has(sid)))
  }

  /** The person is gone. */
  endAll(): Promise<void> {
    return this.#end(this.#all())
  }

  #all(): Visit[] {
    return this.#hub.sql.all<Visit>('SELECT location_id, sid FROM visits')
  }

  async #end(visits: readonly Visit[]): Promise<void> {
    const locations = new Set(visits.map((one) => one.location_id))
    await Promise.all(
      [...locations].map((id) =>
        within(
          RPC_TIMEOUT_MS,
          locationPeer(this.#hub.env, id).refreshDirectory(),
          'a location hub',
        ),
      ),
    )
    for (const { location_id, sid } of visits) {
      this.#hub.sql.run('DELETE FROM visits WHERE location_id = ? AND sid = ?', location_id, sid)
    }
  }
}
