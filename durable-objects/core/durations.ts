// [OP1] How long connections lasted, as a small histogram: what hubs count for themselves can be added up.

/** In seconds; a bucket holds what lasted up to its bound and longer than the one before. The last has no bound. */
export const DURATION_BOUNDS_S = [1, 10, 60, 300, 900, 3_600, 14_400, 43_200, 86_400] as const

/** The bucket of one duration, from 0 to {@link DURATION_BOUNDS_S}.length. */
export function bucketOf(seconds: number): number {
  const at = DURATION_BOUNDS_S.findIndex((bound) => seconds <= bound)
  return at < 0 ? DURATION_BOUNDS_S.length : at
}

/**
 * A quantile in seconds, as if what fell into a bucket were spread evenly over it; what is beyond the last bound counts
 * as that bound. Null: nothing was counted.
 */
export function quantile(counts: readonly number[], q: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  const rank = q * total
  let below = 0
  for (const [index, count] of counts.entries()) {
    if (count > 0 && below + count >= rank) {
      const low = DURATION_BOUNDS_S[index - 1] ?? 0
      const high = DURATION_BOUNDS_S[index] ?? low
      return low + ((high - low) * Math.max(0, rank - below)) / count
    }
    below += count
  }
  return DURATION_BOUNDS_S.at(-1) ?? null
}
