// The server, one at a time on one storage: killed as a power cut would, and started again where it was.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dieTogether } from '../../scripts/lib/die-together.ts'
import { inRoot, ROOT } from '../../scripts/lib/paths.ts'
import type { FaultsBody } from '../../protocol/api.ts'

const READY_MS = 120_000
/** It takes milliseconds; a hub with an upgrade under way is not given up for half a minute. */
const EVICTED_MS = 1_000

/** - hibernate: a hub leaves memory and its sockets stay. - close: as after a deploy or a move; its sockets are lost. */
export type Eviction = 'hibernate' | 'close'

export class FaultServer {
  readonly port: number
  readonly #bundle: string | undefined
  readonly #stateDir: string
  #child: ChildProcess | null = null
  #release = () => {}
  #faults: FaultsBody = {}
  kills = 0
  #restarting: Promise<void> | null = null

  private constructor(port: number, bundle?: string) {
    this.port = port
    this.#bundle = bundle
    this.#stateDir = mkdtempSync(join(tmpdir(), 'shopbell-faults-'))
  }

  /** `bundle`: another than the one of the sources. */
  static async start(port: number, bundle?: string): Promise<FaultServer> {
    const server = new FaultServer(port, bundle)
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

  /** Takes a hub from memory, as the platform may at any moment; false: it was not there, or too busy. */
  async evict(stream: string, sockets: Eviction): Promise<boolean> {
    if (this.#restarting) return false
    try {
      const response = await this.#ask('POST', '/api/v1/__evict', { stream, sockets }, EVICTED_MS)
      const { done } = (await response.json()) as { done: boolean }
      return done
    } catch {
      return false
    }
  }

  /** Whoever asks while one is under way is content with that one. */
  killAndRestart(): Promise<void> {
    this.#restarting ??= this.#killAndRestart().finally(() => (this.#restarting = null))
    return this.#restarting
  }

  async #killAndRestart(): Promise<void> {
    this.kills += 1
    await this.#kill()
    await this.#start()
    await this.#putFaults()
  }

  /** SIGKILL for the whole process group; nobody has a chance to finish anything. */
  async #kill(): Promise<void> {
    const child = this.#child
    if (!child?.pid) return
    const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null
    process.kill(-child.pid, 'SIGKILL')
    await ended
    this.#release()
    this.#child = null
  }

  /** A process that dies meanwhile is told again when it is back. */
  async #tellFaults(): Promise<void> {
    for (let tries = 1; ; tries++) {
      if (this.#restarting) await this.#restarting
      try {
        return await this.#putFaults()
      } catch (error) {
        if (!this.#restarting && tries >= 3) throw error
      }
    }
  }

  async #putFaults(): Promise<void> {
    const response = await this.#ask('PUT', '/__faults', this.#faults, 60_000)
    await response.body?.cancel()
    if (!response.ok) throw new Error(`/__faults answers ${response.status}`)
  }

  /** On a connection of its own: one that was kept may be to the process of before. */
  #ask(method: string, path: string, body: object, patienceMs: number): Promise<Response> {
    return fetch(`${this.origin}${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', Connection: 'close' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(patienceMs),
    })
  }

  /** Nothing of it is needed any more, so it is not asked to end in an orderly way. */
  async stop(): Promise<void> {
    if (this.#restarting) await this.#restarting.catch(() => undefined)
    await this.#kill()
    rmSync(this.#stateDir, { recursive: true, force: true })
  }

  async #start(): Promise<void> {
    const program = [inRoot('tests', 'faults', 'serve.ts')]
    if (this.#bundle !== undefined) program.push(this.#bundle)
    const child = spawn(process.execPath, program, {
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
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // A group of its own: a kill takes its runtime along.
      detached: true,
    })
    this.#child = child
    if (child.pid !== undefined) this.#release = dieTogether(-child.pid)
    const said: string[] = []
    child.stderr?.on('data', (chunk) => {
      said.push(String(chunk))
      if (said.length > 200) said.shift()
    })
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the server ended with ${code} before it was ready:\n${said.join('')}`)
    })
    ended.catch(() => undefined)
    const ready = once(child, 'message')
    const tooLate = once(AbortSignal.timeout(READY_MS), 'abort').then(() => {
      throw new Error(`the server is not ready:\n${said.join('')}`)
    })
    tooLate.catch(() => undefined)
    await Promise.race([ready, ended, tooLate])
  }
}
