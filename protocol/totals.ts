// [OP1] How the whole deployment is doing, for those who run it.
import * as v from 'valibot'

/** `messages`: texts on sockets, which may hold several frames; heartbeats are none. */
export const Totals = v.object({
  active_connections: v.number(),
  users_online: v.number(),
  messages_sent_per_second: v.number(),
  messages_received_per_second: v.number(),
  /** Of connections that ended; null where none has. */
  connection_duration_s: v.object({ p50: v.nullable(v.number()), p95: v.nullable(v.number()) }),
  reconnections: v.number(),
  resumes: v.number(),
  errors: v.number(),
  error_rate: v.number(),
  archive_backlog: v.number(),
  archive_backlog_age_s: v.number(),
  parked: v.number(),
  as_of: v.string(),
})
export type Totals = v.InferOutput<typeof Totals>
