// What the client takes from its surroundings where nothing else is given: time, dice, and the browser's hints.
import type { Clock, Hint, Hints } from './types.ts'

/** What a timer can hold; longer waits are taken in steps by those who wait. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** The system's clock, except that it never goes back: deadlines would wait for the lost time again. */
export function systemClock(): Clock {
  let newest = 0
  let lost = 0
  return {
    now() {
      const time = Date.now() + lost
      if (time < newest) lost += newest - time
      newest = Math.max(newest, time)
      return newest
    },
    after(ms, run) {
      const timer = setTimeout(run, Math.min(Math.max(0, ms), MAX_TIMER_MS))
      return () => clearTimeout(timer)
    },
  }
}

/** Always online and visible: for programs without a window. */
export const NO_HINTS: Hints = {
  isOnline: () => true,
  isVisible: () => true,
  listen: () => () => {},
}

/** What this window says of its network and of being looked at. */
export function browserHints(): Hints {
  if (typeof window === 'undefined') return NO_HINTS
  return {
    isOnline: () => navigator.onLine,
    isVisible: () => document.visibilityState === 'visible',
    listen(listener) {
      const ends = new AbortController()
      const on = (target: EventTarget, type: string, hint: () => Hint) =>
        target.addEventListener(type, () => listener(hint()), { signal: ends.signal })
      on(window, 'online', () => 'online')
      on(window, 'offline', () => 'offline')
      on(window, 'focus', () => 'focus')
      // A page that comes back from the back-forward cache has dead sockets and says nothing else.
      on(window, 'pageshow', () => 'focus')
      on(document, 'visibilitychange', () =>
        document.visibilityState === 'visible' ? 'visible' : 'hidden',
      )
      return () => ends.abort()
    },
  }
}
