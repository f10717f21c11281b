// Every call out of a hub is bounded: a pending one keeps the hub in memory, and billed.

export class TimedOut extends Error {
  constructor(what: string, ms: number) {
    super(`${what} did not answer within ${ms} ms`)
    this.name = 'TimedOut'
  }
}

/** How long a hub waits for another hub. */
export const RPC_TIMEOUT_MS = 2_000

/** Rejects with {@link TimedOut}; what was started may still finish, so callers must bear a late success. */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let stop = () => {}
  const timeout = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new TimedOut(what, ms)), ms)
    stop = () => clearTimeout(timer)
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    stop()
  }
}
