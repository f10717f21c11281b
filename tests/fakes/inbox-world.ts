// Two shops and four people whose hubs archive on their own, each when it likes, beside the naive inbox. Every operation
// happens to both; `check` brings the archive up to date and compares every answer.
import type { ArchiveBatch, ArchiveEntry } from '../../db/archive-batch.ts'
import { putLocation, putUser } from '../../db/directory.ts'
import { countInbox, findForUser, type InboxFilters, pageInbox } from '../../db/inbox.ts'
import { deleteMember, putMember } from '../../db/members.ts'
import { type Database, openDatabase } from '../../db/open.ts'
import { placeOf } from '../../db/place.ts'
import { applyLate, type LateEntry } from '../../db/sink-late.ts'
import { applyBatch, openCursor } from '../../db/sink.ts'
import { changes } from '../../durable-objects/core/inbox-state.ts'
import { MarkStore } from '../../durable-objects/store/marks.ts'
import type { NotificationType } from '../../protocol/notification-types.ts'
import { type FakeD1, fakeD1 } from './d1.ts'
import { LOCATIONS, type Operation, STREAMS, USERS } from './inbox-operations.ts'
import { fakeSql } from './sql.ts'
import { NaiveInbox, type NaiveRole, type NaiveRow } from './naive-inbox.ts'

const TYPES: Record<Of<'send'>['category'], NotificationType> = {
  team: 'team.announcement',
  appointment: 'appointment.reminder',
  training: 'training.course_completed',
}

type Of<Kind extends Operation['kind']> = Extract<Operation, { kind: Kind }>

interface Hub {
  epoch: string
  head: number
  archived: number
  lastSent: number
  waiting: ArchiveEntry[]
  /** What D1 refused, as it is in the log. */
  parked: ArchiveEntry[]
  lastBatch: ArchiveBatch | null
}

export class InboxWorld {
  readonly d1: FakeD1
  readonly db: Database
  readonly naive = new NaiveInbox(USERS)
  readonly #compactAbove: number
  readonly #asHubs: boolean
  readonly #hubs = new Map<string, Hub>()
  /** What each person's hub knows of their doings. */
  readonly #marks = new Map(USERS.map((name) => [name, new MarkStore(fakeSql())]))
  #now = 1_000_000
  #epochs = 0
  #ids = 0

  /**
   * `rewrite` plants a mistake in the archive's statements. `asHubs`: a command that changes nothing is no entry, which is
   * true of people without snoozed entries only, as no hub knows of those yet.
   */
  constructor(options: {
    compactAbove: number
    rewrite?: (sql: string) => string
    asHubs?: boolean
  }) {
    this.#asHubs = options.asHubs ?? false
    this.d1 = fakeD1(options.rewrite)
    this.db = openDatabase(this.d1)
    this.#compactAbove = options.compactAbove
  }

  async begin(): Promise<void> {
    for (const id of USERS) await putUser(this.db, { id, name: id }, this.#now)
    for (const id of LOCATIONS) {
      await putLocation(this.db, { id, name: id, time_zone: 'Europe/Madrid' }, this.#now)
    }
    for (const stream of STREAMS) await this.#openHub(stream)
    await this.#role({ kind: 'role', user: 'ana', location: 'x', role: 'manager' })
    await this.#role({ kind: 'role', user: 'ben', location: 'x', role: 'staff' })
    await this.#role({ kind: 'role', user: 'ben', location: 'y', role: 'staff' })
  }

  async apply(op: Operation): Promise<void> {
    this.#now += 1
    switch (op.kind) {
      case 'send':
        return this.#send(op)
      case 'mark':
        return this.#mark(op)
      case 'bulk':
        return this.#bulk(op)
      case 'role':
        return this.#role(op)
      case 'snooze':
        return this.#snooze(op)
      case 'tick':
        this.#now += op.ms
        return
      case 'flush':
        return this.#flush(op.stream)
      case 'epoch':
        await this.#flush(op.stream)
        // What is parked goes with the storage of its epoch.
        await this.retry(op.stream)
        return this.#openHub(op.stream)
    }
  }

  /** D1 refuses one of the entries that wait, if any do. */
  park(stream: string, pick: number): void {
    const { waiting, parked } = this.#hub(stream)
    const index = pick % Math.max(1, waiting.length)
    const entry = waiting[index]
    if (entry === undefined || entry.kind === 'nothing' || entry.kind === 'parked') return
    parked.push(entry)
    const isEntry = entry.kind === 'notification'
    waiting[index] = {
      kind: 'parked',
      seq: entry.seq,
      what: entry.kind,
      id: isEntry ? entry.body.id : null,
      audience: isEntry ? entry.audience : 3,
      category: isEntry ? entry.category : null,
      at: this.#now,
      reason: 'constraint failed',
    }
  }

  /** D1 takes what it refused: one of a stream's parked entries, or all, the newest first. Each comes twice. */
  async retry(stream: string, pick?: number): Promise<void> {
    await this.#flush(stream)
    const hub = this.#hub(stream)
    const chosen = pick === undefined ? hub.parked.toReversed() : hub.parked.slice(pick).slice(0, 1)
    for (const entry of chosen) {
      for (let times = 0; times < 2; times += 1) {
        await applyLate(this.db, { stream, epoch: hub.epoch }, this.#late(stream, entry))
      }
    }
    hub.parked = hub.parked.filter((entry) => !chosen.includes(entry))
  }

  #late(stream: string, entry: ArchiveEntry): LateEntry {
    const marks = this.#marks.get(stream.slice('user:'.length))
    if (entry.kind === 'notification') return entry
    if (entry.kind === 'mark' && marks) {
      const targets = entry.targets.map((one) => ({ ...one, ...marks.standing(one, one.category) }))
      return { kind: 'mark', seq: entry.seq, targets }
    }
    if (entry.kind === 'step' && marks) {
      const marked = entry.up_to.flatMap((to) => marks.markedSince(entry.at, to, entry.category))
      const since = marked.map((one) => ({ ...one, ...marks.standing(one, one.category) }))
      return { ...entry, since }
    }
    throw new Error(`nobody parks ${entry.kind} at ${stream}`)
  }

  #hub(stream: string): Hub {
    const hub = this.#hubs.get(stream)
    if (hub === undefined) throw new Error(`no hub ${stream}`)
    return hub
  }

  /** [ST1] A new epoch, younger than all before. */
  async #openHub(stream: string): Promise<void> {
    this.#epochs += 1
    const epoch = `0000000${this.#epochs}`.slice(-8)
    const lastSent = this.#hubs.get(stream)?.lastSent ?? 0
    this.#hubs.set(stream, {
      epoch,
      head: 0,
      archived: 0,
      lastSent,
      waiting: [],
      parked: [],
      lastBatch: null,
    })
    await openCursor(this.db, stream, epoch)
  }

  async #flush(stream: string): Promise<void> {
    const hub = this.#hub(stream)
    if (hub.waiting.length === 0) return
    const { epoch, archived: expected, head: to, waiting: entries } = hub
    hub.lastBatch = { stream, epoch, expected, to, entries }
    await applyBatch(this.db, hub.lastBatch, this.#compactAbove)
    hub.archived = to
    hub.waiting = []
  }

  #send({ stream, category, key, ttl, asks, audience }: Of<'send'>): void {
    const hub = this.#hub(stream)
    hub.head += 1
    hub.lastSent = Math.max(this.#now, hub.lastSent + 1)
    this.#ids += 1
    const entry = {
      id: `id-${String(this.#ids).padStart(6, '0')}`,
      stream,
      epoch: hub.epoch,
      seq: hub.head,
      category,
      audience: stream.startsWith('user:') ? 3 : audience,
      asks,
      sentAt: hub.lastSent,
      expiresAt: ttl === null ? null : this.#now + ttl,
      key,
    }
    this.naive.send(entry)
    const sent_at = new Date(entry.sentAt).toISOString()
    hub.waiting.push({
      kind: 'notification',
      seq: entry.seq,
      audience: entry.audience,
      category,
      asks,
      body: {
        id: entry.id,
        type: TYPES[category],
        priority: 'normal',
        to: {},
        sender: 'service:test',
        sent_at,
        created_at: sent_at,
        ...(key === null ? {} : { collapse_key: key }),
        ...(entry.expiresAt === null
          ? {}
          : { expires_at: new Date(entry.expiresAt).toISOString() }),
      },
    })
  }

  #choose(name: string, pick: number, many: number): NaiveRow[] {
    const rows = this.naive.visible(name, this.#now)
    return Array.from(
      { length: Math.min(many, rows.length) },
      (_, i) => rows[(pick + i) % rows.length],
    ).filter((row) => row !== undefined)
  }

  #mark({ user: name, op, pick, many }: Of<'mark'>): void {
    const marks = this.#marks.get(name)
    const rows = this.#choose(name, pick, many).filter(
      ({ entry }) => !this.#asHubs || !marks || changes(marks.stateOf(entry, entry.category), op),
    )
    if (rows.length === 0) return
    const hub = this.#hub(`user:${name}`)
    hub.head += 1
    const targets = rows.map(({ entry: { stream, epoch, seq, category } }) => ({
      stream,
      epoch,
      seq,
      category,
    }))
    hub.waiting.push({ kind: 'mark', seq: hub.head, at: this.#now, op, targets })
    for (const { entry } of rows) this.naive.mark(name, entry.id, op, this.#now)
    for (const one of targets) marks?.mark(one, one.category, op, this.#now)
  }

  #bulk({ user: name, op, category, only, behind }: Of<'bulk'>): void {
    const streams = this.naive
      .streamsOf(name)
      .filter((stream) => only === null || stream === `location:${only}`)
    const marks = this.#marks.get(name)
    const up_to = streams
      .map((stream) => {
        const { epoch, head } = this.#hub(stream)
        return { stream, epoch, seq: Math.max(0, head - behind) }
      })
      .filter((place) => !this.#asHubs || !marks || marks.stepChanges(op, place, category))
    if (up_to.length === 0) return
    const hub = this.#hub(`user:${name}`)
    hub.head += 1
    hub.waiting.push({ kind: 'step', seq: hub.head, at: this.#now, op, category, up_to })
    for (const place of up_to) marks?.step(op, place, category, this.#now)
    for (const { stream, ...upTo } of up_to) {
      this.naive.bulk(name, { op, stream, upTo, category, at: this.#now })
    }
  }

  async #role({ user: name, location: place, role }: Of<'role'>): Promise<void> {
    if ((this.naive.roleOf(name, place) ?? null) === role) return
    const { epoch, head: seq } = this.#hub(`location:${place}`)
    const now = this.#now
    if (role === null) await deleteMember(this.db, place, name, now)
    else {
      const head = { epoch, seq }
      await putMember(this.db, { location_id: place, user_id: name, role, head, now })
    }
    this.naive.setRole(name, place, role satisfies NaiveRole | null)
  }

  /** The command comes later; its columns are there, and every answer already minds them. */
  async #snooze({ user: name, pick, ms }: Of<'snooze'>): Promise<void> {
    const [row] = this.#choose(name, pick, 1)
    if (row === undefined) return
    await this.#flush(`user:${name}`)
    const { id, stream, epoch, seq, category } = row.entry
    const until = this.#now + ms
    const unseen = row.seenAt === null ? 1 : 0
    this.d1.sqlite
      .prepare(
        `INSERT INTO inbox_marks (user_id, stream, place, category, unread, unseen, snoozed_until)
        VALUES (?, ?, ?, ?, 1, ?, ?) ON CONFLICT (user_id, stream, place) DO UPDATE SET
        read_at = NULL, unread = 1, unseen = excluded.unseen, snoozed_until = excluded.snoozed_until`,
      )
      .run(name, stream, placeOf(epoch, seq), category, unseen, until)
    this.naive.snooze(name, id, until)
  }

  /** The first difference between the archive and the naive inbox, or null. `salt` varies page lengths. */
  async difference(salt: number): Promise<object | null> {
    for (const stream of STREAMS) await this.#flush(stream)
    for (const name of USERS) {
      const counted = await countInbox(this.db, name, this.#now)
      const wanted = this.naive.counts(name, this.#now)
      if (differ(counted.counts, wanted)) return { of: 'counts', name, got: counted.counts, wanted }
    }
    const name = USERS[salt % USERS.length] ?? 'ana'
    return (await this.#listsOf(name, 1 + (salt % 3))) ?? this.#singles(name)
  }

  async #listsOf(name: string, limit: number): Promise<object | null> {
    const all = this.naive.visible(name, this.#now)
    const shown = this.naive.shown(name, this.#now)
    const lists: [InboxFilters, NaiveRow[]][] = [
      [{}, shown],
      [{ unread: true }, shown.filter((row) => row.readAt === null)],
      [{ unread: false }, shown.filter((row) => row.readAt !== null)],
      [{ category: 'team' }, shown.filter((row) => row.entry.category === 'team')],
      [{ archived: true }, all.filter((row) => row.archivedAt !== null)],
    ]
    for (const [filters, rows] of lists) {
      const wanted = rows.map(summary)
      const { down, up } = await this.#walk(name, limit, filters)
      if (differ(down, wanted)) return { of: 'list', name, filters, got: down, wanted }
      if (differ(up, wanted)) return { of: 'list from its end', name, filters, got: up, wanted }
    }
    return null
  }

  /** The whole list by `after`, and from its last page back by `before`. */
  async #walk(user_id: string, limit: number, filters: InboxFilters) {
    const query = { user_id, limit, filters, now: this.#now }
    let page = await pageInbox(this.db, query)
    const down = [page.rows]
    while (page.page.after !== null) {
      page = await pageInbox(this.db, { ...query, after: page.page.after })
      down.push(page.rows)
    }
    const up = [page.rows]
    while (page.page.before !== null) {
      page = await pageInbox(this.db, { ...query, before: page.page.before })
      up.unshift(page.rows)
    }
    const flat = (pages: typeof down) =>
      pages
        .flat()
        .map(({ stored, place, state }) => [
          stored.id,
          place.stream,
          place.seq,
          state.is_read,
          state.read_at,
          state.seen_at,
          state.archived_at,
          state.acknowledged_at,
        ])
    return { down: flat(down), up: flat(up) }
  }

  async #singles(name: string): Promise<object | null> {
    const seen = new Set(this.naive.visible(name, this.#now).map((row) => row.entry.id))
    for (let n = 1; n <= this.#ids; n += 3) {
      const id = `id-${String(n).padStart(6, '0')}`
      const found = await findForUser(this.db, name, id, this.#now)
      if ((found !== null) !== seen.has(id)) return { of: 'single', name, id, wanted: seen.has(id) }
    }
    return null
  }

  /** The newest batch of some stream once more; answers whether the archive refused it. */
  async repeatIsRefused(): Promise<boolean> {
    const hub = [...this.#hubs.values()].find((one) => one.lastBatch !== null)
    if (!hub?.lastBatch) return true
    return applyBatch(this.db, hub.lastBatch, this.#compactAbove).then(
      () => false,
      () => true,
    )
  }
}

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())

const summary = ({ entry, ...row }: NaiveRow) => [
  entry.id,
  entry.stream,
  entry.seq,
  row.readAt !== null,
  iso(row.readAt),
  iso(row.seenAt),
  iso(row.archivedAt),
  iso(row.acknowledgedAt),
]

const differ = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b)
