// A run opens a world, lets a schedule happen to it, heals everything, waits until it holds, and judges.
import type { HistoryEvent } from './history.ts'
import { perform, UnderWay, type Stage } from './perform.ts'
import { diceOf } from './random.ts'
import { Recorder, wait } from './recorder.ts'
import { scheduleOf, type Timed } from './schedule.ts'
import type { FaultServer } from './server.ts'
import { settle, type Judgement } from './settle.ts'
import { World, type WorldOptions } from './world.ts'

/** Whatever has not come right by then never will: the slowest promise is the cron of each minute (AR7). */
const PATIENCE_MS = 80_000
const LATEST_MS = 300_000

export interface Order {
  seed: number
  /** In place of the one that the seed makes. */
  schedule?: readonly Timed[]
  /** Part of every id in this world, so that a defect of the server can choose it. */
  tag?: string
  tamper?: NonNullable<WorldOptions['tamper']>
  /** How long to wait for what does not hold. */
  patienceMs?: number
}

/** How much happened. */
export interface Figures {
  steps: number
  accepted: number
  frames: number
  resumes: number
  /** Sockets that were dead, and that only an unanswered ping told of. */
  silent: number
  /** Hubs that left memory; their sockets stayed. */
  hibernated: number
  /** Hubs that left memory, and their sockets with them. */
  closed: number
  kills: number
}

export interface Verdict extends Judgement, Figures {
  seed: number
  ms: number
  schedule: readonly Timed[]
  events: readonly HistoryEvent[]
}

export const holds = ({ violations, stuck }: Judgement) => violations.length + stuck.length === 0

let worlds = 0

/** Side by side on one server: each has a world of its own, but kills, outages and the clock hit them all. */
export async function runSchedules(
  server: FaultServer,
  orders: readonly Order[],
): Promise<Verdict[]> {
  const runs = orders.map((order) => new Run(server, order))
  try {
    await Promise.all(runs.map((run) => run.play()))
    // Nobody heals what another still suffers from.
    await server.setD1({})
    return await Promise.all(runs.map((run) => run.verdict()))
  } finally {
    await Promise.all(runs.map((run) => run.close()))
  }
}

class Run {
  readonly #order: Order
  readonly #startedAt = Date.now()
  readonly #killsBefore: number
  readonly #recorder = new Recorder()
  readonly #ends = new AbortController()
  readonly #tooLate: NodeJS.Timeout
  readonly #stage: Stage
  readonly #schedule: readonly Timed[]

  constructor(server: FaultServer, order: Order) {
    const { seed, schedule, tamper, tag } = order
    this.#order = order
    this.#killsBefore = server.kills
    this.#tooLate = setTimeout(() => this.#ends.abort(), LATEST_MS)
    this.#schedule = schedule ?? scheduleOf(seed)
    worlds += 1
    const world = new World({
      name: ['w', process.pid, worlds, seed, ...(tag === undefined ? [] : [tag])].join('-'),
      port: server.port,
      signal: this.#ends.signal,
      random: diceOf(seed),
      recorder: this.#recorder,
      ...(tamper && { tamper }),
    })
    const evicted = { hibernate: 0, close: 0 }
    const evicting = { last: Promise.resolve() }
    this.#stage = { server, world, underWay: new UnderWay(), evicted, evicting }
  }

  async play(): Promise<void> {
    await this.#stage.world.open()
    for (const { step, thenMs } of this.#schedule) {
      await perform(this.#stage, step)
      await wait(thenMs)
    }
  }

  async verdict(): Promise<Verdict> {
    const { events } = this.#recorder
    const { seed, patienceMs = PATIENCE_MS } = this.#order
    const judgement = await settle({ ...this.#stage, events }, patienceMs)
    const { evicted, server } = this.#stage
    const of = (kind: HistoryEvent['kind']) => events.filter((event) => event.kind === kind).length
    const resumed = events.filter((event) => event.kind === 'welcome' && event.recovered)
    return {
      seed,
      ...judgement,
      steps: this.#schedule.length,
      accepted: of('accepted'),
      frames: of('frame'),
      resumes: resumed.length,
      silent: of('silent'),
      hibernated: evicted.hibernate,
      closed: evicted.close,
      kills: server.kills - this.#killsBefore,
      ms: Date.now() - this.#startedAt,
      schedule: this.#schedule,
      events,
    }
  }

  async close(): Promise<void> {
    this.#ends.abort()
    clearTimeout(this.#tooLate)
    await this.#stage.world.close()
  }
}
