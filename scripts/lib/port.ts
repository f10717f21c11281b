import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { PlainFailure } from './fail.ts'

/** `patienceMs` is for a predecessor that was killed a moment ago and is still letting go. */
export async function assertPortFree(port: number, patienceMs = 0): Promise<void> {
  const giveUpAt = performance.now() + patienceMs
  while (!(await isFree(port))) {
    if (performance.now() >= giveUpAt) {
      throw new PlainFailure(
        `Port ${port} is taken by another program; stop it or choose one with PORT, like PORT=${port + 1}.`,
      )
    }
    // Nothing tells when a port is let go.
    await wait(50)
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer()
  try {
    probe.listen(port, '127.0.0.1')
    await once(probe, 'listening')
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false
    if ((error as NodeJS.ErrnoException).code === 'EACCES') {
      throw new PlainFailure(`Port ${port} needs more rights than this account has; set PORT.`)
    }
    throw error
  } finally {
    probe.close()
  }
}
