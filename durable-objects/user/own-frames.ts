// The entries of a person's own stream as their devices get them.
import { parseStream } from '../../protocol/ids.ts'
import { categoryOf } from '../../protocol/notification-types.ts'
import type { StoredNotification } from '../../protocol/notification.ts'
import type { WelcomeFrame } from '../../protocol/server-frames.ts'
import { maySee } from '../core/audience.ts'
import { presentState } from '../core/inbox-state.ts'
import { frameOrNothing, notificationFrame, stateFrame } from '../hub/frames.ts'
import type { Hub } from '../hub/hub.ts'
import type { OutEntry } from '../hub/outbound.ts'
import { homeOf, type LogEntry } from '../store/log.ts'
import type { MarkStore } from '../store/marks.ts'
import type { MembershipStore } from '../store/memberships.ts'
import type { MembershipChange, Person } from './person.ts'

export interface OwnFramesDeps {
  hub: Hub
  memberships: MembershipStore
  marks: MarkStore
  person: Person
}

export class OwnFrames {
  #deps: OwnFramesDeps

  constructor(deps: OwnFramesDeps) {
    this.#deps = deps
  }

  /** [WS3] Of the own stream what was written here, of a location's what was taken: both are what D1 will have. */
  inWelcome(): Pick<WelcomeFrame, 'memberships' | 'heads'> {
    const { hub, memberships } = this.#deps
    const own = { epoch: hub.epoch, seq: hub.log.lastHomeSeq }
    const heads = { [hub.stream]: own, ...memberships.cursors() }
    return { memberships: memberships.roles(), heads }
  }

  /** Every device of a person gets the same text: it is made once. */
  out(entry: LogEntry): OutEntry {
    let made: string | null | undefined
    return {
      seq: entry.seq,
      frameFor: () => {
        if (made === undefined) made = this.frameFor(entry)
        return made
      },
    }
  }

  /**
   * With the state as it is now: a step may reach an entry that was copied after it. Null: shown to nobody, or
   * no longer to this person (NO8).
   */
  frameFor(entry: LogEntry): string | null {
    return frameOrNothing(entry, this.#deps.hub.stream, () => this.#write(entry))
  }

  /** [NO8] Own sockets hear of it and take a new snapshot. */
  tellMemberships(changes: readonly MembershipChange[]): void {
    const { outbound, sockets } = this.#deps.hub
    outbound.flush()
    for (const conn of sockets.listening()) {
      for (const data of changes) sockets.send(conn, { type: 'membership', data })
    }
  }

  /** A copy outlives a membership; the right to see it does not (NO8). */
  maySee(entry: LogEntry): boolean {
    if (entry.home_stream === null) return true
    const membership = this.#deps.memberships.get(parseStream(entry.home_stream).id)
    if (!membership) return false
    const at = { epoch: entry.home_epoch ?? '', seq: entry.home_seq ?? 0 }
    return maySee({ audience: entry.audience, at }, { kind: 'member', membership })
  }

  #write(entry: LogEntry): string | null {
    const { hub, marks, person } = this.#deps
    if (entry.kind === 'mark' || entry.kind === 'step') return stateFrame(entry, hub.stream)
    if (entry.kind !== 'notification' && entry.kind !== 'copy') return null
    if (!this.maySee(entry)) return null
    const home = homeOf(entry, { stream: hub.stream, epoch: hub.epoch })
    const stored = JSON.parse(entry.body) as StoredNotification
    const state = marks.stateOf(home, categoryOf(stored.type))
    // What was deleted after it came may still have taken the place of one that a device holds (NO6); the deletion follows.
    const replacesOne = entry.collapse_key !== null && (state.deleted_at ?? 0) >= entry.at
    if (state.deleted_at !== null && !replacesOne) return null
    const reader = { locale: person.locale, zone: person.zoneFor(stored.location_id) }
    return notificationFrame(entry, home, reader, presentState(state))
  }
}
