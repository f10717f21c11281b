// What tabs of this browser share a connection over, where it has it: Web Locks and BroadcastChannel.
import type { LockOptions, TabSystem } from './types.ts'

/** Null: there is no window, or it cannot know of others (plain http, old browsers). */
export function browserTabs(): TabSystem | null {
  if (typeof window === 'undefined' || typeof BroadcastChannel === 'undefined') return null
  const locks: LockManager | undefined = navigator.locks
  // Where there are locks there is `randomUUID`: both need a secure page.
  return locks
    ? { id: crypto.randomUUID().slice(0, 13), lock: lockOf(locks), channel, onPage }
    : null
}

const lockOf =
  (locks: LockManager) =>
  (name: string, { steal, granted, lost, refused }: LockOptions) => {
    const ends = new AbortController()
    const { signal } = ends
    const hold = () => {
      if (signal.aborted) return undefined
      granted()
      return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    }
    // A request that steals takes no signal; it is granted at once.
    void locks.request(name, steal ? { steal } : { signal }, hold).catch((error: unknown) => {
      if (signal.aborted) return
      if (error instanceof DOMException && error.name === 'AbortError') lost()
      else refused()
    })
    return () => ends.abort()
  }

function channel(name: string, hear: (message: unknown) => void) {
  const made = new BroadcastChannel(name)
  made.addEventListener('message', ({ data }) => hear(data))
  return { post: made.postMessage.bind(made), close: () => made.close() }
}

function onPage(listener: (isHere: boolean) => void) {
  const ends = new AbortController()
  const { signal } = ends
  addEventListener('pagehide', () => listener(false), { signal })
  addEventListener('pageshow', ({ persisted }) => persisted && listener(true), { signal })
  return () => ends.abort()
}
