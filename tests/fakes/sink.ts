// D1 as a hub's archiver meets it: the fence, refusals, late and lost answers. What a real database does with a
// batch is shown in db/ and in tests/workerd.
import type { ArchiveBatch } from '../../db/sink.ts'
import type { D1Failure } from '../../db/errors.ts'
import type { Sink } from '../../durable-objects/hub/archiver.ts'

/**
 * - ok: applied and answered
 * - lost: applied, but the answer never came
 * - hangs: nothing happens until {@link FakeSink.release}
 * - the rest: nothing was applied
 */
export type Outcome = 'ok' | 'lost' | 'hangs' | 'unavailable' | 'overloaded'

class Refused extends Error {
  readonly failure: D1Failure
  constructor(failure: D1Failure) {
    super(failure)
    this.failure = failure
  }
}

export class FakeSink implements Sink {
  /** How the next requests end; when it is empty they end well. */
  readonly outcomes: Outcome[] = []
  /** Seqs that no D1 takes. */
  readonly poisoned = new Set<number>()
  /** Every batch that was tried. */
  readonly tried: ArchiveBatch[] = []
  /** Seqs of the entries that D1 keeps, in the order they came. */
  readonly kept: number[] = []
  cursor: number | null = 0
  #held: (() => void)[] = []

  async apply(batch: ArchiveBatch): Promise<void> {
    this.tried.push(batch)
    const outcome = this.outcomes.shift() ?? 'ok'
    if (outcome === 'hangs') await new Promise<void>((go) => this.#held.push(go))
    else await Promise.resolve()
    if (outcome === 'unavailable' || outcome === 'overloaded') throw new Refused(outcome)
    this.#applyAll(batch)
    if (outcome === 'lost') throw new Refused('unavailable')
  }

  async readCursor(): Promise<number | null> {
    const outcome = this.outcomes.shift() ?? 'ok'
    await Promise.resolve()
    if (outcome !== 'ok') throw new Refused('unavailable')
    return this.cursor
  }

  async openCursor(): Promise<void> {
    await Promise.resolve()
    this.cursor ??= 0
  }

  classify(error: unknown): D1Failure {
    return error instanceof Refused ? error.failure : 'unavailable'
  }

  /** Lets go of what hangs; a batch that comes so late meets the fence like any other. */
  release(): void {
    for (const go of this.#held.splice(0)) go()
  }

  #applyAll({ expected, to, entries }: ArchiveBatch): void {
    if (this.cursor !== expected) throw new Refused('fence')
    const rows = entries.filter((entry) => entry.kind !== 'nothing').map((entry) => entry.seq)
    if (rows.some((seq) => this.poisoned.has(seq))) throw new Refused('content')
    this.cursor = to
    this.kept.push(...rows)
  }
}
