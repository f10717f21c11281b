// [OP1] What hubs count, one row a hub. A report adds what was counted since the one before; what is so and so many right
// now replaces what was. Sums are made when somebody asks.
import { type SQL, sql } from 'drizzle-orm'
import { type Database, rowsOf, runBatch } from './open.ts'

/** Connections that ended, by how long they lasted (durable-objects/core/durations.ts). */
export const ENDED = [
  'ended_0',
  'ended_1',
  'ended_2',
  'ended_3',
  'ended_4',
  'ended_5',
  'ended_6',
  'ended_7',
  'ended_8',
  'ended_9',
] as const

export const COUNTERS = [
  'sent',
  'received',
  'opened',
  'reconnections',
  'resumes',
  'errors',
  ...ENDED,
  'ended_s',
] as const

export type Counter = (typeof COUNTERS)[number]
export type Counts = Record<Counter, number>

/** Times in milliseconds. */
export interface HubReport {
  hub: string
  /** What was counted was counted from here on. */
  since: number
  at: number
  sockets: number
  /** Entries that D1 does not have, and the time of the oldest. */
  backlog: number
  backlog_since: number | null
  /** Entries that D1 refused for what they are (AR2). */
  parked: number
  counts: Counts
}

const GAUGES = ['since', 'at', 'sockets', 'backlog', 'backlog_since', 'parked'] as const
/** Of these the newest report is kept beside the sum, for figures per second. */
const RECENT = ['sent', 'received', 'opened', 'errors'] as const

/** Nothing that a figure may be can make D1 refuse the batch it travels with. */
const whole = (value: number) => (Number.isFinite(value) ? Math.trunc(value) : 0)

/**
 * Writes one report. A hub without a cursor was erased, and leaves no row behind. To be run once for each report: what
 * it counted is added.
 */
export function reportStatement(report: HubReport): SQL {
  const { hub, counts } = report
  const names = ['hub', ...GAUGES, ...RECENT.map((name) => `recent_${name}`), ...COUNTERS]
  const values = [
    hub,
    ...GAUGES.map((name) => (report[name] === null ? null : whole(report[name]))),
    ...RECENT.map((name) => whole(counts[name])),
    ...COUNTERS.map((name) => whole(counts[name])),
  ]
  const replaced = names.slice(1, -COUNTERS.length).map((name) => `${name} = excluded.${name}`)
  const added = COUNTERS.map((name) => `${name} = hub_stats.${name} + excluded.${name}`)
  return sql`INSERT INTO hub_stats (${sql.raw(names.join(', '))})
    SELECT ${sql.join(
      values.map((value) => sql`${value}`),
      sql`, `,
    )}
    WHERE EXISTS (SELECT 1 FROM archive_cursors WHERE stream = ${hub})
    ON CONFLICT (hub) DO UPDATE SET ${sql.raw([...replaced, ...added].join(', '))}`
}

/** One report that has no batch to travel with. */
export const writeReport = async (db: Database, report: HubReport): Promise<void> => {
  await runBatch(db, [reportStatement(report)])
}

/** All hubs together. */
export interface HubSums extends Counts {
  sockets: number
  /** People with an open socket of their own. */
  users: number
  backlog: number
  backlog_since: number | null
  parked: number
  sent_per_second: number
  received_per_second: number
  recent_asked: number
  recent_errors: number
}

/**
 * Adds up all hubs: one walk over the table. Figures per second come from hubs that reported within two intervals; a report
 * stands for at least one interval, however soon after the one before it came.
 */
export async function sumReports(
  db: Database,
  { now, intervalMs }: { now: number; intervalMs: number },
): Promise<HubSums> {
  const isFresh = sql`at > ${now - 2 * intervalMs}`
  const rate = (column: string) => sql`coalesce(sum(CASE WHEN ${isFresh}
    THEN ${sql.raw(column)} * 1000.0 / max(at - since, ${intervalMs}) END), 0)`
  const fresh = (columns: string) =>
    sql`coalesce(sum(CASE WHEN ${isFresh} THEN ${sql.raw(columns)} END), 0)`
  const total = (name: string) => sql.raw(`coalesce(sum(${name}), 0) AS ${name}`)
  const [answer] = await runBatch(db, [
    sql`SELECT ${sql.join(['sockets', 'backlog', 'parked', ...COUNTERS].map(total), sql`, `)},
      coalesce(sum(sockets > 0 AND hub GLOB 'user:*'), 0) AS users,
      min(CASE WHEN backlog > 0 THEN backlog_since END) AS backlog_since,
      ${rate('recent_sent')} AS sent_per_second, ${rate('recent_received')} AS received_per_second,
      ${fresh('recent_received + recent_opened')} AS recent_asked,
      ${fresh('recent_errors')} AS recent_errors
    FROM hub_stats`,
  ])
  const [sums] = rowsOf<HubSums>(answer)
  if (sums === undefined) throw new TypeError('a sum without a row')
  return sums
}
