// One run at a time of something that may be asked for by many.

export class SingleFlight {
  #work: () => Promise<void>
  #running: Promise<void> | null = null
  #next: Promise<void> | null = null

  constructor(work: () => Promise<void>) {
    this.#work = work
  }

  /** Joins the run under way, or starts one. */
  run(): Promise<void> {
    this.#running ??= this.#work().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  /** A run that begins after this call: what is under way may already have read what has just changed. */
  runAgain(): Promise<void> {
    if (!this.#running) return this.run()
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = null
        return this.run()
      })
    return this.#next
  }
}
