// Stops what does not come back by itself: for some rules of recurrence ical.js searches for ever.
import { createContext, Script } from 'node:vm'

// Only a script of its own can be stopped while it runs. Its world is dear to make, so there is one.
const world: { run: () => void } = { run: () => {} }
const script = new Script('run()')
const context = createContext(world)

/** Runs something, and throws "took too long" if it is not done in time. */
export function withinMs(timeout: number, run: () => void) {
  try {
    world.run = run
    script.runInContext(context, { timeout })
  } catch (error) {
    // The error of a stopped script belongs to the script's own world, where Error is another.
    const message = error instanceof Error ? error.message : String(error)
    throw message.includes('timed out') ? new Error('took too long', { cause: error }) : error
  }
}

export const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
