// A whole Shopbell of its own for a test: a free port, an empty directory, gone afterwards.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface Server {
  origin: string
  stop(): Promise<void>
}

export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

/** Starts `npm run serve` in development, where the demo shop is seeded (spec, section 12). `settings` are those of OP3. */
export async function startServer(settings: Record<string, string> = {}): Promise<Server> {
  const port = settings['PORT'] ?? (await freePort())
  const stateDir = mkdtempSync(join(tmpdir(), 'shopbell-e2e-'))
  const child = spawn(process.execPath, [join('scripts', 'serve.ts')], {
    env: {
      ...process.env,
      ENVIRONMENT: 'development',
      PORT: String(port),
      STATE_DIR: stateDir,
      RATE_LIMITS: 'off',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: string[] = []
  child.stderr.on('data', (chunk) => said.push(String(chunk)))
  const lines = createInterface({ input: child.stdout })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the server ended with ${code} before it was ready:\n${said.join('')}`)
  })
  ended.catch(() => undefined)
  await Promise.race([once(lines, 'line'), ended])
  return {
    origin: `http://localhost:${port}`,
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
      rmSync(stateDir, { recursive: true, force: true })
    },
  }
}
