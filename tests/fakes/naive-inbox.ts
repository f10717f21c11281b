// The inbox as anybody would first build it: one row per recipient, changed one by one. What the archive answers from
// steps and exceptions must be what this says (AR6). Times are milliseconds.
import type { MarkOp } from '../../db/archive-batch.ts'
import type { Category } from '../../protocol/notification-types.ts'

export type NaiveRole = 'manager' | 'staff'

export interface NaiveEntry {
  id: string
  stream: string
  epoch: string
  seq: number
  category: Category
  audience: number
  asks: number
  sentAt: number
  expiresAt: number | null
  key: string | null
}

export interface NaiveRow {
  entry: NaiveEntry
  readAt: number | null
  seenAt: number | null
  archivedAt: number | null
  acknowledgedAt: number | null
  snoozedUntil: number | null
  deleted: boolean
}

interface Bulk {
  op: 'read' | 'seen' | 'deleted'
  stream: string
  upTo: { epoch: string; seq: number }
  category: Category | '*'
  at: number
}

const hears = (audience: number, role: NaiveRole) => (audience & (role === 'manager' ? 1 : 2)) !== 0

const newestFirst = (a: NaiveRow, b: NaiveRow) =>
  b.entry.sentAt - a.entry.sentAt || (a.entry.id < b.entry.id ? 1 : -1)

const reaches = (upTo: Bulk['upTo'], { epoch, seq }: NaiveEntry) =>
  upTo.epoch > epoch || (upTo.epoch === epoch && upTo.seq >= seq)

export class NaiveInbox {
  readonly members = new Map<string, NaiveRole>()
  readonly #rows = new Map<string, Map<string, NaiveRow>>()
  readonly #gone = new Set<string>()
  readonly #entries: NaiveEntry[] = []

  constructor(users: string[]) {
    for (const user of users) this.#rows.set(user, new Map())
  }

  roleOf(user: string, location: string): NaiveRole | undefined {
    return this.members.get(`${user} ${location}`)
  }

  streamsOf(user: string): string[] {
    const held = [...this.members.keys()].map((key) => key.split(' '))
    const locations = held.filter(([who]) => who === user).map(([, where]) => `location:${where}`)
    return [`user:${user}`, ...locations]
  }

  send(entry: NaiveEntry): void {
    for (const older of this.#entries) {
      const same = older.stream === entry.stream && older.audience === entry.audience
      if (same && older.key !== null && older.key === entry.key) this.#gone.add(older.id)
    }
    this.#entries.push(entry)
    const [kind, name = ''] = entry.stream.split(':')
    for (const [user, rows] of this.#rows) {
      const role = this.roleOf(user, name)
      const gets =
        kind === 'user' ? user === name : role !== undefined && hears(entry.audience, role)
      if (gets) rows.set(entry.id, { entry, ...FRESH })
    }
  }

  /** [NO8] Who was not in an entry's audience for one moment never gets it back. */
  setRole(user: string, location: string, role: NaiveRole | null): void {
    if (role === null) this.members.delete(`${user} ${location}`)
    else this.members.set(`${user} ${location}`, role)
    const rows = this.#rows.get(user) ?? new Map<string, NaiveRow>()
    for (const [id, { entry }] of rows) {
      if (entry.stream !== `location:${location}`) continue
      if (role === null || !hears(entry.audience, role)) rows.delete(id)
    }
  }

  mark(user: string, id: string, op: MarkOp, at: number): void {
    const row = this.#rows.get(user)?.get(id)
    if (row !== undefined) applyOp(row, op, at)
  }

  /** As a later command does it: comes back unread. */
  snooze(user: string, id: string, until: number): void {
    const row = this.#rows.get(user)?.get(id)
    if (row !== undefined) Object.assign(row, { snoozedUntil: until, readAt: null })
  }

  bulk(user: string, { op, stream, upTo, category, at }: Bulk): void {
    for (const row of this.#rows.get(user)?.values() ?? []) {
      const { entry } = row
      if (entry.stream !== stream || !reaches(upTo, entry)) continue
      if (category !== '*' && category !== entry.category) continue
      if (op === 'deleted') row.deleted = true
      else if ((row.snoozedUntil ?? 0) <= at) applyOp(row, op, at)
    }
  }

  /** What the person may see at all, archived and snoozed ones too, newest first. */
  visible(user: string, now: number): NaiveRow[] {
    const rows = [...(this.#rows.get(user)?.values() ?? [])]
    return rows
      .filter(({ entry, deleted }) => !deleted && !this.#gone.has(entry.id) && alive(entry, now))
      .toSorted(newestFirst)
  }

  /** The default list. */
  shown(user: string, now: number): NaiveRow[] {
    return this.visible(user, now).filter(
      (row) => row.archivedAt === null && (row.snoozedUntil ?? 0) <= now,
    )
  }

  counts(user: string, now: number) {
    const shown = this.shown(user, now)
    const times = this.visible(user, now)
      .filter((row) => row.archivedAt === null && matters(row))
      .map((row) => nextChange(row, now))
      .filter((at) => at !== null)
    return {
      unread: shown.filter((row) => row.readAt === null).length,
      unseen: shown.filter((row) => row.seenAt === null).length,
      action_required: shown.filter(asks).length,
      until: times.length === 0 ? null : new Date(Math.min(...times)).toISOString(),
    }
  }
}

const FRESH = {
  readAt: null,
  seenAt: null,
  archivedAt: null,
  acknowledgedAt: null,
  snoozedUntil: null,
  deleted: false,
}

const alive = ({ expiresAt }: NaiveEntry, now: number) => expiresAt === null || expiresAt > now

const asks = ({ entry, acknowledgedAt }: NaiveRow) =>
  (entry.asks & 2) !== 0 || ((entry.asks & 1) !== 0 && acknowledgedAt === null)

const matters = (row: NaiveRow) => row.readAt === null || row.seenAt === null || asks(row)

function nextChange({ entry, snoozedUntil }: NaiveRow, now: number): number | null {
  if (snoozedUntil === null || snoozedUntil <= now) return entry.expiresAt
  return entry.expiresAt === null || entry.expiresAt > snoozedUntil ? snoozedUntil : null
}

/** [IN2] Acknowledged and archived imply read; read implies seen; unsetting one unsets nothing else. */
function applyOp(row: NaiveRow, op: MarkOp, at: number): void {
  if (op === 'read' || op === 'archived' || op === 'acknowledged') {
    row.readAt ??= at
    row.seenAt ??= at
  }
  if (op === 'unread') row.readAt = null
  if (op === 'seen') row.seenAt ??= at
  if (op === 'unseen') row.seenAt = null
  if (op === 'archived') row.archivedAt ??= at
  if (op === 'unarchived') row.archivedAt = null
  if (op === 'acknowledged') row.acknowledgedAt ??= at
  if (op === 'unacknowledged') row.acknowledgedAt = null
  if (op === 'deleted') row.deleted = true
}
