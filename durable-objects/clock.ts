// The one clock of worker and hubs. In development it can be moved (AR8): worker and hubs share an isolate there,
// so one number moves time for all of them at once. In production nothing ever sets it.

interface Move {
  /** By the runtime's clock. */
  since: number
  aheadMs: number
}

let moves: Move[] = [{ since: 0, aheadMs: 0 }]

const aheadAt = (runtimeTime: number): number =>
  moves.findLast((move) => move.since <= runtimeTime)?.aheadMs ?? 0

/** Milliseconds since 1970. Shells read it and pass the time on; rules in core/ never do. */
export const now = (): number => Date.now() + aheadAt(Date.now())

/** Development only: from now on the clock shows this much later. */
export function setClockAhead(ms: number): void {
  moves = [...moves, { since: Date.now(), aheadMs: ms }]
}

/** The runtime's alarm does not move with ours. */
export const toRuntimeTime = (at: number): number => at - aheadAt(Date.now())

/** A stamp of the runtime (a heartbeat) as our clock showed it then: moving the clock is that time passing (AR8). */
export const fromRuntimeTime = (at: number): number => at + aheadAt(at)
