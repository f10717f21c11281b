// What the platform would put on the bill, counted where our code meets it.

/** Whole numbers since the start, except `hub_ms`. */
export interface Meters {
  worker_requests: number
  /** Calls of hubs by the worker and by each other, upgrades among them. */
  hub_calls: number
  hub_alarms: number
  /** Texts from sockets that reached a hub, and sockets that ended. */
  hub_messages: number
  hub_closes: number
  /** Hubs that came to life: the first time, or after hibernation. */
  hub_wakes: number
  /** Time in which an event of a hub was under way; two events of one hub at once count once. */
  hub_ms: number
  hub_rows_read: number
  hub_rows_written: number
  alarms_set: number
  d1_calls: number
  /** Those that changed nothing. */
  d1_reads: number
  d1_rows_read: number
  d1_rows_written: number
}

export const NO_METERS: Meters = {
  worker_requests: 0,
  hub_calls: 0,
  hub_alarms: 0,
  hub_messages: 0,
  hub_closes: 0,
  hub_wakes: 0,
  hub_ms: 0,
  hub_rows_read: 0,
  hub_rows_written: 0,
  alarms_set: 0,
  d1_calls: 0,
  d1_reads: 0,
  d1_rows_read: 0,
  d1_rows_written: 0,
}

/** What came between two readings. */
export function metersBetween(before: Meters, after: Meters): Meters {
  const names = Object.keys(NO_METERS) as (keyof Meters)[]
  return Object.fromEntries(
    names.map((name) => [name, after[name] - before[name]]),
  ) as unknown as Meters
}
