// One promise of a rule, and how to see from outside whether it is kept.
import type { Tester } from './tester.ts'

export interface Check {
  /** Of docs/SPEC.md. */
  rule: string
  /** What holds, as one sentence. */
  says: string
  run(t: Tester): Promise<void>
}

/** Checks that share a shop, and run one after the other. */
export interface Chapter {
  name: string
  /** Runs when no other chapter does. */
  isAlone?: boolean
  checks: Check[]
}

export const check = (rule: string, says: string, run: Check['run']): Check => ({
  rule,
  says,
  run,
})

/** The rules in the order of the specification. */
export const RULES: readonly string[] = Object.entries({
  CO: 8,
  AU: 9,
  WS: 13,
  ST: 7,
  AR: 9,
  NO: 9,
  IN: 4,
  RE: 4,
  TR: 6,
  OP: 3,
  DI: 3,
})
  .flatMap(([letters, last]) =>
    Array.from({ length: last }, (_, index) => `${letters}${index + 1}`),
  )
  // The specification has no rule of this number.
  .filter((rule) => rule !== 'AU4')
