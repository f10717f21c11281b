// When to send again. Arithmetic only: what happened, how long it has taken, and the roll of the dice go in.
import { backoffMs, type DelayRange } from '../core/backoff.ts'
import type { ShopbellError } from '../errors.ts'
import type { Millis } from '../types.ts'

export interface RetryLimits {
  /** Tries of one request, the first one included. */
  maxAttempts: number
  /** From the first try on. What would have to wait longer fails at once, so that the caller can put it off. */
  maxTotalMs: Millis
}

export const DEFAULT_LIMITS: RetryLimits = { maxAttempts: 5, maxTotalMs: 30_000 }

const RANGE: DelayRange = { min: 200, max: 10_000 }

export interface Tried {
  /** How many tries there were. */
  attempts: number
  elapsedMs: Millis
  error: ShopbellError
  /** 0 up to, not including, 1. */
  roll: number
}

/**
 * How long to wait before the next try; null: there is none. Only what may be different next time is tried again:
 * no answer, 429 and 5xx but for 501. What the server asks for (`Retry-After`) is waited for in full, and the jitter comes on
 * top: everybody else was told the same.
 */
export function retryDelayMs(tried: Tried, limits: RetryLimits): Millis | null {
  const { attempts, elapsedMs, error, roll } = tried
  if (!error.retryable || attempts >= limits.maxAttempts) return null
  const delay = (error.retryAfterMs ?? 0) + backoffMs(attempts - 1, RANGE, roll)
  return elapsedMs + delay < limits.maxTotalMs ? delay : null
}
