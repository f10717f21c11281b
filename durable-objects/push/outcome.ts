// [RE3] What a push service's answer means for the push and for its subscription.

export type Outcome =
  | { kind: 'sent' }
  /** The subscription has ended: nothing more is sent there. */
  | { kind: 'gone' }
  /** Nobody can mend it by sending again: our keys, our request, an address that is not allowed. */
  | { kind: 'refused'; error: string }
  | { kind: 'too_large' }
  /** Worth another try, `afterMs` at the earliest where the service said so. */
  | { kind: 'later'; error: string; afterMs: number | null }

/** `retryAfter` is the header: seconds, or a date (RFC 9110). */
export function outcomeOf(status: number, retryAfter: string | null, now: number): Outcome {
  if (status >= 200 && status < 300) return { kind: 'sent' }
  if (status === 404 || status === 410) return { kind: 'gone' }
  if (status === 413) return { kind: 'too_large' }
  const error = `the push service answered ${status}`
  if (status === 429 || status === 408 || status >= 500) {
    return { kind: 'later', error, afterMs: delayOf(retryAfter, now) }
  }
  return { kind: 'refused', error }
}

/** Longer than anything that is still worth pushing then. */
const LONGEST_MS = 24 * 3_600_000

function delayOf(retryAfter: string | null, now: number): number | null {
  if (retryAfter === null) return null
  const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - now
  return Number.isNaN(ms) ? null : Math.min(LONGEST_MS, Math.max(0, ms))
}
