// A user hub's copy of its person (AR7) and of the memberships (NO8): read from D1, never asked on an upgrade.
import type { UserCopy } from '../../db/hub-copies.ts'
import { userStream } from '../../protocol/ids.ts'
import type { Role } from '../../protocol/notification.ts'
import { compareHeads } from '../core/places.ts'
import type { Refusal } from '../hub/append.ts'
import type { Hub } from '../hub/hub.ts'
import { SingleFlight } from '../hub/single-flight.ts'
import { now } from '../clock.ts'
import type { Identity, SendItem } from '../rpc.ts'
import type { MembershipRow, MembershipStore } from '../store/memberships.ts'
import { Visits } from './visits.ts'

interface Profile {
  locale: string
  time_zone: string | null
  /** Tells a person who was deleted and made again from the one before. */
  created_at?: number
}

export interface MembershipChange {
  location_id: string
  /** Null: no longer a member. */
  role: Role | null
}

export interface PersonDeps {
  /** Null: the person is not in the directory (any more). */
  read(): Promise<UserCopy | null>
  /** Inside the transaction that takes the copy. */
  take(copy: UserCopy): void
  onChange(changes: MembershipChange[]): void
}

export class Person {
  #hub: Hub
  #memberships: MembershipStore
  #deps: PersonDeps
  #flight = new SingleFlight(() => this.#refresh())
  #visits: Visits
  #profile: Profile | null

  constructor(hub: Hub, memberships: MembershipStore, deps: PersonDeps) {
    this.#hub = hub
    this.#memberships = memberships
    this.#deps = deps
    this.#visits = new Visits(hub)
    const json = hub.meta.profile()
    this.#profile = json === null ? null : (JSON.parse(json) as Profile)
  }

  get locale(): string {
    return this.#profile?.locale ?? 'en'
  }

  /** The zone an entry's times are written in: its location's, else the person's. */
  zoneFor(locationId: string | undefined): string | null {
    const membership = locationId === undefined ? null : this.#memberships.get(locationId)
    return membership?.timeZone ?? this.#profile?.time_zone ?? null
  }

  /** [AU7] As whom somebody listens here: the own stream is for that person alone. */
  roleOf({ role, sub }: Identity): 'admin' | 'member' | null {
    if (this.#hub.stream !== userStream(sub)) return null
    return role === 'admin' || role === 'member' ? role : null
  }

  /** [NO3] What is about a location is for its members. */
  refusalOf({ send }: SendItem): Refusal | null {
    if (send.location_id === undefined || this.#memberships.get(send.location_id)) return null
    const detail = 'This person does not belong to that location.'
    return { ok: false, code: 'invalid', detail, pointer: '/location_id' }
  }

  /** [ST1] False: there is no such person. Rejects while D1 is away and nothing is known yet. */
  async ready(): Promise<boolean> {
    if (this.#hub.hasBegun) return true
    await this.#flight.run()
    return this.#hub.hasBegun
  }

  /** [AU8] False: this person has signed out, or is deleted. Whoever never was here has no session that could have ended. */
  async visit(identity: Identity, locationId: string): Promise<boolean> {
    await this.ready()
    return this.#visits.begin(identity, locationId)
  }

  refresh(): Promise<void> {
    return this.#flight.runAgain()
  }

  #isStill(copy: UserCopy | null): boolean {
    return copy !== null && copy.created_at === (this.#profile?.created_at ?? copy.created_at)
  }

  async #refresh(): Promise<void> {
    const copy = await this.#deps.read()
    if (this.#hub.hasBegun && !this.#isStill(copy)) {
      await this.#visits.endAll()
      return this.#hub.erase()
    }
    if (!copy) return
    const epoch = await this.#hub.newEpoch()
    const { locale, time_zone, created_at } = copy
    const changes = this.#hub.transaction(() => {
      if (epoch !== null) this.#hub.meta.setEpoch(epoch)
      this.#hub.meta.setProfile(JSON.stringify({ locale, time_zone, created_at }))
      return this.#apply(copy)
    })
    this.#profile = { locale, time_zone, created_at }
    if (changes.length > 0) this.#deps.onChange(changes)
    await this.#visits.endSignedOut()
  }

  #apply(copy: UserCopy): MembershipChange[] {
    this.#deps.take(copy)
    const changes = this.#applyMemberships(copy)
    // An empty stream stays empty: whoever resumes from 0 sees by the welcome's memberships that they changed.
    if (changes.length > 0 && this.#hub.log.head > 0) raiseFloor(this.#hub)
    return changes
  }

  #applyMemberships(copy: UserCopy): MembershipChange[] {
    const changes: MembershipChange[] = []
    const current = new Set(copy.memberships.map((one) => one.location_id))
    for (const known of this.#memberships.all()) {
      if (current.has(known.locationId)) continue
      this.#memberships.remove(known.locationId)
      changes.push({ location_id: known.locationId, role: null })
    }
    for (const one of copy.memberships) {
      const known = this.#memberships.get(one.location_id)
      const row = {
        locationId: one.location_id,
        role: one.role,
        timeZone: one.time_zone,
        from: one.from,
        roleFrom: one.role_from,
      }
      if (!known || differs(known, row)) {
        changes.push({ location_id: one.location_id, role: one.role })
      }
      // A membership that ended and began again between two readings starts anew as well.
      const rejoined = known !== null && compareHeads(known.from, one.from) !== 0
      const cursor = known && !rejoined ? known.cursor : one.from
      this.#memberships.put({ ...row, cursor, behind: known?.behind ?? false })
    }
    return changes
  }
}

const differs = (
  known: MembershipRow,
  next: Pick<MembershipRow, 'role' | 'from' | 'roleFrom'>,
): boolean =>
  known.role !== next.role ||
  compareHeads(known.from, next.from) !== 0 ||
  compareHeads(known.roleFrom, next.roleFrom) !== 0

/**
 * [ST7] One entry that nobody is shown; every resume from below it takes a snapshot.
 * Call inside a transaction.
 */
export function raiseFloor(hub: Hub): void {
  const at = hub.log.nextTime(now())
  const entry = hub.log.append({ kind: 'floor', at, body: '{}' })
  hub.meta.set('floor', entry.seq)
}
