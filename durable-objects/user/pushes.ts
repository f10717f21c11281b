// [RE1][RE3] From the own stream to the person's devices. The log is what there is to push, a cursor says how far it was looked
// at; what a service would not take yet waits in a table. So nothing is lost with the process, and a push that goes out twice
// replaces itself by its tag.
import { dropEndedSubscription, type PushCopy } from '../../db/push-subscriptions.ts'
import { parseStream } from '../../protocol/ids.ts'
import type { PushDevice, PushTestAnswer } from '../../protocol/push.ts'
import { now } from '../clock.ts'
import { ACK_WAIT_MS, isOfDevice, pushTime } from '../core/push.ts'
import type { Hub } from '../hub/hub.ts'
import { logLine } from '../hub/log-line.ts'
import { SingleFlight } from '../hub/single-flight.ts'
import type { Conn } from '../hub/sockets.ts'
import type { PushDeps } from '../push/send.ts'
import { openVapid, type Vapid } from '../push/vapid.ts'
import type { LogEntry } from '../store/log.ts'
import { PushStore, type PushDeviceRow } from '../store/push.ts'
import { within } from '../timeouts.ts'
import { unreadCount } from './badge.ts'
import { PushJobs, type PushJob, type PushJobsDeps } from './push-jobs.ts'
import { errorOf, rowAfter, runLane, sendJob, type LaneResult } from './push-lane.ts'

/** Entries looked at in one round, so that a crash repeats little. */
const AT_ONCE = 50

/** When a round that was cut off is begun again, and D1 asked again to forget what has ended. */
const SAFETY_MS = 15_000

const ARCHIVE_TIMEOUT_MS = 5_000

export interface PushesDeps extends PushJobsDeps {
  /** [ST7] Tells the person's locations that somebody is here to be told, and takes what they have. */
  watch(): Promise<void>
  /** The alarm must be set. */
  onSettled(): void
}

interface Round {
  jobs: Map<PushDeviceRow, PushJob[]>
  /** Waiting ones that are over. */
  over: { device: string; seq: number }[]
  /** Every entry up to here has been decided. */
  upTo: number
}

export class Pushes {
  #hub: Hub
  #deps: PushesDeps
  #store: PushStore
  #jobs: PushJobs
  #flight = new SingleFlight(() => this.#run())
  #isRunning = false
  #vapid: Promise<Vapid> | null = null
  /** There is nothing to push up to here; saves looking again. */
  #emptyUpTo = 0
  /** When D1 did not forget a subscription that has ended. */
  #dropAt: number | null = null

  constructor(deps: PushesDeps) {
    this.#hub = deps.hub
    this.#deps = deps
    this.#store = new PushStore(deps.hub.sql)
    this.#jobs = new PushJobs(deps)
  }

  /** [ST7] Somebody is here to be told, also without a socket. */
  get hasDevices(): boolean {
    return this.#hub.env.VAPID_PRIVATE_KEY !== undefined && this.#store.live().length > 0
  }

  /** [AR7] The directory's word; call inside the transaction that takes the rest of it. */
  take(copies: readonly PushCopy[]): void {
    const { meta, log } = this.#hub
    const had = this.#store.live().length > 0
    this.#store.replaceAll(copies)
    const has = this.#store.live().length > 0
    // What came before anybody subscribed is no news.
    if (!had && has) meta.set('pushed', log.head)
    if (!has) meta.set('push_watches', 0)
  }

  /** Something may be due: looks, without anybody waiting for it. */
  kick(): void {
    if (!this.hasDevices && this.#ended().length === 0) return
    this.#hub.ctx.waitUntil(this.#flight.run().finally(() => this.#deps.onSettled()))
  }

  /** When the alarm must look; null: nothing waits. */
  nextAt(): number | null {
    const at = now()
    if (this.#isRunning) return at + SAFETY_MS
    const times = [this.#ended().length > 0 ? (this.#dropAt ?? at) : null]
    if (this.hasDevices) {
      const watch = this.#hub.meta.get('push_watches') === 0 ? at : null
      times.push(watch, this.#store.nextWait(), this.#nextEntryAt())
    }
    const due = times.filter((time) => time !== null)
    return due.length === 0 ? null : Math.min(...due)
  }

  /**
   * [RE1] A device has acknowledged while the app is on a screen: nobody is called for what it has. Written here and now,
   * for with the socket the acknowledgement is gone.
   */
  heard({ about }: Conn): void {
    if (!this.hasDevices || about.ack <= this.#cursor || !this.#isWatched()) return
    this.#hub.transaction(() => {
      this.#hub.meta.set('pushed', about.ack)
      this.#store.endWaitsUpTo(about.ack)
    })
  }

  forgetBefore(at: number): void {
    this.#store.forgetBefore(at)
  }

  devices(): PushDevice[] {
    return this.#store.all().map(shownDevice)
  }

  /** Sends a test to one device or all; null: there is none like that. */
  async test(device: string | null): Promise<PushTestAnswer['results'] | null> {
    const rows = this.#store.live().filter((row) => device === null || row.device === device)
    if (device !== null && rows.length === 0) return null
    const deps = await this.#sending()
    return Promise.all(
      rows.map(async (row) => {
        const outcome = await sendJob(row, this.#jobs.testJob(row, now()), deps)
        this.#store.note(row, rowAfter(this.#store.get(row.device) ?? row, outcome))
        return { device: row.device, error: errorOf(outcome) }
      }),
    ).finally(() => this.kick())
  }

  get #cursor(): number {
    return this.#hub.meta.get('pushed')
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    try {
      await this.#watch()
      for (let round = this.#plan(); round !== null; round = this.#plan()) {
        await this.#finish(round)
      }
      await this.#dropEnded()
    } catch (error) {
      logLine('push.failed', { stream: this.#hub.stream }, error)
    } finally {
      this.#isRunning = false
    }
  }

  async #watch(): Promise<void> {
    const { meta } = this.#hub
    if (!this.hasDevices || meta.get('push_watches') === 1) return
    // A location that does not answer is marked as behind, and asked again by the alarm.
    await this.#deps.watch()
    meta.set('push_watches', 1)
  }

  async #sending(): Promise<PushDeps> {
    const { VAPID_PRIVATE_KEY = '', VAPID_SUBJECT = '', PUSH_LOOPBACK = null } = this.#hub.env
    this.#vapid ??= openVapid(VAPID_PRIVATE_KEY, VAPID_SUBJECT)
    const vapid = await this.#vapid
    return { vapid, loopback: PUSH_LOOPBACK, fetch: (url, init) => fetch(url, init), now }
  }

  #nextEntryAt(): number | null {
    const { log } = this.#hub
    const from = Math.max(this.#cursor, this.#emptyUpTo)
    if (from >= log.head) return null
    const [entry] = log.toPush(from, 1)
    if (!entry) this.#emptyUpTo = log.head
    else return this.#isWatched() ? entry.at + ACK_WAIT_MS : entry.at
    return null
  }

  /** What is due now; null: nothing. */
  #plan(): Round | null {
    if (!this.hasDevices) return null
    const { log } = this.#hub
    const at = now()
    const round: Round = { jobs: new Map(), over: [], upTo: this.#cursor }
    const isWatched = this.#isWatched()
    for (const entry of log.toPush(this.#cursor, AT_ONCE)) {
      const due = this.#dueAt(entry, isWatched, at)
      if (due !== null && due > at) break
      round.upTo = entry.seq
      if (due === null) continue
      for (const row of this.#store.live()) {
        if (!this.#hasAcked(row.device, entry.seq)) this.#addJob(round, row, entry, at)
      }
    }
    for (const { device, seq } of this.#store.waiting(at, AT_ONCE)) {
      const row = this.#store.get(device)
      const entry = log.bySeq(seq)
      const isOver = entry === null || this.#dueAt(entry, false, at) === null
      if (row === null || isOver || !this.#addJob(round, row, entry, at)) {
        round.over.push({ device, seq })
      }
    }
    const isEmpty = round.jobs.size === 0 && round.over.length === 0
    return isEmpty && round.upTo === this.#cursor ? null : round
  }

  /** False: not for this device. */
  #addJob(round: Round, row: PushDeviceRow, entry: LogEntry, at: number): boolean {
    const job = this.#readable(entry, () => this.#jobs.jobOf(entry, row, at))
    // What was sent before the device subscribed is no news to it.
    if (job === null || job.shown.at < row.created_at) return false
    round.jobs.set(row, [...(round.jobs.get(row) ?? []), job])
    return true
  }

  async #finish(round: Round): Promise<void> {
    const deps = await this.#sending()
    const badge = round.jobs.size === 0 ? null : await unreadCount(this.#deps)
    const lanes = await Promise.all(
      Array.from(round.jobs, ([row, jobs]) => {
        const told = jobs.map((job) => ({ ...job, shown: { ...job.shown, badge } }))
        return runLane(this.#hub.stream, row, told, deps)
      }),
    )
    this.#hub.transaction(() => {
      for (const { device, seq } of round.over) this.#store.endWait(device, seq)
      lanes.forEach((lane, index) => this.#note([...round.jobs.keys()][index], lane))
      this.#hub.meta.set('pushed', Math.max(round.upTo, this.#cursor))
    })
  }

  #note(before: PushDeviceRow | undefined, { row, done, later }: LaneResult): void {
    for (const seq of done) this.#store.endWait(row.device, seq)
    if (!before || !this.#store.note(before, row)) return
    const next_at = row.wait_until ?? now()
    for (const seq of later) this.#store.wait({ device: row.device, seq, next_at })
  }

  #dueAt(entry: LogEntry, isWatched: boolean, at: number): number | null {
    return this.#readable(entry, () => pushTime(this.#jobs.factsOf(entry, isWatched), at))
  }

  /** An entry that cannot be read must not stand in the way of those behind it. */
  #readable<T>(entry: LogEntry, read: () => T): T | null {
    try {
      return read()
    } catch (error) {
      logLine('entry.unwritable', { stream: this.#hub.stream, seq: entry.seq }, error)
      return null
    }
  }

  #isWatched(): boolean {
    const { sockets } = this.#hub
    const at = now()
    return sockets.listening().some((conn) => conn.about.visible && !sockets.isStale(conn, at))
  }

  #hasAcked(device: string, seq: number): boolean {
    return this.#hub.sockets
      .open()
      .some(({ about }) => isOfDevice(about.device, device) && about.ack >= seq)
  }

  /** Ended ones that D1 still has. */
  #ended(): PushDeviceRow[] {
    return this.#store.all().filter((row) => row.gone_at !== null && row.in_archive === 1)
  }

  /** [RE3] D1 forgets what has ended; while it is away the alarm comes back to it. */
  async #dropEnded(): Promise<void> {
    const { stream, db } = this.#hub
    try {
      for (const row of this.#ended()) {
        const dropping = dropEndedSubscription(
          db,
          parseStream(stream).id,
          row.device,
          row.gone_at ?? 0,
        )
        await within(ARCHIVE_TIMEOUT_MS, dropping, 'D1')
        this.#store.note(row, { ...row, in_archive: 0 })
      }
      this.#dropAt = null
    } catch (error) {
      logLine('push.not_dropped', { stream }, error)
      this.#dropAt = now() + SAFETY_MS
    }
  }
}

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

const shownDevice = (row: PushDeviceRow): PushDevice => ({
  device: row.device,
  service: row.gone_at === null ? new URL(row.endpoint).hostname : null,
  since: new Date(row.created_at).toISOString(),
  last_success_at: iso(row.success_at),
  last_error_at: iso(row.error_at),
  last_error: row.error,
  gone_at: iso(row.gone_at),
})
