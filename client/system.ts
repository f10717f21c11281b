// What the client takes from a browser where nothing else is given: the hints of its window.
import type { Hint, Hints } from './types.ts'

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
