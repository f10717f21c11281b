// [ST7] A user hub takes what its person may see from each location, by a cursor per location. A pull that was
// lost, late or doubled is harmless: the cursor moves with the copies, in one transaction.
import { locationStream } from '../../protocol/ids.ts'
import { now } from '../clock.ts'
import { maySee } from '../core/audience.ts'
import type { Hub } from '../hub/hub.ts'
import { logLine } from '../hub/log-line.ts'
import { locationPeer } from '../hub/peers.ts'
import { SingleFlight } from '../hub/single-flight.ts'
import { RPC_TIMEOUT_MS, within } from '../hub/timeouts.ts'
import type { CopyEntry, Head, PullPage } from '../rpc.ts'
import type { LogEntry } from '../store/log.ts'
import type { MembershipRow, MembershipStore } from '../store/memberships.ts'
import { raiseFloor } from './person.ts'

const PAGE = 200

/** [WS4] How long a welcome may wait for locations. */
export const OPENING_PULL_MS = 1_000

const RETRY_MS = 2_000

/** While true, somebody far behind may jump: nobody has been told a head of this stream yet. */
interface Opening {
  mayJump: boolean
}

export class Pulls {
  #hub: Hub
  #memberships: MembershipStore
  #onCopied: (entries: LogEntry[]) => void
  #flights = new Map<string, SingleFlight>()
  #opening: Opening = { mayJump: false }

  constructor(hub: Hub, memberships: MembershipStore, onCopied: (entries: LogEntry[]) => void) {
    this.#hub = hub
    this.#memberships = memberships
    this.#onCopied = onCopied
  }

  /** Before a welcome: all locations side by side, for at most a second; what comes later is live. */
  async beforeWelcome(isFirstSocket: boolean): Promise<void> {
    const opening = { mayJump: isFirstSocket }
    this.#opening = opening
    this.#hub.meta.set('watch_number', this.#hub.meta.get('watch_number') + 1)
    const all = this.all()
    try {
      await within(OPENING_PULL_MS, 'a location', all)
    } catch {
      // Whoever did not answer is marked as behind by its own pull; the alarm goes on.
    } finally {
      opening.mayJump = false
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
      const row = this.#memberships.get(locationId)
      if (row) this.#memberships.moveCursor(locationId, row.cursor, true)
      return false
    }
  }

  /** While somebody is here, what failed is tried again. */
  nextAt(): number | null {
    const isBehind = this.#memberships.all().some((row) => row.behind)
    return isBehind && this.#hub.sockets.open().length > 0 ? now() + RETRY_MS : null
  }

  async retry(): Promise<void> {
    if (this.#hub.sockets.open().length === 0) return
    const behind = this.#memberships.all().filter((row) => row.behind)
    await Promise.all(behind.map((row) => this.from(row.locationId)))
  }

  async #catchUp(locationId: string): Promise<void> {
    for (;;) {
      const row = this.#memberships.get(locationId)
      if (!row) return
      const page = await this.#ask(row)
      // Not a member there: the directory will say so here, too.
      if (!page) return
      if (this.#opening.mayJump && behindBy(page.head, row.cursor) > PAGE) {
        return this.#jump(locationId, page.head)
      }
      if (this.#take(locationId, row, page)) return
    }
  }

  #ask(row: MembershipRow): Promise<PullPage | null> {
    const hub = locationPeer(this.#hub.env, row.locationId)
    const answer = hub.pull({
      user_id: this.#hub.stream.slice('user:'.length),
      number: this.#hub.meta.get('watch_number'),
      after: row.cursor,
      limit: PAGE,
    })
    return within(RPC_TIMEOUT_MS, 'a location hub', answer)
  }

  #jump(locationId: string, head: Head): void {
    this.#hub.transaction(() => {
      this.#memberships.moveCursor(locationId, head, false)
      raiseFloor(this.#hub)
    })
  }

  /** Copies a page; answers whether the head is reached. A membership that changed meanwhile takes nothing. */
  #take(locationId: string, asked: MembershipRow, page: PullPage): boolean {
    const row = this.#memberships.get(locationId)
    if (!row || row.cursor !== asked.cursor) return row === null
    const copied = this.#hub.transaction(() => {
      const entries = page.entries.flatMap((entry) => this.#copy(row, page.head.epoch, entry) ?? [])
      this.#memberships.moveCursor(locationId, { epoch: page.head.epoch, seq: page.upTo }, false)
      return entries
    })
    this.#onCopied(copied)
    return page.upTo >= page.head.seq
  }

  #copy(row: MembershipRow, epoch: string, entry: CopyEntry): LogEntry | null {
    const at = { epoch, seq: entry.seq }
    if (!maySee({ audience: entry.audience, at }, { kind: 'member', membership: row })) return null
    const home = locationStream(row.locationId)
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

const behindBy = (head: Head, cursor: Head): number =>
  head.epoch === cursor.epoch ? head.seq - cursor.seq : head.seq
