// When to come back. Arithmetic only: the roll of the dice (0 up to, not including, 1) is passed in.
import type { Millis } from '../types.ts'

export interface DelayRange {
  min: Millis
  max: Millis
}

/** Before a welcome has told the hub's own wish (WS3). */
export const DEFAULT_RANGE: DelayRange = { min: 500, max: 30_000 }

/** Who was refused comes back much later: trying again soon is what the refusal is about. */
export const SLOW_RANGE: DelayRange = { min: 5_000, max: 300_000 }

/** Where sockets are blocked, the next try is not the one that finds them free; a person hears of all else meanwhile. */
export const DEGRADED_RANGE: DelayRange = { min: 30_000, max: 120_000 }

// A deploy drops every socket at the same moment and without a word, so already the first retry is
// spread over four times the shortest delay.
const FIRST_SPREAD_DOUBLINGS = 2

/** 2 to this power times any delay of ours is beyond every cap, and still a safe integer. */
const MAX_DOUBLINGS = 30

/** Full jitter inside the cap: anywhere between `min` and a ceiling that doubles with each attempt. */
export function backoffMs(attempt: number, range: DelayRange, roll: number): Millis {
  const doublings = Math.min(attempt + FIRST_SPREAD_DOUBLINGS, MAX_DOUBLINGS)
  const ceiling = Math.max(range.min, Math.min(range.max, range.min * 2 ** doublings))
  return range.min + Math.floor(roll * (ceiling - range.min))
}

/** [AR5] A snapshot that is not whole is asked for again after 1 s, doubling to 30 s. */
export function askAgainMs(tries: number): Millis {
  return Math.min(30_000, 1_000 * 2 ** Math.min(tries, MAX_DOUBLINGS))
}
