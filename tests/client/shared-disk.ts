// A disk that tabs of one browser share, in the hands of a test: a tab can die at any step, or find the disk broken.
import { memoryStore } from '../../client/outbox-store.ts'
import type { Operation, OutboxNote, OutboxStore } from '../../client/types.ts'

export interface TabStore extends OutboxStore {
  /** The tab is gone: nothing that it had begun goes on, and its lock is free. */
  die(): void
  /** It dies in so many steps of its disk, before the step is done or after it. */
  dieIn(steps: number, when: 'before' | 'after', onDeath: () => void): void
  /** From now on nothing can be written or read by this tab. */
  breakDown(): void
}

const NEVER = new Promise<never>(() => {})

/** Everything about a browser that outlives its tabs. */
export class SharedDisk {
  readonly rows = memoryStore()
  /** Everything that was ever written, in the order of the disk. */
  readonly written: Operation[] = []
  #listeners = new Set<{ userId: string; hear: (note: OutboxNote) => void; of: object }>()
  #line: (() => void)[] = []
  #isHeld = false

  tab(): TabStore {
    const self = {}
    let isAlive = true
    let isBroken = false
    let release: (() => void) | null = null
    let death: { steps: number; when: 'before' | 'after'; onDeath: () => void } | null = null
    const dieIfDue = (when: 'before' | 'after') => {
      if (death?.when === when && death.steps-- <= 0) death.onDeath()
    }
    const step = async <T>(work: () => Promise<T>): Promise<T> => {
      dieIfDue('before')
      if (!isAlive) return NEVER
      if (isBroken) throw new Error('QuotaExceededError')
      const result = await work()
      dieIfDue('after')
      return isAlive ? result : NEVER
    }
    const free = () => {
      release?.()
      release = null
    }
    return {
      isLasting: true,
      add: (operation) =>
        step(() => {
          this.written.push(operation)
          return this.rows.add(operation)
        }),
      first: (userId) => step(() => this.rows.first(userId)),
      all: (userId) => step(() => this.rows.all(userId)),
      remove: (place) => step(() => this.rows.remove(place)),
      alone: async (_userId, work) => {
        await this.#take()
        // Who died in the line lets the next one in.
        release = () => this.#give()
        if (!isAlive) return free()
        try {
          await work()
        } finally {
          free()
        }
      },
      tell: (userId, note) => {
        if (!isAlive) return
        for (const one of this.#listeners) {
          if (one.of !== self && one.userId === userId) queueMicrotask(() => one.hear(note))
        }
      },
      listen: (userId, listener) => {
        const one = { userId, of: self, hear: (note: OutboxNote) => isAlive && listener(note) }
        this.#listeners.add(one)
        return () => this.#listeners.delete(one)
      },
      die() {
        isAlive = false
        free()
      },
      dieIn: (steps, when, onDeath) => (death = { steps, when, onDeath }),
      breakDown: () => (isBroken = true),
    }
  }

  async #take(): Promise<void> {
    if (this.#isHeld) await new Promise<void>((resolve) => this.#line.push(resolve))
    else this.#isHeld = true
  }

  #give(): void {
    const next = this.#line.shift()
    if (next) next()
    else this.#isHeld = false
  }
}
