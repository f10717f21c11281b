// What one component has read of a Shopbell's states: only that is a reason to render it again.
import type { Page, Read, StateName, States } from '../page/stores.ts'

export interface Tracker {
  read: Read
  subscribe(listener: () => void): () => void
  /** Another object exactly when something that was read has changed. */
  getSnapshot(): object
}

const NAMES: readonly StateName[] = ['connection', 'inbox', 'lastMessage', 'isCenterOpen']

/** Made for `useSyncExternalStore`. */
export function createTracker(stores: Page['stores']): Tracker {
  const used = new Set<StateName>()
  const now = () => NAMES.map((name): States[StateName] => stores[name].get())
  let held = now()
  return {
    read(name) {
      used.add(name)
      return stores[name].get()
    },
    subscribe(listener) {
      const ends = NAMES.map((name) => stores[name].subscribe(listener))
      return () => {
        for (const end of ends) end()
      }
    },
    getSnapshot() {
      const current = now()
      if (NAMES.some((name, place) => used.has(name) && current[place] !== held[place])) {
        held = current
      }
      return held
    },
  }
}
