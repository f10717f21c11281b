// What the shells around pure machines have in common: events one after the other, and one timer for the next deadline.
import type { Clock, Millis } from './types.ts'

/**
 * Events that come while one is being performed wait their turn: effects keep their order. `after` runs when all are
 * through.
 */
export function inTurn<Event>(perform: (event: Event) => void, after: () => void) {
  const waiting: Event[] = []
  let isPerforming = false
  return (event: Event): void => {
    waiting.push(event)
    if (isPerforming) return
    isPerforming = true
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) perform(next)
    } finally {
      isPerforming = false
    }
    after()
  }
}

/** Runs when the deadline that was last named has come; null calls it off. Naming the same one again changes nothing. */
export function createDeadline(clock: Clock, run: () => void): (at: Millis | null) => void {
  let timer: { at: Millis; cancel: () => void } | null = null
  return (at) => {
    if (at === (timer?.at ?? null)) return
    timer?.cancel()
    timer = null
    if (at === null) return
    const cancel = clock.after(at - clock.now(), () => {
      timer = null
      run()
    })
    timer = { at, cancel }
  }
}
