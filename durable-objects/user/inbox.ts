// [IN2] What a person does with entries: one event in the own stream, known to all their devices at once.
import { locationStream, type Place, type SeqMap } from '../../protocol/ids.ts'
import { categoryOf, type Category } from '../../protocol/notification-types.ts'
import type { StoredNotification } from '../../protocol/notification.ts'
import { now } from '../clock.ts'
import { changes } from '../core/inbox-state.ts'
import type { MarkBody, StepBody } from '../hub/archive-entry.ts'
import type { Hub } from '../hub/hub.ts'
import { isShown } from '../hub/upgrade.ts'
import type { BulkCommand, MarkCommand, MarkTarget } from '../rpc.ts'
import { homeOf, type LogEntry } from '../store/log.ts'
import type { MarkStore } from '../store/marks.ts'
import type { MembershipStore } from '../store/memberships.ts'
import type { OwnFrames } from './own-frames.ts'
import type { Pulls } from './pulls.ts'

export interface Placed extends Place {
  id: string
  category: Category
}

export interface Done {
  /** The event; null: there was nothing to change. */
  entry: LogEntry | null
  /** Ids that neither the log nor the person's locations know: the archive may. */
  unknown: string[]
}

export interface InboxDeps {
  hub: Hub
  memberships: MembershipStore
  marks: MarkStore
  frames: OwnFrames
  pulls: Pulls
}

export class Inbox {
  #hub: Hub
  #memberships: MembershipStore
  #marks: MarkStore
  #frames: OwnFrames
  #pulls: Pulls

  constructor(deps: InboxDeps) {
    this.#hub = deps.hub
    this.#memberships = deps.memberships
    this.#marks = deps.marks
    this.#frames = deps.frames
    this.#pulls = deps.pulls
  }

  async mark(command: MarkCommand): Promise<Done> {
    let placed = this.#placeAll(command.targets)
    if (placed.unknown.length > 0 && this.#memberships.all().length > 0) {
      await this.#pulls.all()
      placed = this.#placeAll(command.targets)
    }
    const targets = placed.known.filter((one) =>
      changes(this.#marks.stateOf(one, one.category), command.op),
    )
    if (targets.length === 0) return { entry: null, unknown: placed.unknown }
    const entry = this.#hub.transaction(() => {
      const at = this.#hub.log.nextTime(now())
      for (const one of targets) this.#marks.mark(one, one.category, command.op, at)
      const body: MarkBody = { state: command.op, at, targets }
      return this.#hub.log.append({ kind: 'mark', at, body: JSON.stringify(body) })
    })
    return { entry, unknown: placed.unknown }
  }

  /** Null: `location_id` is none of the person's locations. */
  async bulk(command: BulkCommand): Promise<Done | null> {
    const { location_id } = command
    if (location_id !== undefined && !this.#memberships.get(location_id)) return null
    const places = await this.#placesOf(command)
    const category = command.category ?? '*'
    const moved = places.filter((place) => this.#marks.stepChanges(command.op, place, category))
    if (moved.length === 0) return { entry: null, unknown: [] }
    const entry = this.#hub.transaction(() => {
      const at = this.#hub.log.nextTime(now())
      for (const place of moved) this.#marks.step(command.op, place, category, at)
      const up_to: SeqMap = Object.fromEntries(moved.map(({ stream, seq }) => [stream, seq]))
      const body: StepBody = { state: command.op, at, category, up_to, places: moved }
      return this.#hub.log.append({ kind: 'step', at, body: JSON.stringify(body) })
    })
    return { entry, unknown: [] }
  }

  #placeAll(targets: MarkTarget[]): { known: Placed[]; unknown: string[] } {
    const known = new Map<string, Placed>()
    const unknown: string[] = []
    for (const target of targets) {
      const placed = this.#place(target)
      if (placed) known.set(placed.id, placed)
      else unknown.push(target.id)
    }
    return { known: [...known.values()], unknown }
  }

  #place({ id, found }: MarkTarget): Placed | null {
    const entry = this.#hub.log.byId(id)
    if (entry) {
      if (!isShown(entry, now()) || !this.#frames.maySee(entry)) return null
      const { type } = JSON.parse(entry.body) as StoredNotification
      return { ...homeOf(entry, this.#here), id, category: categoryOf(type) }
    }
    return found ? { ...found.place, id, category: found.category } : null
  }

  /** Where the step goes in each stream it touches; a value above the head counts as the head. */
  async #placesOf(command: BulkCommand): Promise<Place[]> {
    const { location_id, up_to } = command
    const own = location_id === undefined ? [this.#ownPlace(up_to)] : []
    const rows = this.#memberships
      .all()
      .filter((row) => location_id === undefined || row.locationId === location_id)
    const wanted = rows.filter((row) => up_to?.[locationStream(row.locationId)] !== 0)
    const shops = await Promise.all(wanted.map((row) => this.#locationPlace(row.locationId, up_to)))
    return [...own, ...shops].flatMap((place) => (place && place.seq > 0 ? place : []))
  }

  /** Of the own stream only what was sent counts: a step is an entry, too, and would itself be something new to read. */
  #ownPlace(upTo: SeqMap | undefined): Place | null {
    const { head } = this.#hub.log
    const asked = upTo ? upTo[this.#hub.stream] : head
    if (asked === undefined) return null
    return { ...this.#here, seq: this.#hub.log.newestNotification(Math.min(asked, head)) }
  }

  /** Without a bound, or with one beyond what was taken, the location is asked first: copies come before the step. */
  async #locationPlace(locationId: string, upTo: SeqMap | undefined): Promise<Place | null> {
    const stream = locationStream(locationId)
    const asked = upTo ? upTo[stream] : Infinity
    if (asked === undefined) return null
    if (asked > (this.#memberships.get(locationId)?.cursor.seq ?? 0)) {
      await this.#pulls.from(locationId)
    }
    const cursor = this.#memberships.get(locationId)?.cursor
    if (!cursor) return null
    return { stream, epoch: cursor.epoch, seq: Math.min(asked, cursor.seq) }
  }

  get #here() {
    return { stream: this.#hub.stream, epoch: this.#hub.epoch }
  }
}
