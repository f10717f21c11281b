import { setTimeout as wait } from 'node:timers/promises'
import { PlainFailure } from './fail.ts'

const PATIENCE_MS = 60_000

/** Waits until the worker says that it is ready. 503 means not yet; anything else is a failure. */
export async function untilHealthy(origin: string): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS
  for (;;) {
    const answer = await ask(origin)
    if (answer.status === 200) return
    if (answer.status !== 503 || performance.now() >= giveUpAt) {
      throw new PlainFailure(
        `Shopbell is not ready: /healthz answers ${answer.status}. ${answer.text}`,
      )
    }
    // Health can only be asked for.
    await wait(100)
  }
}

async function ask(origin: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${origin}/healthz`)
  return { status: response.status, text: (await response.text()).slice(0, 1000) }
}
