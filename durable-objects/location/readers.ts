// Who reads a location's stream, what each may see, and the frames they get (AU7, NO4, NO8).
import { parseStream } from '../../protocol/ids.ts'
import { maySee, type Reader } from '../core/audience.ts'
import { isAfter } from '../core/places.ts'
import { frameOrNothing, notificationFrame } from '../hub/frames.ts'
import type { Hub } from '../hub/hub.ts'
import type { OutEntry } from '../hub/outbound.ts'
import type { Conn } from '../hub/sockets.ts'
import { isNews } from '../hub/upgrade.ts'
import { now } from '../clock.ts'
import type { Identity, Membership, PullPage, PullRequest } from '../rpc.ts'
import { homeOf, type LogEntry } from '../store/log.ts'
import type { RosterStore } from '../store/roster.ts'

export class Readers {
  #hub: Hub
  #roster: RosterStore
  #timeZone: () => string | null

  constructor(hub: Hub, roster: RosterStore, timeZone: () => string | null) {
    this.#hub = hub
    this.#roster = roster
    this.#timeZone = timeZone
  }

  /** [AU7] The claim `loc` is a hint: the roster decides. Null: may not come in. */
  roleOf(identity: Identity): Conn['about']['role'] | null {
    if (identity.role === 'admin') return 'admin'
    if (identity.role === 'display') {
      return identity.loc[parseStream(this.#hub.stream).id] === 'display' ? 'display' : null
    }
    return identity.role === 'member' && this.#roster.get(identity.sub) ? 'member' : null
  }

  /**
   * Sockets with the same key see the same of everything from `first` on. Where somebody's membership begins matters only
   * for entries of that moment; positions make it exact.
   */
  key(conn: Conn, first: number): string {
    const { role, sub } = conn.about
    const row = this.#roster.get(sub)
    if (role !== 'member') return [role, row?.locale].join(' ')
    if (!row) return 'nobody'
    const { from, roleFrom } = row
    const at = { epoch: this.#hub.epoch, seq: first }
    if (isAfter(at, from) && isAfter(at, roleFrom)) return `${row.role} ${row.locale}`
    return [row.role, row.locale, from.epoch, from.seq, roleFrom.epoch, roleFrom.seq].join(' ')
  }

  /** [NO7] Live events are for members, figures of the shop for its managers. */
  mayHear(conn: Conn, managersOnly: boolean): boolean {
    const reader = this.#reader(conn)
    if (!reader || reader.kind === 'display') return false
    return reader.kind === 'admin' || !managersOnly || reader.membership.role === 'manager'
  }

  /** An entry on its way out: a fan-out serialises once per locale in use (NO2). */
  out(entry: LogEntry): OutEntry {
    const made = new Map<string, string>()
    return { seq: entry.seq, frameFor: (conn) => this.frameFor(entry, conn, made) }
  }

  frameFor(entry: LogEntry, conn: Conn, made = new Map<string, string>()): string | null {
    const reader = this.#reader(conn)
    if (!reader || !maySee(this.#placed(entry), reader)) return null
    const locale = this.#roster.get(conn.about.sub)?.locale ?? 'en'
    const known = made.get(locale)
    if (known !== undefined) return known
    const frame = frameOrNothing(entry, this.#hub.stream, () =>
      notificationFrame(entry, homeOf(entry, this.#here), { locale, zone: this.#timeZone() }, null),
    )
    if (frame !== null) made.set(locale, frame)
    return frame
  }

  /** [ST7] A page of what a member may see, for the member's own stream. */
  page(membership: Membership, request: PullRequest): PullPage {
    const { head } = this.#hub
    const { trimmed } = this.#hub.log
    if (!request.after) return { head, entries: [], upTo: head.seq, trimmed }
    const after = request.after.epoch === head.epoch ? request.after.seq : 0
    const kept = this.#hub.log.since(after, request.limit)
    const reader: Reader = { kind: 'member', membership }
    const at = now()
    const entries = kept
      .filter((entry) => isNews(entry, at) && maySee(this.#placed(entry), reader))
      .map((entry) => ({
        seq: entry.seq,
        kind: 'notification' as const,
        id: entry.id ?? '',
        audience: entry.audience,
        expires_at: entry.expires_at,
        collapse_key: entry.collapse_key,
        body: entry.body,
      }))
    const upTo = kept.length < request.limit ? head.seq : (kept.at(-1)?.seq ?? head.seq)
    return { head, entries, upTo, trimmed }
  }

  /** Asked at each send, so that a change of role holds from the next entry on. Null: no longer a member. */
  #reader(conn: Conn): Reader | null {
    if (conn.about.role === 'admin') return { kind: 'admin' }
    if (conn.about.role === 'display') return { kind: 'display' }
    const membership = this.#roster.get(conn.about.sub)
    return membership && { kind: 'member', membership }
  }

  #placed(entry: LogEntry) {
    return { audience: entry.audience, at: homeOf(entry, this.#here) }
  }

  get #here() {
    return { stream: this.#hub.stream, epoch: this.#hub.epoch }
  }
}
