// A location hub's copy of the directory (AR7): read from D1 when the hub begins, and again when a task says so.
import type { LocationCopy } from '../../db/hub-copies.ts'
import type { Hub } from '../hub/hub.ts'
import { SingleFlight } from '../hub/single-flight.ts'
import type { RosterStore } from '../store/roster.ts'

interface Profile {
  name: string
  time_zone: string
  /** Tells a location that was deleted and made again from the one before. */
  created_at?: number
}

export interface LocationDirectoryDeps {
  /** Null: the location is not in the directory (any more). */
  read(): Promise<LocationCopy | null>
  onLeft(userId: string): void
}

export class LocationDirectory {
  #hub: Hub
  #roster: RosterStore
  #deps: LocationDirectoryDeps
  #flight = new SingleFlight(() => this.#refresh())
  #profile: Profile | null

  constructor(hub: Hub, roster: RosterStore, deps: LocationDirectoryDeps) {
    this.#hub = hub
    this.#roster = roster
    this.#deps = deps
    const json = hub.meta.profile()
    this.#profile = json === null ? null : (JSON.parse(json) as Profile)
  }

  get timeZone(): string | null {
    return this.#profile?.time_zone ?? null
  }

  /** [ST1] False: there is no such location. The first answer of a hub waits for D1; rejects while D1 is away. */
  async ready(): Promise<boolean> {
    if (this.#hub.hasBegun) return true
    await this.#flight.run()
    return this.#hub.hasBegun
  }

  /** Reads again; whoever asks while it reads is served by one more reading, so the last word is the newest. */
  refresh(): Promise<void> {
    return this.#flight.runAgain()
  }

  #isStill(copy: LocationCopy | null): boolean {
    return copy !== null && copy.created_at === (this.#profile?.created_at ?? copy.created_at)
  }

  async #refresh(): Promise<void> {
    const copy = await this.#deps.read()
    if (this.#hub.hasBegun && !this.#isStill(copy)) return this.#hub.erase()
    if (!copy) return
    const epoch = await this.#hub.newEpoch()
    const profile = { name: copy.name, time_zone: copy.time_zone, created_at: copy.created_at }
    const left = this.#hub.transaction(() => {
      if (epoch !== null) this.#hub.meta.setEpoch(epoch)
      this.#hub.meta.setProfile(JSON.stringify(profile))
      return this.#roster.replaceAll(
        copy.roster.map((row) => ({
          userId: row.user_id,
          role: row.role,
          locale: row.locale,
          from: row.from,
          roleFrom: row.role_from,
        })),
      ).left
    })
    this.#profile = profile
    for (const userId of left) this.#deps.onLeft(userId)
  }
}
