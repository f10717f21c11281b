// A clock that moves when a test says so. Nothing in it waits: a day passes in microseconds.
import type { Clock, Millis } from '../../client/types.ts'

export interface FakeClock extends Clock {
  /** Time passes, timers run when they are due, and what they started (promises) is done before the next. */
  advance(ms: Millis): Promise<void>
  /** The machine sleeps: time passes and no timer runs. They are late then, and run at the next `advance`. */
  sleep(ms: Millis): void
  /** When the timers that are set are due. */
  timers(): Millis[]
}

interface Timer {
  at: Millis
  run: () => void
}

/** Lets everything that promises have started go on until nothing more is ready. */
export const flush = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export const FAKE_START = Date.parse('2026-11-23T09:00:00.000Z')

export function createFakeClock(start: Millis = FAKE_START): FakeClock {
  let now = start
  const timers = new Set<Timer>()
  const nextDue = (until: Millis) =>
    [...timers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0]
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + Math.max(0, ms), run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async advance(ms) {
      const until = now + ms
      await flush()
      for (let due = nextDue(until); due; due = nextDue(until)) {
        timers.delete(due)
        // A timer that was slept through runs late, not back in time.
        now = Math.max(now, due.at)
        due.run()
        await flush()
      }
      now = until
    },
    sleep(ms) {
      now += ms
    },
    timers: () => [...timers].map(({ at }) => at).toSorted((a, b) => a - b),
  }
}
