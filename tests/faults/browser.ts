// What the windows of one person's browser share: locks and channels, and a disk that outlives a reload. On real time, and
// each message in a turn of its own, as browsers do it.
import { memoryStore } from '../../client/outbox-store.ts'
import type { LockOptions, OutboxStore, TabSystem } from '../../client/types.ts'

type Hear = (message: unknown) => void

export class Browser {
  readonly disk: OutboxStore = memoryStore()
  readonly #channels = new Map<string, Set<Hear>>()
  readonly #locks = new Map<string, LockOptions[]>()
  #tabs = 0

  /** A window, or what is in it after a reload. */
  tab(): TabSystem {
    this.#tabs += 1
    return {
      id: `tab-${this.#tabs}`,
      lock: (name, options) => this.#lock(name, options),
      channel: (name, hear) => this.#channel(name, hear),
      // Nobody goes anywhere here; what is closed says so itself.
      onPage: () => () => {},
    }
  }

  #channel(name: string, hear: Hear) {
    const all = this.#channels.get(name) ?? new Set()
    this.#channels.set(name, all)
    all.add(hear)
    return {
      post: (message: unknown) => {
        const copy: unknown = structuredClone(message)
        for (const other of all) {
          if (other !== hear) setImmediate(() => all.has(other) && other(copy))
        }
      },
      close: () => void all.delete(hear),
    }
  }

  /** The first in the line holds it. */
  #lock(name: string, options: LockOptions): () => void {
    const line = this.#locks.get(name) ?? []
    this.#locks.set(name, line)
    const grant = (one: LockOptions | undefined) => {
      if (one) setImmediate(() => line[0] === one && one.granted())
    }
    if (options.steal) {
      const robbed = line.shift()
      line.unshift(options)
      if (robbed) setImmediate(() => robbed.lost())
      grant(options)
    } else {
      line.push(options)
      if (line.length === 1) grant(options)
    }
    return () => {
      const place = line.indexOf(options)
      if (place === -1) return
      line.splice(place, 1)
      if (place === 0) grant(line[0])
    }
  }
}
