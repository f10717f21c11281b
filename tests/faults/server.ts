// `npm run serve`, one at a time on one storage: killed as a power cut would, and started again where it was.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { dieTogether } from '../../scripts/lib/die-together.ts'
import { inRoot, ROOT } from '../../scripts/lib/paths.ts'
import type { FaultsBody } from '../../protocol/api.ts'

const READY_MS = 120_000

export class FaultServer {
  readonly port: number
  readonly #stateDir: string
  #child: ChildProcess | null = null
  #release = () => {}
  #faults: FaultsBody = {}
  kills = 0
  #restarting: Promise<void> | null = null

  private constructor(port: number) {
    this.port = port
    this.#stateDir = mkdtempSync(join(tmpdir(), 'shopbell-faults-'))
  }

  static async start(port: number): Promise<FaultServer> {
    const server = new FaultServer(port)
    await server.#start()
    return server
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** [AR8] Until the next call, also for the process after a kill. */
  setD1(d1: NonNullable<FaultsBody['d1']>): Promise<void> {
    this.#faults = { ...this.#faults, d1 }
    return this.#tellFaults()
  }

  moveClock(byMs: number): Promise<void> {
    const { clock_ahead_ms = 0 } = this.#faults
    this.#faults = { ...this.#faults, clock_ahead_ms: clock_ahead_ms + byMs }
    return this.#tellFaults()
  }

  /** Whoever asks while one is under way is content with that one. */
  killAndRestart(): Promise<void> {
    this.#restarting ??= this.#killAndRestart().finally(() => (this.#restarting = null))
    return this.#restarting
  }

  async #killAndRestart(): Promise<void> {
    await this.#kill()
    await this.#start()
    await this.#putFaults()
  }

  /** SIGKILL for the whole process group; nobody has a chance to finish anything. */
  async #kill(): Promise<void> {
    const child = this.#child
    if (!child?.pid) return
    this.kills += 1
    const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null
    process.kill(-child.pid, 'SIGKILL')
    await ended
    this.#release()
    this.#child = null
  }

  /** A process that dies meanwhile is told again when it is back. */
  async #tellFaults(): Promise<void> {
    if (this.#restarting) await this.#restarting
    try {
      await this.#putFaults()
    } catch (error) {
      if (!this.#restarting) throw error
      await this.#restarting
      await this.#putFaults()
    }
  }

  async #putFaults(): Promise<void> {
    const response = await fetch(`${this.origin}/__faults`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(this.#faults),
      signal: AbortSignal.timeout(60_000),
    })
    if (!response.ok) throw new Error(`/__faults answers ${response.status}`)
  }

  async stop(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    }
    this.#release()
    rmSync(this.#stateDir, { recursive: true, force: true })
  }

  async #start(): Promise<void> {
    const child = spawn(process.execPath, [inRoot('scripts', 'serve.ts')], {
      cwd: ROOT,
      env: {
        ...process.env,
        ENVIRONMENT: 'development',
        PORT: String(this.port),
        STATE_DIR: this.#stateDir,
        RATE_LIMITS: 'off',
        WS_HEARTBEAT_INTERVAL: '2',
        ARCHIVE_WAIT_MS: '200',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: a kill takes its runtime along.
      detached: true,
    })
    this.#child = child
    if (child.pid !== undefined) this.#release = dieTogether(-child.pid)
    const said: string[] = []
    child.stderr.on('data', (chunk) => {
      said.push(String(chunk))
      if (said.length > 200) said.shift()
    })
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the server ended with ${code} before it was ready:\n${said.join('')}`)
    })
    ended.catch(() => undefined)
    const line = once(createInterface({ input: child.stdout }), 'line', {
      signal: AbortSignal.timeout(READY_MS),
    })
    await Promise.race([line, ended])
  }
}
