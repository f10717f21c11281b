// [OP1][OP2] All hubs together. Each isolate asks D1 at most once in ten seconds, however many look.
import { ENDED, sumReports, type HubSums } from '../db/hub-stats.ts'
import { now } from '../durable-objects/clock.ts'
import { quantile } from '../durable-objects/core/durations.ts'
import type { Totals } from '../protocol/totals.ts'
import { fromArchive } from './archive.ts'
import type { RequestContext } from './context.ts'

const KEEP_MS = 10_000

export interface Sums extends HubSums {
  /** When they were added up. */
  at: number
}

/** The answer is kept, not the question: no request may wait for another's I/O. */
const kept = new WeakMap<D1Database, Sums>()

/** Throws 503 while D1 is away. */
export async function readSums(c: RequestContext): Promise<Sums> {
  const at = now()
  const known = kept.get(c.env.DB)
  if (known && Math.abs(at - known.at) < KEEP_MS) return known
  const intervalMs = c.var.configuration.settings.STATS_INTERVAL_S * 1_000
  const sums = await fromArchive(c.env, (db) => sumReports(db, { now: at, intervalMs }))
  const made = { ...sums, at }
  kept.set(c.env.DB, made)
  return made
}

/** Pure. */
export function totalsOf(sums: Sums): Totals {
  const durations = ENDED.map((name) => sums[name])
  return {
    active_connections: sums.sockets,
    users_online: sums.users,
    messages_sent_per_second: rounded(sums.sent_per_second),
    messages_received_per_second: rounded(sums.received_per_second),
    connection_duration_s: {
      p50: seconds(quantile(durations, 0.5)),
      p95: seconds(quantile(durations, 0.95)),
    },
    reconnections: sums.reconnections,
    resumes: sums.resumes,
    errors: sums.errors,
    error_rate: rounded(sums.recent_asked === 0 ? 0 : sums.recent_errors / sums.recent_asked),
    archive_backlog: sums.backlog,
    archive_backlog_age_s: backlogAge(sums),
    parked: sums.parked,
    as_of: new Date(sums.at).toISOString(),
  }
}

/** How long the oldest entry has waited for D1, in seconds. */
export const backlogAge = ({ backlog_since, at }: Sums): number =>
  backlog_since === null ? 0 : Math.max(0, Math.round((at - backlog_since) / 1_000))

const rounded = (value: number) => Math.round(value * 1_000) / 1_000
const seconds = (value: number | null) => (value === null ? null : Math.round(value * 10) / 10)
