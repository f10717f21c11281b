// Trying again, within limits of number and time.
import { ShopbellError } from '../errors.ts'
import type { Clock, Millis } from '../types.ts'
import { retryDelayMs, type RetryLimits } from './retry.ts'

/** Longer than the server takes to give up on a batch (10 s): who takes this long has lost its network. */
const ATTEMPT_TIMEOUT_MS = 15_000

export interface Ground {
  clock: Clock
  random: () => number
  limits: RetryLimits
}

/** What no further try of this request changes, because it was tried enough elsewhere. */
export class Final extends Error {
  readonly reason: unknown
  constructor(reason: unknown) {
    super('final')
    this.reason = reason
  }
}

/** Runs `attempt` until it holds, or until there is no use or no time; then throws its last error. */
export async function tryAgain<T>(
  { clock, random, limits }: Ground,
  attempt: (timeoutMs: Millis) => Promise<T>,
): Promise<T> {
  const startedAt = clock.now()
  for (let attempts = 1; ; attempts += 1) {
    const leftMs = limits.maxTotalMs - (clock.now() - startedAt)
    try {
      return await attempt(Math.max(0, Math.min(ATTEMPT_TIMEOUT_MS, leftMs)))
    } catch (error) {
      if (error instanceof Final) throw error.reason
      if (!(error instanceof ShopbellError)) throw error
      const elapsedMs = clock.now() - startedAt
      const delayMs = retryDelayMs({ attempts, elapsedMs, error, roll: random() }, limits)
      if (delayMs === null) throw error
      await new Promise<void>((resolve) => void clock.after(delayMs, resolve))
    }
  }
}
