import { describe, expect, test } from 'vitest'
import { RateLimits } from './rate-limits.ts'

const NOW = 1_000_000
const person = { sub: 'ana', role: 'member' } as const
const service = { sub: 'service:booking', role: 'service' } as const

/** How many of so many single requests at one moment pass. */
const passing = (count: number, ask: () => { granted: number }) =>
  Array.from({ length: count }, ask).filter(({ granted }) => granted === 1).length

describe('[CO6] the limits', () => {
  test.each([
    ['sends of a service', 'sends', service, 20_000, 2_000],
    ['sends of a person', 'sends', person, 200, 20],
    ['requests of a service', 'requests', service, 500, 50],
    ['requests of a person', 'requests', person, 500, 50],
    ['upgrades of a person', 'upgrades', person, 30, 3],
  ] as const)('%s', (_what, budget, caller, burst, perSecond) => {
    const limits = new RateLimits()
    const ask = (at: number) => () => limits.take(budget, caller, 1, at)
    expect(passing(burst + 1_000, ask(NOW))).toBe(burst)
    expect(passing(1_000 + perSecond, ask(NOW + 1_000))).toBe(perSecond)
    expect(passing(burst + 1_000, ask(NOW + 60_000))).toBe(burst)
  })

  test('a batch takes as many as there are, and hears when the rest may come', () => {
    const limits = new RateLimits()
    expect(limits.take('sends', person, 500, NOW)).toEqual({
      granted: 200,
      limit: 200,
      remaining: 0,
      retryAfterMs: 10_000,
      fullAfterMs: 10_000,
    })
  })

  test('one caller and one budget never cost another', () => {
    const limits = new RateLimits()
    limits.take('sends', person, 200, NOW)
    expect(limits.take('sends', { ...person, sub: 'ben' }, 1, NOW).granted).toBe(1)
    expect(limits.take('requests', person, 1, NOW).granted).toBe(1)
    expect(limits.take('sends', person, 1, NOW).granted).toBe(0)
  })

  test('memory is bounded, and who asks stays known', () => {
    const limits = new RateLimits(100)
    limits.take('sends', person, 200, NOW)
    for (let other = 0; other < 1_000; other += 1) {
      limits.take('sends', { ...person, sub: `other-${other}` }, 1, NOW)
      if (other % 50 === 0) expect(limits.take('sends', person, 1, NOW).granted).toBe(0)
    }
    expect(limits.size).toBe(100)
  })
})
