// [WS9][WS10][CO6] How much one socket may say, and one caller ask. Pure: a state and a time go in, a state and a
// verdict come out. The states are for memory only; a hub that slept long enough to forget them was idle long enough for
// every bucket to be full again.
import { FRAME_BURST, FRAMES_PER_SECOND, MAX_BAD_FRAMES_PER_MINUTE } from '../../protocol/limits.ts'

/** [WS10] Who is still being refused this long after the first refusal is closed. */
export const OVER_LIMIT_CLOSE_MS = 10_000

/**
 * Refusals further apart than this are separate lapses. At 5% over the rate a refusal comes every
 * second, so who really keeps on never gets this far.
 */
export const CALM_AFTER_MS = 2_000

const BAD_FRAME_WINDOW_MS = 60_000

export interface Level {
  tokens: number
  /** When `tokens` was right. */
  at: number
}

export interface BucketState extends Level {
  /** The first and the last refusal of a lapse that is still going on. */
  over: { since: number; last: number } | null
}

export interface BucketLimits {
  burst: number
  perSecond: number
}

export interface Taken {
  state: BucketState
  ok: boolean
  /** 0 when `ok`; else when the next frame will pass. */
  retryAfterMs: number
  /** The socket kept on over its limit: close it with 4029. */
  close: boolean
}

const FRAME_LIMITS: BucketLimits = { burst: FRAME_BURST, perSecond: FRAMES_PER_SECOND }

/** Takes one frame's token. `state` is null for a socket that has said nothing yet. */
export function take(
  state: BucketState | null,
  now: number,
  limits: BucketLimits = FRAME_LIMITS,
): Taken {
  const tokens = refilled(state, now, limits)
  const over = state?.over && stillGoingOn(state.over, now) ? state.over : null
  if (tokens >= 1) {
    return { state: { tokens: tokens - 1, at: now, over }, ok: true, retryAfterMs: 0, close: false }
  }
  const since = over?.since ?? now
  return {
    state: { tokens, at: now, over: { since, last: now } },
    ok: false,
    retryAfterMs: Math.max(1, Math.ceil(((1 - tokens) / limits.perSecond) * 1_000)),
    close: now - since >= OVER_LIMIT_CLOSE_MS,
  }
}

export interface TakenUpTo {
  level: Level
  /** How many of those asked for were there. */
  taken: number
  /** When the rest will be there, as far as it fits the bucket; 0 when nothing is left to wait for. */
  retryAfterMs: number
  /** When the bucket is full again. */
  fullAfterMs: number
}

/** [CO6] Takes as many of `count` tokens as there are: items of a batch count for themselves. */
export function takeUpTo(
  level: Level | null,
  count: number,
  now: number,
  limits: BucketLimits,
): TakenUpTo {
  const before = refilled(level, now, limits)
  const taken = Math.min(count, Math.floor(before))
  const tokens = before - taken
  const msFor = (missing: number) => Math.max(0, Math.ceil((missing / limits.perSecond) * 1_000))
  return {
    level: { tokens, at: now },
    taken,
    retryAfterMs: taken === count ? 0 : msFor(Math.min(count - taken, limits.burst) - tokens),
    fullAfterMs: msFor(limits.burst - tokens),
  }
}

// A clock that went back gives no tokens and takes none.
function refilled(state: Level | null, now: number, { burst, perSecond }: BucketLimits) {
  if (state === null) return burst
  const elapsed = Math.max(0, now - state.at)
  return Math.min(burst, state.tokens + (elapsed * perSecond) / 1_000)
}

const stillGoingOn = (over: { since: number; last: number }, now: number) =>
  now >= over.last && now - over.last < CALM_AFTER_MS

/** Times of the bad frames of the last minute, oldest first. */
export type BadFrames = readonly number[]

/** [WS9] Counts one bad frame; more than 10 within a minute close the socket with 4500. */
export function countBadFrame(seen: BadFrames, now: number): { state: BadFrames; close: boolean } {
  const recent = seen.filter((at) => at <= now && now - at < BAD_FRAME_WINDOW_MS)
  const state = [...recent, now].slice(-(MAX_BAD_FRAMES_PER_MINUTE + 1))
  return { state, close: state.length > MAX_BAD_FRAMES_PER_MINUTE }
}
