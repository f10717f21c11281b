// [OP1] What a hub counts of itself. Counting is free: it happens in memory, one open socket's attachment carries it through
// hibernation, and it goes to D1 with a batch that goes there anyway. Only when a hub's first socket opens or its last ends,
// or a parked entry was taken after all, does it write by itself; nothing here wakes a hub, and nothing here waits for a time to come (ST6).
import { COUNTERS, ENDED, type Counter, type HubReport } from '../../db/hub-stats.ts'
import { bucketOf } from '../core/durations.ts'
import type { Meta } from '../store/meta.ts'
import { within } from '../timeouts.ts'
import { logLine } from './log-line.ts'
import type { Conn, Sockets } from './sockets.ts'

const WRITE_TIMEOUT_MS = 10_000
const OPEN = 1

/** Counters that are not 0, and two times: `since`, the first count that D1 has not heard of; `at`, the last report. */
export type Tally = Record<string, number>

export interface StatsDeps {
  /** Null: the hub has not begun, or not any more. */
  hub(): string | null
  sockets: Pick<Sockets, 'open' | 'of' | 'update'>
  meta: Meta
  /** What D1 will not have when it has the log up to here. */
  waitingAfter(seq: number): { count: number; oldestAt: number | null }
  archived(): number
  /** Entries that D1 has refused. */
  parked(): number
  /** The newest entry that D1 must have. */
  lastSeq(): number
  /** Resolves when what is on its way to sockets has been sent, and so counted. */
  settled(): Promise<void>
  write(report: HubReport): Promise<void>
  /** A report has landed. */
  onLanded(report: HubReport): void
  intervalMs: number
  now(): number
}

export class Stats {
  #deps: StatsDeps
  /** Null: not asked for in this life. */
  #tally: Tally | null = null
  #carrier: Conn | null = null
  #ended = new WeakSet<WebSocket>()
  #willSave = false
  /** A report is on its way: what it holds must not go a second time. */
  #isReporting = false

  constructor(deps: StatsDeps) {
    this.#deps = deps
  }

  count(what: Counter, by = 1): void {
    const tally = this.#known()
    tally['since'] ??= this.#deps.now()
    tally[what] = (tally[what] ?? 0) + by
    this.#save()
  }

  /** A socket is gone, for whatever reason. */
  ended(ws: WebSocket): void {
    const conn = this.#deps.sockets.of(ws)
    if (conn && !this.#ended.has(ws)) {
      this.#known(conn)
      this.#ended.add(ws)
      const seconds = Math.max(0, this.#deps.now() - conn.about.connected) / 1_000
      this.count(ENDED[bucketOf(seconds)] ?? 'ended_9')
      this.count('ended_s', Math.round(seconds))
    }
    this.settle()
  }

  /** Tells D1 where it thinks that nobody is here and somebody is, or the other way round, or of parked entries. Never rejects. */
  settle(): void {
    if (this.#isReporting || !this.#isNews()) return
    void this.#writeNews()
  }

  /** Sends a batch with the report that is due, or with none. Rejects as `send` does. */
  async with(upTo: number, send: (report: HubReport | null) => Promise<void>): Promise<void> {
    if (this.#isReporting || !this.#isDue(upTo)) return send(null)
    this.#isReporting = true
    try {
      await this.#deps.settled()
      const report = this.#report(upTo)
      await send(report)
      if (report) this.#landed(report)
    } finally {
      this.#isReporting = false
    }
    this.settle()
  }

  async #writeNews(): Promise<void> {
    this.#isReporting = true
    try {
      // What happens meanwhile may be news again.
      while (this.#isNews()) {
        const report = this.#report(this.#deps.archived())
        if (!report) return
        await within(WRITE_TIMEOUT_MS, this.#deps.write(report), 'D1')
        this.#landed(report)
      }
    } catch (error) {
      // What was counted goes with a later one.
      logLine('stats.waiting', { stream: this.#deps.hub() ?? '' }, error)
    } finally {
      this.#isReporting = false
    }
  }

  #isNews(): boolean {
    if (this.#deps.hub() === null) return false
    const { meta, parked } = this.#deps
    if (parked() !== meta.get('told_parked')) return true
    return (this.#carry() !== null) !== meta.get('told_sockets') > 0
  }

  #isDue(upTo: number): boolean {
    const { meta, now, intervalMs, parked } = this.#deps
    // Nobody may come along for long who could take these back.
    if (parked() !== meta.get('told_parked')) return true
    const isBehind = upTo < this.#deps.lastSeq()
    if (meta.get('told_backlog') > 0 && !isBehind) return true
    const tally = this.#known()
    if (Math.abs(now() - (tally['at'] ?? 0)) < intervalMs) return false
    return (
      isBehind ||
      COUNTERS.some((name) => tally[name] !== undefined) ||
      this.#open().length !== meta.get('told_sockets')
    )
  }

  #report(upTo: number): HubReport | null {
    const hub = this.#deps.hub()
    if (hub === null) return null
    const tally = this.#known()
    const at = this.#deps.now()
    const waiting = this.#deps.waitingAfter(upTo)
    const counts = COUNTERS.map((name) => [name, tally[name] ?? 0] as const)
    return {
      hub,
      since: Math.min(at, tally['at'] ?? tally['since'] ?? at),
      at,
      sockets: this.#open().length,
      backlog: waiting.count,
      backlog_since: waiting.oldestAt,
      parked: this.#deps.parked(),
      counts: Object.fromEntries(counts) as HubReport['counts'],
    }
  }

  #landed(report: HubReport): void {
    const { meta } = this.#deps
    const rest: Tally = { at: report.at }
    for (const name of COUNTERS) {
      const more = (this.#known()[name] ?? 0) - report.counts[name]
      if (more > 0) rest[name] = more
    }
    this.#tally = rest
    meta.set('told_sockets', report.sockets)
    meta.set('told_backlog', report.backlog)
    meta.set('told_parked', report.parked)
    this.#save()
    this.#deps.onLanded(report)
  }

  #open(): Conn[] {
    return this.#deps.sockets.open().filter((conn) => !this.#ended.has(conn.ws))
  }

  /** The tally of this life, begun with what a socket carried through the sleep: maybe the very one whose end woke us. */
  #known(ending?: Conn): Tally {
    if (this.#tally) return this.#tally
    const carriers = [...this.#open(), ...(ending ? [ending] : [])]
    this.#carrier = carriers.find((conn) => conn.about.tally !== undefined) ?? null
    this.#tally = { ...this.#carrier?.about.tally }
    return this.#tally
  }

  /** Once for all that one event counts. */
  #save(): void {
    if (this.#willSave) return
    this.#willSave = true
    queueMicrotask(() => {
      this.#willSave = false
      const carrier = this.#carry()
      if (carrier && this.#tally) this.#deps.sockets.update(carrier, { tally: { ...this.#tally } })
    })
  }

  #carry(): Conn | null {
    const before = this.#carrier
    this.#carrier = this.#anyone()
    // What it says is said elsewhere now.
    if (before !== this.#carrier && before?.about.tally) {
      this.#deps.sockets.update(before, { tally: {} })
    }
    return this.#carrier
  }

  /** Asked at every socket that comes or goes, so the rest are only looked at where the carrier is gone. */
  #anyone(): Conn | null {
    const carrier = this.#carrier
    if (carrier?.ws.readyState === OPEN && !this.#ended.has(carrier.ws)) return carrier
    // The one in the middle: where all go at once, half of the others go before it, from whichever end they begin.
    const open = this.#open()
    return open[open.length >> 1] ?? null
  }
}
