// From rows of the inbox statements to what callers get: ISO times, maps, parsed bodies.
import type { Counts } from '../protocol/api.ts'
import type { SeqMap } from '../protocol/ids.ts'
import type { Category } from '../protocol/notification-types.ts'
import type { StoredNotification } from '../protocol/notification.ts'
import type { InboxRow, Reader } from './inbox-types.ts'
import { rowsOf } from './open.ts'
import { parsePlace } from './place.ts'

/** One entry as {@link entryColumns} selects it; times in milliseconds. */
export interface InboxRecord {
  stream: string
  place: string
  category: Category
  body: string
  unread: number
  read_at: number | null
  seen_at: number | null
  archived_at: number | null
  acknowledged_at: number | null
  snoozed_until: number | null
}

/** One of the person's streams and how far D1 has it. */
export interface StreamRecord {
  stream: string
  location_id: string | null
  time_zone: string | null
  epoch: string | null
  seq: number | null
}

const isoOf = (at: number | null) => (at === null ? null : new Date(at).toISOString())

/** Acknowledgements of devices and outcomes of actions are not in these rows: they stay null. */
export function rowOf(record: InboxRecord): InboxRow {
  return {
    stored: JSON.parse(record.body) as StoredNotification,
    place: { stream: record.stream, ...parsePlace(record.place) },
    category: record.category,
    state: {
      delivered_at: null,
      seen_at: isoOf(record.seen_at),
      read_at: isoOf(record.read_at),
      is_read: record.unread === 0,
      archived_at: isoOf(record.archived_at),
      acknowledged_at: isoOf(record.acknowledged_at),
      snoozed_until: isoOf(record.snoozed_until),
      outcome: null,
    },
  }
}

export function countsOf(result: D1Result | undefined): Counts {
  type Row = Omit<Counts, 'until'> & { until: number | null }
  const row = rowsOf<Row>(result)[0]
  return {
    unread: row?.unread ?? 0,
    unseen: row?.unseen ?? 0,
    action_required: row?.action_required ?? 0,
    until: isoOf(row?.until ?? null),
  }
}

/** [AR5] */
export function headsOf(result: D1Result | undefined) {
  const streams = rowsOf<StreamRecord>(result)
  const as_of: SeqMap = {}
  const epochs: Record<string, string | null> = {}
  for (const { stream, epoch, seq } of streams) {
    as_of[stream] = seq ?? 0
    epochs[stream] = epoch
  }
  return { as_of, epochs }
}

export function readerOf(person: D1Result | undefined, streams: D1Result | undefined): Reader {
  const row = rowsOf<{ locale: string; time_zone: string | null }>(person)[0]
  const zones = rowsOf<StreamRecord>(streams).flatMap(({ location_id, time_zone }) =>
    location_id === null || time_zone === null ? [] : [[location_id, time_zone] as const],
  )
  return {
    locale: row?.locale ?? 'en',
    time_zone: row?.time_zone ?? null,
    zones: Object.fromEntries(zones),
  }
}
