// Nothing that a worker or a hub waits for may hang: a pending call keeps a hub in memory, and billed.

/** It did not come in time; whether it still happens is not known. */
export class TimedOut extends Error {
  override name = 'TimedOut'
}

/** How long a hub waits for another hub. */
export const RPC_TIMEOUT_MS = 2_000

/**
 * Waits at most so long and then rejects with {@link TimedOut}. What was started may still finish, so callers must
 * bear a late success; a late failure is not an unhandled one.
 */
export async function within<T>(ms: number, work: Promise<T>, what = 'what was asked'): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new TimedOut(`${what} did not answer within ${ms} ms`)),
    ms,
  )
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
