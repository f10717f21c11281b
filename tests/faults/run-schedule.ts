// A run opens a world, lets a schedule happen to it, heals everything, waits until it holds, and judges.
import { check } from './check.ts'
import type { Ending, HistoryEvent, Holding, Violation } from './history.ts'
import { diceOf } from './random.ts'
import { Recorder, wait } from './recorder.ts'
import { scheduleOf, type Step, type Timed } from './schedule.ts'
import type { FaultServer } from './server.ts'
import { heldIn, takeSnapshot } from './snapshot.ts'
import { TROUBLED, World, type WorldOptions } from './world.ts'

/** Whatever has not come right by then never will: the slowest promise is the cron of each minute (AR7). */
const PATIENCE_MS = 80_000
/** When nothing else moves, time does and people look at their phones: hubs try again what failed (AR8). */
const NUDGE_AFTER_MS = [5_000, 20_000, 45_000]
const NUDGE_MS = 61_000
const LATEST_MS = 300_000

export interface Order {
  seed: number
  /** In place of the one that the seed makes. */
  schedule?: readonly Timed[]
  tamper?: NonNullable<WorldOptions['tamper']>
  /** How long to wait for what does not hold. */
  patienceMs?: number
}

export interface Verdict {
  seed: number
  violations: Violation[]
  /** What did not come to an end. */
  stuck: string[]
  steps: number
  accepted: number
  frames: number
  resumes: number
  kills: number
  ms: number
  events: readonly HistoryEvent[]
}

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
  readonly #server: FaultServer
  readonly #order: Order
  readonly #startedAt = Date.now()
  readonly #killsBefore: number
  readonly #recorder = new Recorder()
  readonly #underWay = new UnderWay()
  readonly #ends = new AbortController()
  readonly #tooLate: NodeJS.Timeout
  readonly #world: World
  readonly #schedule: readonly Timed[]

  constructor(server: FaultServer, order: Order) {
    const { seed, schedule, tamper } = order
    this.#server = server
    this.#order = order
    this.#killsBefore = server.kills
    this.#tooLate = setTimeout(() => this.#ends.abort(), LATEST_MS)
    this.#schedule = schedule ?? scheduleOf(seed, TROUBLED)
    worlds += 1
    this.#world = new World({
      name: `w${process.pid}-${worlds}-${seed}`,
      port: server.port,
      signal: this.#ends.signal,
      random: diceOf(seed).roll,
      recorder: this.#recorder,
      ...(tamper && { tamper }),
    })
  }

  async play(): Promise<void> {
    await this.#world.open()
    for (const { step, thenMs } of this.#schedule) {
      await perform(this.#server, this.#world, step, this.#underWay)
      await wait(thenMs)
    }
  }

  async verdict(): Promise<Verdict> {
    const { events } = this.#recorder
    const { seed, patienceMs = PATIENCE_MS } = this.#order
    const judged = () => judge(this.#world, events, this.#underWay)
    const outcome = await settle(this.#server, this.#world, judged, patienceMs)
    const of = (kind: HistoryEvent['kind']) => events.filter((event) => event.kind === kind).length
    const resumed = events.filter((event) => event.kind === 'welcome' && event.recovered)
    return {
      seed,
      ...outcome,
      steps: this.#schedule.length,
      accepted: of('accepted'),
      frames: of('frame'),
      resumes: resumed.length,
      kills: this.#server.kills - this.#killsBefore,
      ms: Date.now() - this.#startedAt,
      events,
    }
  }

  async close(): Promise<void> {
    this.#ends.abort()
    clearTimeout(this.#tooLate)
    await this.#world.close()
  }
}

/** What was begun and nobody waits for yet. */
class UnderWay {
  readonly failures: string[] = []
  readonly #all = new Map<Promise<void>, string>()

  add(what: string, work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => void this.failures.push(`${what}: ${String(error)}`))
      .finally(() => this.#all.delete(done))
    this.#all.set(done, what)
  }

  names(): string[] {
    return [...this.#all.values()]
  }
}

async function perform(
  server: FaultServer,
  world: World,
  step: Step,
  underWay: UnderWay,
): Promise<void> {
  switch (step.do) {
    case 'send':
      return underWay.add('a send', world.send(step.send, step.copies))
    case 'batch':
      return underWay.add('a batch', world.sendBatch(step.sends))
    case 'mark':
      return underWay.add(step.op, world.mark(step.person, step.op, step.which))
    case 'member':
      return underWay.add('a change', world.changeMember(step.person, step.shop, step.role))
    case 'weather':
      return world.proxies[step.device]?.setWeather(step.weather)
    case 'sender_weather':
      return world.senderProxy?.setWeather(step.weather)
    case 'cut':
      return world.proxies[step.device]?.[step.how]()
    case 'expire':
      return world.devices[step.device]?.expireSoon()
    case 'd1':
      return server.setD1(step.d1)
    case 'clock':
      return server.moveClock(step.byMs)
    case 'kill':
      for (const send of step.sends) underWay.add('a send', world.send(send, 1))
      await wait(step.afterMs)
      return server.killAndRestart()
    default:
      return step satisfies never
  }
}

type Judgement = Pick<Verdict, 'violations' | 'stuck'>

/** Fair weather for all; then the judge is asked until there is nothing left to say, or no patience. */
async function settle(
  server: FaultServer,
  world: World,
  judged: () => Promise<Judgement>,
  patienceMs: number,
): Promise<Judgement> {
  for (const proxy of world.proxies) {
    proxy.setWeather()
    // What was half open or cut short would be found by timeouts that only cost time here.
    proxy.reset()
  }
  for (const app of world.apps) app.lookAt()
  const healedAt = Date.now()
  const nudges = [...NUDGE_AFTER_MS]
  for (;;) {
    const elapsedMs = Date.now() - healedAt
    const state = await judged()
    if (state.stuck.length + state.violations.length === 0 || elapsedMs > patienceMs) return state
    if (elapsedMs > (nudges[0] ?? Infinity)) {
      nudges.shift()
      await server.moveClock(NUDGE_MS)
      for (const app of world.apps) if (!app.isSettled) app.lookAt()
    }
    await wait(400)
  }
}

async function judge(
  world: World,
  events: readonly HistoryEvent[],
  underWay: UnderWay,
): Promise<Judgement> {
  const stuck = [...underWay.names(), ...underWay.failures]
  // Who is no member of a shop has no socket there, and nothing to hold.
  const own = world.devices.filter(({ stream }) => stream.startsWith('user:'))
  const unsettled = [...own, ...world.apps].filter(({ isSettled }) => !isSettled)
  stuck.push(...unsettled.map(({ name }) => `${name} is not settled`))
  const ending = await endingOf(world)
  if (ending === null) return { violations: [], stuck: [...stuck, 'D1 has no list'] }
  return { violations: check(events, ending), stuck }
}

async function endingOf(world: World): Promise<Ending | null> {
  try {
    const apps = await Promise.all(world.apps.map((app) => app.ending()))
    const archives = await Promise.all(
      (['mia', 'sam', 'sue', 'tim'] as const).map(async (person): Promise<Holding> => {
        const snapshot = await takeSnapshot(world.direct, world.tokenOf(person))
        const { unread } = snapshot
        return { user: world.idOf(person), entries: heldIn(snapshot), unread }
      }),
    )
    return { devices: [...world.devices.map((device) => device.ending()), ...apps], archives }
  } catch {
    return null
  }
}
