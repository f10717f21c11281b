// Plays a plan against a server: sends each when it is due, listens as those who are told, and keeps
// what became of it.
import { ShopbellError, type Sender } from '../client/server/index.ts'
import type { Api } from './api.ts'
import { sleep } from './api.ts'
import { Ear } from './ear.ts'
import { listenerOf } from './listener.ts'
import type { Colleague, Planned } from './plan.ts'
import type { Outcome } from './report.ts'
import { missingOf, paceOf } from './report.ts'

export interface Stage {
  sender: Pick<Sender, 'sendNotification'>
  api: Pick<Api, 'url' | 'devToken'>
  /** Who works where, by location. */
  people: ReadonlyMap<string, readonly Colleague[]>
  listen: boolean
  speed: number | null
  waitMs: number
  /** Called once for each, when nothing more is to be expected of it. */
  tell(outcome: Outcome): void
  isStopped(): boolean
}

const LOOK_EVERY_MS = 50

/** Plays all of it and resolves with what became of each. */
export async function play(planned: readonly Planned[], stage: Stage): Promise<Outcome[]> {
  const run = new Run(stage)
  const ears = stage.listen ? earsOf(planned, stage, run) : []
  try {
    await Promise.all(ears.map((ear) => ear.open()))
    await sendAll(planned, stage, run)
    await run.waitForTheLast()
  } finally {
    for (const ear of ears) ear.close()
  }
  for (const outcome of missingOf(run.outcomes)) stage.tell(outcome)
  return run.outcomes
}

async function sendAll(planned: readonly Planned[], stage: Stage, run: Run) {
  const start = Date.now()
  const due = paceOf(planned, stage.speed)
  for (const [index, one] of planned.entries()) {
    const until = start + (due[index] ?? 0)
    while (Date.now() < until && !stage.isStopped()) {
      await sleep(Math.min(250, until - Date.now()))
    }
    if (stage.isStopped() || run.isBroken) return
    await run.send(one)
  }
}

const hearerOf = (planned: Planned, { people }: Stage) =>
  listenerOf(planned, people.get(planned.location) ?? [])

function earsOf(planned: readonly Planned[], stage: Stage, run: Run): Ear[] {
  const users = new Set(planned.map((one) => hearerOf(one, stage)))
  return [...users].flatMap((userId) =>
    userId === null ? [] : [new Ear(stage.api, userId, run.heard)],
  )
}

class Run {
  readonly outcomes: Outcome[] = []
  /** The server is gone, or it does not know our key: the rest is not tried. */
  isBroken = false
  readonly #stage: Stage
  /** When an entry was on its listener's socket; it may be there before the sender's answer. */
  readonly #heardAt = new Map<string, number>()
  readonly #waiting = new Map<string, { outcome: Outcome; sentAt: number }>()

  constructor(stage: Stage) {
    this.#stage = stage
  }

  readonly heard = (userId: string, notificationId: string) => {
    const place = `${userId} ${notificationId}`
    if (!this.#heardAt.has(place)) this.#heardAt.set(place, performance.now())
    this.#settle(place)
  }

  async send(planned: Planned) {
    const outcome: Outcome = {
      planned,
      id: null,
      acceptedMs: null,
      appearedMs: null,
      isAwaited: false,
      isReplay: false,
      failure: null,
    }
    this.outcomes.push(outcome)
    const sentAt = performance.now()
    try {
      const { body, key } = planned
      const sent = await this.#stage.sender.sendNotification(body, { idempotencyKey: key })
      const { id, replayed: isReplay } = sent
      Object.assign(outcome, { id, isReplay, acceptedMs: performance.now() - sentAt })
    } catch (error) {
      if (!(error instanceof ShopbellError)) throw error
      this.isBroken = error.code === 'network' || error.code === 'unauthorized'
      outcome.failure = [error.status, error.message].filter((part) => part !== null).join(' ')
    }
    const listener = hearerOf(planned, this.#stage)
    outcome.isAwaited =
      this.#stage.listen && listener !== null && !outcome.isReplay && outcome.failure === null
    if (!outcome.isAwaited) {
      this.#stage.tell(outcome)
      return
    }
    const place = `${listener} ${outcome.id}`
    this.#waiting.set(place, { outcome, sentAt })
    this.#settle(place)
  }

  async waitForTheLast() {
    const until = Date.now() + this.#stage.waitMs
    while (this.#waiting.size > 0 && Date.now() < until) await sleep(LOOK_EVERY_MS)
  }

  #settle(place: string) {
    const waiting = this.#waiting.get(place)
    const at = this.#heardAt.get(place)
    if (!waiting || at === undefined) return
    this.#waiting.delete(place)
    waiting.outcome.appearedMs = at - waiting.sentAt
    this.#stage.tell(waiting.outcome)
  }
}
