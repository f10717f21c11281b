// What a row of the table is. A new one is a file in rows/ that makes a Row, and its name in rows.ts.
import type { Load } from './load/load.ts'
import type { ServerKind } from './servers/kinds.ts'
import type { Server } from './servers/server.ts'

/** By name, with the unit in it: `ours p50 ms`, `p50 ratio`. Ratios are of one round; what is printed are medians of rounds. */
export type Figures = Record<string, number>

export interface Aim {
  text: string
  /** Asked of the medians. */
  holds(medians: Figures): boolean
}

export interface Row {
  id: string
  title: string
  /** What it is compared with. */
  against: string
  aims: readonly Aim[]
  /** Where fewer rounds than the run's say enough, or one takes long. */
  rounds?: number
  /** Everything before the first round: servers, people, sockets. */
  open(bench: Bench): Promise<Rounds>
}

export interface Rounds {
  /** One round: the one, then the other. */
  run(round: number): Promise<Figures>
}

/** What a row gets; what it takes is given back by who runs it. */
export interface Bench {
  /** How much: a real measurement, a short one, or only whether everything works. */
  size: Size
  pick<T>(sizes: Record<Size, T>): T
  server(kind: ServerKind, options?: { fresh?: boolean; inspect?: boolean }): Promise<Server>
  load(): Load
  /** A line to who waits. */
  tell(line: string): void
}

export type Size = 'full' | 'quick' | 'smoke'

export const atMost = (name: string, limit: number): Aim => ({
  text: `${name} ≤ ${limit}`,
  holds: (medians) => (medians[name] ?? NaN) <= limit,
})

export const atLeast = (name: string, limit: number): Aim => ({
  text: `${name} ≥ ${limit}`,
  holds: (medians) => (medians[name] ?? NaN) >= limit,
})

/** Something was measured that did not do what it should: no figure of it is worth anything. */
export class WrongCount extends Error {}

export function assertCount(what: string, got: number, wanted: number): void {
  if (got !== wanted) throw new WrongCount(`${what}: ${got} instead of ${wanted}`)
}

/** All of these at once. */
export const allAtMost = (names: readonly string[], limit: number): Aim => ({
  text: `${names.join(', ')} ≤ ${limit}`,
  holds: (medians) => names.every((name) => (medians[name] ?? NaN) <= limit),
})
