// What each step of a schedule does.
import { wait } from './recorder.ts'
import type { Step } from './schedule.ts'
import type { Eviction, FaultServer } from './server.ts'
import type { World } from './world.ts'

/** What was begun and nobody waits for yet. */
export class UnderWay {
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

export interface Stage {
  server: FaultServer
  world: World
  underWay: UnderWay
  /** How many hubs were taken from memory, in which way. */
  evicted: Record<Eviction, number>
  evicting: { last: Promise<void> }
}

export async function perform(stage: Stage, step: Step): Promise<void> {
  const { server, world, underWay } = stage
  switch (step.do) {
    case 'send':
      return underWay.add('a send', world.send(step.send, step.copies))
    case 'batch':
      return underWay.add('a batch', world.sendBatch(step.sends))
    case 'mark':
      return underWay.add(step.op, world.mark(step.person, step.op, step.which))
    case 'app_mark':
      return underWay.add(`${step.op} in a window`, world.markInApp(step.app, step.op, step.which))
    case 'window':
      return world.apps[step.app]?.act(step.act)
    case 'member':
      return underWay.add('a change', world.changeMember(step.person, step.shop, step.role))
    case 'weather':
      return world.proxies[step.device]?.setWeather(step.weather)
    case 'sender_weather':
      return world.senderProxy?.setWeather(step.weather)
    case 'cut':
      return world.proxies[step.device]?.[step.how]()
    case 'broken_burst':
      return breakBurst(stage, step)
    case 'evict':
      return evict(stage, step)
    case 'silence':
      return wait(step.ms)
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

/** How long what is sent while a device is away gets to be written. */
const PUBLISHED_MS = 150

async function breakBurst(
  { world, underWay }: Stage,
  { device, sends, weather }: Extract<Step, { do: 'broken_burst' }>,
): Promise<void> {
  const proxy = world.proxies[device]
  proxy?.setWeather({ blackHole: true })
  underWay.add('a batch', world.sendBatch(sends))
  await wait(PUBLISHED_MS)
  // What was swallowed is reset by this, so the device comes back.
  proxy?.setWeather(weather)
}

/**
 * One after the other: two that are taken at once and have calls to each other under way wait for each other. The
 * schedule waits for none: a busy hub is taken when it has a moment, or not at all.
 */
function evict(
  { server, world, evicted, evicting }: Stage,
  { whose, sockets }: Extract<Step, { do: 'evict' }>,
): void {
  for (const stream of world.streamsOf(whose)) {
    evicting.last = evicting.last
      .then(() => server.evict(stream, sockets))
      .then((done) => void (evicted[sockets] += done ? 1 : 0))
  }
}
