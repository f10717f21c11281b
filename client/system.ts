// What the client takes from a browser where nothing else is given: the hints of its window, and its
// locks.
import type { Hint, Hints, TabLock } from './types.ts'

export { systemClock } from './clock.ts'

/** Always online and visible: for programs without a window. */
export const NO_HINTS: Hints = {
  isOnline: () => true,
  isVisible: () => true,
  listen: () => () => {},
}

/** What this window says of its network and of being looked at. */
export function browserHints(): Hints {
  if (typeof window === 'undefined') return NO_HINTS
  const isVisible = () => document.visibilityState === 'visible'
  const visibility = (): Hint => (isVisible() ? 'visible' : 'hidden')
  return {
    isOnline: () => navigator.onLine,
    isVisible,
    listen(listener) {
      const ends = new AbortController()
      const on = (target: EventTarget, type: string, hint: () => Hint) =>
        target.addEventListener(type, () => listener(hint()), { signal: ends.signal })
      on(window, 'online', () => 'online')
      on(window, 'offline', () => 'offline')
      on(window, 'focus', () => 'focus')
      // A page that comes back from the back-forward cache has dead sockets and says nothing else.
      on(window, 'pageshow', visibility)
      on(document, 'visibilitychange', visibility)
      return () => ends.abort()
    },
  }
}

/** The part of the browser's LockManager that is used. */
export interface Locks {
  request<T>(name: string, options: { signal: AbortSignal }, work: () => Promise<T>): Promise<T>
}

/** A phone may put a tab to sleep that holds the lock; the others must not sleep with it. */
const LOCK_PATIENCE_MS = 5_000

/** The locks of this browser; where there are none (plain http, old browsers) nobody waits. */
export function tabLock(locks = browserLocks(), patienceMs = LOCK_PATIENCE_MS): TabLock {
  if (locks === undefined) return (_name, work) => work()
  return async (name, work) => {
    let begun = false
    const begin = () => {
      begun = true
      return work()
    }
    try {
      return await locks.request(name, { signal: AbortSignal.timeout(patienceMs) }, begin)
    } catch (error) {
      if (begun) throw error
      return work()
    }
  }
}

const browserLocks = (): Locks | undefined =>
  typeof navigator !== 'undefined' && 'locks' in navigator ? navigator.locks : undefined

/** Is there a disk for us that tabs can share? Locks and workers of a page need https, and so do we. */
export const canKeep = (): boolean =>
  typeof indexedDB !== 'undefined' &&
  typeof BroadcastChannel !== 'undefined' &&
  browserLocks() !== undefined
