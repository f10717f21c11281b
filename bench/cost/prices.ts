// What the platform publishes, in dollars for one unit, on the paid plan. What the plan includes each month is not taken off:
// it is an account's, and a shop is one of many. Read in November 2026 from
//   https://developers.cloudflare.com/workers/platform/pricing/          (requests, CPU time)
//   https://developers.cloudflare.com/durable-objects/platform/pricing/  (requests, duration, rows, storage)
//   https://developers.cloudflare.com/d1/platform/pricing/               (rows, storage)

const MILLION = 1_000_000

/** A hub is billed as if it had all the memory it may have. */
const HUB_GB = 0.128
const HUB_GB_SECOND = 12.5 / MILLION

export const PRICES = {
  'worker requests': 0.3 / MILLION,
  'worker CPU ms': 0.02 / MILLION,
  /** Calls, upgrades and alarms one each, texts from sockets a twentieth. */
  'hub requests': 0.15 / MILLION,
  'hub ms': (HUB_GB * HUB_GB_SECOND) / 1_000,
  'hub rows read': 0.001 / MILLION,
  /** A row of an index is one, and so is an alarm that is set. */
  'hub rows written': 1 / MILLION,
  'D1 rows read': 0.001 / MILLION,
  'D1 rows written': 1 / MILLION,
  'hub GB-months': 0.2,
  'D1 GB-months': 0.75,
} as const

export type Unit = keyof typeof PRICES

/** How much of each; what is missing is none. */
export type Units = Partial<Record<Unit, number>>

/** Texts from sockets that make one request. */
export const MESSAGES_A_REQUEST = 20
