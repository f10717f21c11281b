// Time, in every runtime. Apart from system.ts, since a server has no window.
import type { Clock } from './types.ts'

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
