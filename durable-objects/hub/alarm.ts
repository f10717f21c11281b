// [ST6] The one physical alarm of a hub.
import { now, toRuntimeTime } from '../clock.ts'
import { nextAlarm } from '../core/deadlines.ts'

export class Alarm {
  #storage: DurableObjectStorage
  /** By our clock; null: none, or not known since the hub slept. Setting one anew is harmless, so it is not asked. */
  #armedAt: number | null = null

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage
  }

  /** The alarm rang, or the clock moved: what was armed says nothing any more. */
  forget(): void {
    this.#armedAt = null
  }

  /** Arms for the earliest deadline unless it rings earlier anyway: each setting is billed as a write. */
  async arm(deadlines: readonly (number | null)[]): Promise<void> {
    const at = nextAlarm(deadlines, now())
    if (at === null || (this.#armedAt !== null && this.#armedAt <= at)) return
    this.#armedAt = at
    await this.#storage.setAlarm(toRuntimeTime(at))
  }
}
