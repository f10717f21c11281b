// What both kinds of hub are made of: storage, log, sockets, the way out, the way to D1, the alarm.
// Nothing in here runs by itself: a constructor that works is paid at every wake (ST6).
import { uuidv7 } from 'uuidv7'
import { classifyFailure } from '../../db/errors.ts'
import { writeReport } from '../../db/hub-stats.ts'
import { openDatabase, type Database } from '../../db/open.ts'
import { listEndedSessions } from '../../db/revocations.ts'
import type { LateEntry } from '../../db/sink-late.ts'
import { applyBatch, openCursor, readCursor } from '../../db/sink.ts'
import { parseStream } from '../../protocol/ids.ts'
import { PING, PONG } from '../../protocol/limits.ts'
import { now } from '../clock.ts'
import { openKeyring, type Keyring } from '../access-token.ts'
import { hubSettings, type HubEnv, type HubSettings } from '../env.ts'
import type { Head } from '../rpc.ts'
import { CollapseStore } from '../store/collapse.ts'
import { LogStore, type LogEntry } from '../store/log.ts'
import { openMeta, type Meta } from '../store/meta.ts'
import { ParkedStore } from '../store/parked.ts'
import { sqlOf, type Sql } from '../store/sql.ts'
import { Alarm } from './alarm.ts'
import { writePoint } from './analytics.ts'
import { toArchive } from './archive-entry.ts'
import { Archiver } from './archiver.ts'
import { Outbound, type ReaderKey } from './outbound.ts'
import { Retries } from './retries.ts'
import { SignOuts } from './sign-outs.ts'
import { closeSafely, Sockets } from './sockets.ts'
import { Stats } from './stats.ts'

const DAY_MS = 24 * 3_600_000

export interface HubDeps {
  readerKey: ReaderKey
  /** Reads the copy of the directory again; who is gone there is erased here. */
  refreshDirectory(): Promise<void>
  /** [AR2] A parked entry as it is to be archived now. */
  lateOf(entry: LogEntry): LateEntry
}

export class Hub {
  readonly ctx: DurableObjectState
  readonly env: HubEnv
  readonly settings: HubSettings
  readonly sql: Sql
  readonly meta: Meta
  readonly log: LogStore
  readonly parked: ParkedStore
  readonly collapse: CollapseStore
  readonly sockets: Sockets
  readonly signOuts: SignOuts
  readonly outbound: Outbound
  readonly archiver: Archiver
  readonly retries: Retries
  readonly alarm: Alarm
  readonly stats: Stats
  readonly db: Database
  #keyring: Keyring | null = null
  #isErased = false

  constructor(ctx: DurableObjectState, env: HubEnv, deps: HubDeps) {
    this.ctx = ctx
    this.env = env
    this.settings = hubSettings(env)
    // [WS5] Answered by the runtime without waking us; exact texts, set anew in each life.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG))
    this.sql = sqlOf(ctx.storage)
    this.meta = openMeta(this.sql)
    this.log = new LogStore(this.sql)
    this.parked = new ParkedStore(this.sql, this.log)
    this.collapse = new CollapseStore(this.sql)
    this.sockets = new Sockets(ctx, this.settings.heartbeatMs, {
      onSent: () => this.stats.count('sent'),
      onSwept: () => this.stats.settle(),
    })
    this.outbound = new Outbound(this.sockets, () => ctx.storage.sync(), deps.readerKey)
    this.alarm = new Alarm(ctx.storage)
    this.db = openDatabase(env.DB)
    this.signOuts = new SignOuts({
      sql: this.sql,
      sockets: this.sockets,
      read: () => listEndedSessions(this.db, now()),
      stream: () => this.stream,
    })
    this.archiver = new Archiver({
      log: this.log,
      parked: this.parked,
      meta: this.meta,
      sink: {
        apply: (batch) =>
          this.stats.with(batch.to, (report) => applyBatch(this.db, { ...batch, report })),
        readCursor: (stream, epoch) => readCursor(this.db, stream, epoch),
        openCursor: async (stream, epoch) => {
          // D1 does not know this stream any more. If that is because its subject was erased, nothing may follow it there.
          await deps.refreshDirectory()
          await openCursor(this.db, stream, epoch)
        },
        classify: classifyFailure,
      },
      identity: () => ({ stream: this.stream, epoch: this.epoch }),
      toArchive: (entry) => toArchive(entry, this.parked.refusalOf(entry.seq)),
      now,
      random: Math.random,
    })
    this.retries = this.#openRetries(deps)
    this.stats = this.#openStats()
  }

  #openRetries(deps: HubDeps): Retries {
    return new Retries({
      db: this.db,
      log: this.log,
      parked: this.parked,
      identity: () => (this.hasBegun ? { stream: this.stream, epoch: this.epoch } : null),
      archived: () => this.archiver.believed,
      lateOf: deps.lateOf,
      onChange: () => this.stats.settle(),
      now,
    })
  }

  #openStats(): Stats {
    return new Stats({
      hub: () => (this.hasBegun ? this.stream : null),
      sockets: this.sockets,
      meta: this.meta,
      waitingAfter: (seq) => this.log.waitingAfter(seq),
      archived: () => this.archiver.believed,
      parked: () => this.parked.count,
      lastSeq: () => this.log.lastHomeSeq,
      settled: () => this.outbound.settled(),
      write: (report) => writeReport(this.db, report),
      onLanded: (report) => writePoint(this.env.ANALYTICS, report),
      intervalMs: this.settings.statsIntervalMs,
      now,
    })
  }

  /** A hub is named like its stream. */
  get stream(): string {
    const { name } = this.ctx.id
    if (name === undefined) throw new Error('a hub is always reached by its name')
    return name
  }

  /** Only once the hub {@link hasBegun}; before, the hub has no stream. */
  get epoch(): string {
    const epoch = this.meta.epoch()
    if (epoch === null) throw new Error('the hub has no epoch yet')
    return epoch
  }

  /** Opened when a socket first brings a fresh token: a wake that needs none pays for none. */
  get keyring(): Keyring {
    this.#keyring ??= openKeyring(this.env.SIGNING_KEYS)
    return this.#keyring
  }

  get hasBegun(): boolean {
    return !this.#isErased && this.meta.epoch() !== null
  }

  get head(): Head {
    return { epoch: this.epoch, seq: this.log.head }
  }

  /** [AU8] The directory's word on this hub's subject; who has signed out is shown the door before it holds. */
  readCopy<Copy>(read: (db: Database, id: string) => Promise<Copy>): Promise<Copy> {
    return this.signOuts.before(() => read(this.db, parseStream(this.stream).id))
  }

  /**
   * [ST1] A new life of the stream; its cursor stands in D1 before the first answer. The epoch is written together with
   * the first copy of the directory. Null: the hub has one.
   */
  async newEpoch(): Promise<string | null> {
    if (this.hasBegun) return null
    const epoch = uuidv7()
    await openCursor(this.db, this.stream, epoch)
    return epoch
  }

  /** [AR3] Does D1 have this entry? Its cursor also goes past those that it refused. */
  hasArchived(seq: number): boolean {
    return this.archiver.archived >= seq && this.parked.refusalOf(seq) === null
  }

  /** [ST6] Arms for when the log must be looked after, and for what else waits. */
  arm(others: readonly (number | null)[]): Promise<void> {
    const deadlines = [this.archiver.nextAt(), this.retries.nextAt(), ...others]
    const isNeeded = deadlines.some((at) => at !== null)
    return this.alarm.arm(isNeeded ? [...deadlines, this.archiver.checkAt()] : deadlines)
  }

  /** For the alarm: what D1 does not have. */
  async archive(): Promise<void> {
    await Promise.all([this.archiver.kick(), this.retries.run()])
  }

  /** The runtime says that a socket is gone. */
  ended(ws: WebSocket, code = 1000, reason = ''): void {
    closeSafely(ws, code, reason)
    this.stats.ended(ws)
  }

  /** One event, one transaction. */
  transaction<T>(work: () => T): T {
    return this.sql.transaction(work)
  }

  /** [ST4] `told`: everybody who must take from this log has taken up to here. */
  trim(told: number): void {
    const { archived } = this.archiver
    const isWhole = archived >= this.log.lastHomeSeq
    this.log.trim(now(), Math.min(isWhole ? this.log.head : archived, told))
  }

  /** [AR9] Once a day: what is about entries that the archive no longer keeps. */
  forgetOld(also: { forgetBefore(at: number): void }[]): void {
    const today = Math.floor(now() / DAY_MS)
    if (this.meta.get('forgot_on') >= today) return
    for (const store of [this.collapse, ...also]) {
      store.forgetBefore(now() - this.settings.retentionMs)
    }
    this.meta.set('forgot_on', today)
  }

  /**
   * Storage, sockets, everything: there is nobody left whose hub this is. Memory still believes in the tables, so this
   * object ends, and with it every call that is under way; the next one finds a fresh hub.
   */
  async erase(): Promise<never> {
    this.#isErased = true
    this.sockets.closeAll(4503)
    await this.ctx.storage.deleteAlarm()
    await this.ctx.storage.deleteAll()
    // What was said last leaves only once the disk has followed.
    await this.ctx.storage.sync()
    this.ctx.abort('erased')
    throw new Error('erased')
  }
}
