export interface Listeners<T> {
  /** Answers the function that stops listening. */
  add(listener: (value: T) => void): () => void
  tell(value: T): void
}

/** A list of listeners. One that throws is reported like any uncaught error, and the others still hear. */
export function createListeners<T>(): Listeners<T> {
  const all = new Set<(value: T) => void>()
  return {
    add(listener) {
      // Wrapped, so that the same function added twice is two listeners.
      const entry = (value: T) => listener(value)
      all.add(entry)
      return () => all.delete(entry)
    },
    tell(value) {
      for (const listener of all) {
        try {
          listener(value)
        } catch (error) {
          queueMicrotask(() => {
            throw error
          })
        }
      }
    },
  }
}
