// Nothing that the worker waits for may hang: every call of a hub or of D1 gets a deadline.

/** What was waited for did not come in time; whether it still happens is not known. */
export class DeadlineError extends Error {
  override name = 'DeadlineError'
}

/** Waits at most so long. What comes later is dropped, and a late failure is not an unhandled one. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new DeadlineError(`no answer within ${ms} ms`)), ms)
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
