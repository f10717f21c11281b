// [AU8] The short list of what no token may name any more, as one isolate holds it. Free of the platform, so that its
// timing can be tested.

/** Read again from this age on; used without waiting up to this one. */
const READ_AGAIN_MS = 4_000
const TOO_OLD_MS = 5_000

/** Who asks while the list is too old waits this long for a reading, and then takes what was last known. */
const PATIENCE_MS = 500

export interface RevokedListDeps {
  read(): Promise<readonly string[]>
  now(): number
  /** Waits at most so long; rejects then. */
  within<T>(ms: number, promise: Promise<T>): Promise<T>
  failed(error: unknown): void
}

export class RevokedList {
  #deps: RevokedListDeps
  #keys: ReadonlySet<string> = new Set()
  /** When the reading began that brought this list. */
  #asOf: number | null = null
  #flight: { began: number; done: Promise<void> } | null = null
  /** Readings are numbered: one that was overtaken, or began before something was revoked here, knows less. */
  #started = 0
  #accepted = 0
  /** After a failure nobody waits until then: D1 is away, and what is known is all there is. */
  #quietUntil: { from: number; to: number } | null = null

  constructor(deps: RevokedListDeps) {
    this.#deps = deps
  }

  /**
   * Does any of these stand on the list? The answer is at most 5 s old; while D1 is away it is the last one known, and
   * before the first one that nothing is revoked: sends and sockets do not wait for D1 either (AR4).
   * `keepAlive` gets what must go on after the answer.
   */
  async has(
    keys: readonly (string | undefined)[],
    keepAlive: (work: Promise<void>) => void,
  ): Promise<boolean> {
    const age = this.#age()
    if (age >= READ_AGAIN_MS) this.#start(keepAlive)
    if (age >= TOO_OLD_MS) await this.#arrival()
    return keys.some((key) => key !== undefined && this.#keys.has(key))
  }

  /** Something was revoked right here: the next to ask gets the list as it is now. */
  readAgain(): void {
    this.#accepted = this.#started
    this.#asOf = null
    this.#flight = null
    this.#quietUntil = null
  }

  /** A clock that went back (AR8) makes a list of the future, which is none. */
  #age(): number {
    const age = this.#asOf === null ? Infinity : this.#deps.now() - this.#asOf
    return age < 0 ? Infinity : age
  }

  /** One reading at a time. One that hangs is left behind when its time is over. */
  #start(keepAlive: (work: Promise<void>) => void): void {
    const began = this.#deps.now()
    if (this.#isQuiet(began)) return
    if (this.#flight !== null && Math.abs(began - this.#flight.began) < READ_AGAIN_MS) return
    const flight = { began, done: Promise.resolve() }
    this.#flight = flight
    flight.done = this.#read(began).finally(() => {
      if (this.#flight === flight) this.#flight = null
    })
    keepAlive(flight.done)
  }

  async #read(began: number): Promise<void> {
    const number = ++this.#started
    try {
      const keys = await this.#deps.read()
      if (number <= this.#accepted) return
      this.#accepted = number
      this.#keys = new Set(keys)
      this.#asOf = began
      this.#quietUntil = null
    } catch (error) {
      this.#quietUntil = { from: began, to: began + READ_AGAIN_MS }
      this.#deps.failed(error)
    }
  }

  #isQuiet(at: number): boolean {
    const quiet = this.#quietUntil
    return quiet !== null && quiet.from <= at && at < quiet.to
  }

  /** Waits for what is left of the patience since the reading began: a slow D1 holds up nobody twice. */
  async #arrival(): Promise<void> {
    const flight = this.#flight
    if (flight === null) return
    const left = PATIENCE_MS - (this.#deps.now() - flight.began)
    if (left <= 0) return
    await this.#deps.within(Math.min(left, PATIENCE_MS), flight.done).catch(() => {})
  }
}
