// What a run prints. Pure.
import type { Aim, Figures, Row } from '../row.ts'
import { median } from './statistics.ts'

export interface Measured {
  row: Row
  /** One for each round. */
  rounds: readonly Figures[]
}

export interface Summary {
  name: string
  median: number
  min: number
  max: number
}

/** Each figure over all rounds, in the order in which the first round gave them. */
export function summariesOf(rounds: readonly Figures[]): Summary[] {
  return Object.keys(rounds[0] ?? {}).map((name) => {
    const values = rounds.map((figures) => figures[name] ?? NaN)
    return { name, median: median(values), min: Math.min(...values), max: Math.max(...values) }
  })
}

export interface Judged {
  aim: Aim
  holds: boolean
}

export function judge({ row, rounds }: Measured): Judged[] {
  const medians = Object.fromEntries(summariesOf(rounds).map((one) => [one.name, one.median]))
  return row.aims.map((aim) => ({ aim, holds: aim.holds(medians) }))
}

export function textOf(measured: Measured): string {
  const { row, rounds } = measured
  const summaries = summariesOf(rounds)
  const width = Math.max(...summaries.map(({ name }) => name.length))
  const figures = summaries.map(({ name, median: middle, min, max }) => {
    const range = rounds.length > 1 ? `   [${shown(min)} to ${shown(max)}]` : ''
    return `    ${name.padEnd(width)}  ${shown(middle).padStart(9)}${range}`
  })
  const aims = judge(measured).map(({ aim, holds }) => `  ${holds ? '✓' : '✗'} ${aim.text}`)
  return [
    `${row.id}: ${row.title}`,
    `  against ${row.against}; ${rounds.length} round${rounds.length === 1 ? '' : 's'}`,
    ...figures,
    ...aims,
  ].join('\n')
}

/** Three digits that mean something, and no more. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (size >= 1_000) return Math.round(value).toLocaleString('en')
  if (size >= 100) return value.toFixed(0)
  if (size >= 10) return value.toFixed(1)
  return value.toFixed(size >= 1 ? 2 : 3)
}
