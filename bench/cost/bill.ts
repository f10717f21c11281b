// From what happens in a day to what a month costs. Pure.
import type { Meters } from '../meter/meters.ts'
import { MESSAGES_A_REQUEST, PRICES, type Unit, type Units } from './prices.ts'

/** A month of the bill, which the published examples take, too. */
const DAYS = 30

/** Not measured: a guess at what a request costs the worker, most of it the token's signature. */
export const CPU_MS_A_REQUEST = 3

export interface Line {
  what: string
  /** In one shop. */
  aDay: number
  how: 'measured' | 'modelled'
  /** For one of them. */
  units: Units
}

export interface Item {
  what: string
  unit: Unit
  dollars: number
}

/** What one of several that happened at the same time put on the bill. */
export function unitsOf(meters: Meters, several: number): Units {
  const messages = meters.hub_messages + meters.hub_closes
  const all: Units = {
    'worker requests': meters.worker_requests,
    'worker CPU ms': meters.worker_requests * CPU_MS_A_REQUEST,
    'hub requests': meters.hub_calls + meters.hub_alarms + messages / MESSAGES_A_REQUEST,
    'hub ms': meters.hub_ms,
    'hub rows read': meters.hub_rows_read,
    'hub rows written': meters.hub_rows_written + meters.alarms_set,
    'D1 rows read': meters.d1_rows_read,
    'D1 rows written': meters.d1_rows_written,
  }
  return Object.fromEntries(Object.entries(all).map(([unit, count]) => [unit, count / several]))
}

/** Dollars a month, for each line and unit; the largest first. */
export function itemsOf(lines: readonly Line[]): Item[] {
  const items = lines.flatMap(({ what, aDay, units }) =>
    (Object.keys(units) as Unit[]).map((unit) => ({
      what,
      unit,
      dollars: (units[unit] ?? 0) * aDay * DAYS * PRICES[unit],
    })),
  )
  return items.toSorted((a, b) => b.dollars - a.dollars)
}

export const sumOf = (items: readonly Item[]): number =>
  items.reduce((sum, { dollars }) => sum + dollars, 0)
