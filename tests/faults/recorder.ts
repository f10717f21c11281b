import type { HistoryEvent } from './history.ts'

/** Keeps the history of one run, and gives out the numbers by which its events belong together. */
export class Recorder {
  readonly events: HistoryEvent[] = []
  #numbers = 0

  add(event: HistoryEvent): void {
    this.events.push(event)
  }

  nextNumber(): number {
    this.#numbers += 1
    return this.#numbers
  }
}

export const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))
