// [ST7] A user hub takes what its person may see from each location, by a cursor per location. A pull that was
// lost, late or doubled is harmless: the cursor moves with the copies, in one transaction.
import { locationStream } from '../../protocol/ids.ts'
import { now } from '../clock.ts'
import { maySee } from '../core/audience.ts'
import type { Hub } from '../hub/hub.ts'
import { logLine } from '../hub/log-line.ts'
import { locationPeer } from '../hub/peers.ts'
import { SingleFlight } from '../hub/single-flight.ts'
import { RPC_TIMEOUT_MS, within } from '../timeouts.ts'
import type { CopyEntry, Head, PullPage } from '../rpc.ts'
import type { LogEntry } from '../store/log.ts'
import type { MembershipRow, MembershipStore } from '../store/memberships.ts'
import { raiseFloor } from './person.ts'

const PAGE = 200

/** [WS4] How long a welcome may wait for locations. */
export const OPENING_PULL_MS = 1_000

const RETRY_MS = 2_000

export interface PullsDeps {
  /** [RE1] A device is subscribed: what comes is for somebody, also without a socket. */
  hasDevices(): boolean
  onCopied(entries: LogEntry[]): void
  /** A location did not answer: the alarm must be set. */
  onBehind(): void
  /** Sockets that were welcomed before cannot be told what is missing: they must start anew. */
  onGap(): void
}

export class Pulls {
  #hub: Hub
  #memberships: MembershipStore
  #deps: PullsDeps
  #flights = new Map<string, SingleFlight>()
  /** Sockets on their way to a welcome. */
  #openings = 0
  /** While true, somebody far behind may jump: nobody has been told a head of this stream yet. */
  #mayJump = false

  constructor(hub: Hub, memberships: MembershipStore, deps: PullsDeps) {
    this.#hub = hub
    this.#memberships = memberships
    this.#deps = deps
  }

  /** Also while somebody is about to come: whoever asks now must not be told that nobody is here. */
  get isAnybodyHere(): boolean {
    return this.#openings > 0 || this.#isToldOfAll
  }

  /** [ST7] While a socket is open or a device is subscribed, everything is copied, however far behind. */
  get #isToldOfAll(): boolean {
    return this.#hub.sockets.open().length > 0 || this.#deps.hasDevices()
  }

  /**
   * "Nobody here" to a nudge that named this number: it will be forgotten, so the next socket registers with a newer one. As
   * long as nobody was told so the number stands, and who comes back writes nothing.
   */
  leave(number: number): { nobody: true } {
    const { hasBegun, meta } = this.#hub
    if (hasBegun && number >= meta.get('watch_number')) this.#newNumber(number)
    return { nobody: true }
  }

  /** Rises by time as well, so that a hub that lost its storage is not taken for an older registration. */
  #newNumber(above: number): void {
    this.#hub.meta.set('watch_number', Math.max(above + 1, now()))
  }

  /** [ST4] After entries were written. Nobody takes from this log; copies alone would let it grow. */
  trim(): void {
    this.#memberships.settle()
    this.#hub.trim(this.#hub.log.head)
  }

  /** Before a welcome: all locations side by side, for at most a second; what comes later is live. */
  async watch(mayJump = !this.#isToldOfAll): Promise<void> {
    this.#openings += 1
    this.#mayJump = mayJump
    if (this.#hub.meta.get('watch_number') === 0) this.#newNumber(0)
    const all = this.all()
    try {
      await within(OPENING_PULL_MS, all, 'a location')
    } catch {
      // Whoever did not answer is marked as behind by its own pull; the alarm goes on.
    } finally {
      this.#openings -= 1
      this.#mayJump = false
    }
  }

  /** Catches up everywhere; never rejects. Answers whether every location answered. */
  async all(): Promise<boolean> {
    const rows = this.#memberships.all()
    const done = await Promise.all(rows.map((row) => this.from(row.locationId)))
    return done.every(Boolean)
  }

  /** Catches up with one location, in a run that begins after this call; false: it did not answer. */
  async from(locationId: string): Promise<boolean> {
    let flight = this.#flights.get(locationId)
    if (!flight) {
      flight = new SingleFlight(() => this.#catchUp(locationId))
      this.#flights.set(locationId, flight)
    }
    try {
      await flight.runAgain()
      return true
    } catch (error) {
      logLine('pull.failed', { stream: this.#hub.stream, location: locationId }, error)
      this.#fallBehind(locationId)
      return false
    }
  }

  /** While somebody is here, what failed is tried again. */
  nextAt(): number | null {
    const isBehind = this.#memberships.all().some((row) => row.behind)
    return isBehind && this.isAnybodyHere ? now() + RETRY_MS : null
  }

  async retry(): Promise<void> {
    if (!this.isAnybodyHere) return
    const behind = this.#memberships.all().filter((row) => row.behind)
    await Promise.all(behind.map((row) => this.from(row.locationId)))
  }

  async #catchUp(locationId: string): Promise<void> {
    for (;;) {
      const asked = this.#memberships.get(locationId)
      if (!asked) return
      const page = await this.#ask(asked)
      const row = this.#memberships.get(locationId)
      if (!row) return
      // Left and came back meanwhile: the page answers a question of before.
      if (row.cursor !== asked.cursor) continue
      // The location has not heard of the membership yet, or this hub not of its end: ask again later.
      if (!page) return this.#fallBehind(locationId)
      const after = row.cursor.epoch === page.head.epoch ? row.cursor.seq : 0
      const isLost = after < page.trimmed
      if (isLost || (this.#mayJump && page.head.seq - after > PAGE)) {
        this.#jump(locationId, page.head)
        if (!this.#mayJump) this.#deps.onGap()
        return
      }
      if (this.#take(row, page)) return
    }
  }

  #fallBehind(locationId: string): void {
    const row = this.#memberships.get(locationId)
    if (!row) return
    this.#memberships.moveCursor(locationId, row.cursor, true)
    this.#deps.onBehind()
  }

  #ask(row: MembershipRow): Promise<PullPage | null> {
    const hub = locationPeer(this.#hub.env, row.locationId)
    const answer = hub.pull({
      user_id: this.#hub.stream.slice('user:'.length),
      number: this.#hub.meta.get('watch_number'),
      opening: this.#openings > 0,
      after: row.cursor,
      limit: PAGE,
      membership: { role: row.role, from: row.from, roleFrom: row.roleFrom },
    })
    return within(RPC_TIMEOUT_MS, answer, 'a location hub')
  }

  #jump(locationId: string, head: Head): void {
    this.#hub.transaction(() => {
      this.#memberships.moveCursor(locationId, head, false)
      raiseFloor(this.#hub)
    })
  }

  /** Copies a page; answers whether the head is reached. */
  #take(row: MembershipRow, page: PullPage): boolean {
    const { locationId } = row
    const copied = this.#hub.transaction(() => {
      const entries = page.entries.flatMap((entry) => this.#copy(row, page.head.epoch, entry) ?? [])
      this.#memberships.moveCursor(locationId, { epoch: page.head.epoch, seq: page.upTo }, false)
      return entries
    })
    this.#deps.onCopied(copied)
    return page.upTo >= page.head.seq
  }

  #copy(row: MembershipRow, epoch: string, entry: CopyEntry): LogEntry | null {
    const at = { epoch, seq: entry.seq }
    if (!maySee({ audience: entry.audience, at }, { kind: 'member', membership: row })) return null
    const home = locationStream(row.locationId)
    this.#memberships.noteCopy(row.locationId, at)
    const copied = this.#hub.log.append({
      kind: entry.kind === 'state' ? 'copy_state' : 'copy',
      id: entry.id,
      at: this.#hub.log.nextTime(now()),
      audience: entry.audience,
      expires_at: entry.expires_at,
      collapse_key: entry.collapse_key,
      home_stream: home,
      home_epoch: epoch,
      home_seq: entry.seq,
      body: entry.body,
    })
    if (entry.collapse_key !== null) {
      this.#hub.log.replace(home, entry.collapse_key, entry.audience, copied.seq)
    }
    return copied
  }
}
