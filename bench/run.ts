// Runs rows one after the other, and gives back what they took, however they end.
import { buildWeb, buildWorker } from '../scripts/lib/build.ts'
import type { Load } from './load/load.ts'
import { startLoad } from './load/load.ts'
import type { Measured } from './report/table.ts'
import type { Bench, Figures, Row, Size } from './row.ts'
import { startServer, type Server } from './servers/server.ts'

/** A row that takes longer hangs. */
const ROW_LIMIT_MS: Record<Size, number> = { full: 30 * 60_000, quick: 5 * 60_000, smoke: 60_000 }

export interface RunOptions {
  size: Size
  rounds: number
  tell(line: string): void
  /** Wraps what is measured: for a profile. */
  around?: (server: Server, work: () => Promise<void>) => Promise<void>
}

export class Runner {
  readonly #options: RunOptions
  #servers = new Map<string, Promise<Server>>()
  #loads: Load[] = []

  constructor(options: RunOptions) {
    this.#options = options
  }

  /** The bundle is built once, before two servers would do it at the same time. */
  async prepare(): Promise<void> {
    await buildWeb(this.#options.tell)
    await buildWorker(this.#options.tell)
    if (this.#options.size !== 'smoke') return
    const bench = this.#bench()
    const kinds = ['ours', 'floor', 'metered', 'uncoalesced'] as const
    await Promise.all(kinds.map((kind) => bench.server(kind)))
  }

  /** The row's rounds, on servers that nothing else has used, except in a smoke run. */
  async run(row: Row): Promise<Measured> {
    const { size } = this.#options
    const { promise: tooLong, reject } = Promise.withResolvers<never>()
    const limit = setTimeout(
      () => reject(new Error(`${row.id} did not end within ${ROW_LIMIT_MS[size] / 1_000} s`)),
      ROW_LIMIT_MS[size],
    )
    try {
      return await Promise.race([this.#measure(row), tooLong])
    } finally {
      clearTimeout(limit)
      await this.#stopLoads()
      if (size !== 'smoke') await this.stop()
    }
  }

  async stop(): Promise<void> {
    await this.#stopLoads()
    const servers = [...this.#servers.values()]
    this.#servers.clear()
    // One that never came up has nothing to stop.
    await Promise.allSettled(servers.map(async (server) => (await server).stop()))
  }

  async #measure(row: Row): Promise<Measured> {
    const { size, tell, around } = this.#options
    const count = size === 'smoke' ? 1 : Math.min(this.#options.rounds, row.rounds ?? Infinity)
    const rounds: Figures[] = []
    const { run } = await row.open(this.#bench())
    const runAll = async () => {
      for (let round = 1; round <= count; round += 1) {
        tell(`${row.id}: round ${round} of ${count}`)
        rounds.push(await run(round))
      }
    }
    const profiled = around && (await this.#servers.get('ours true 0'))
    await (profiled ? around(profiled, runAll) : runAll())
    return { row, rounds }
  }

  #bench(): Bench {
    const { size, tell, around } = this.#options
    return {
      size,
      tell,
      pick: (sizes) => sizes[size],
      server: (kind, { fresh = false, inspect = false } = {}) => {
        // A smoke run has one of each kind, for everything.
        const isSmoke = size === 'smoke'
        const isInspected = inspect || isSmoke || (around !== undefined && kind === 'ours')
        const number = fresh && !isSmoke ? this.#servers.size : 0
        const name = `${kind} ${isInspected} ${number}`
        const known = this.#servers.get(name)
        if (known) return known
        const started = startServer(kind, isInspected)
        this.#servers.set(name, started)
        return started
      },
      load: () => {
        const load = startLoad()
        this.#loads.push(load)
        return load
      },
    }
  }

  async #stopLoads(): Promise<void> {
    const loads = this.#loads
    this.#loads = []
    await Promise.all(loads.map((load) => load.stop()))
  }
}
