import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from './clock.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

test('is the time of day', () => {
  expect(systemClock().now()).toBe(1_000_000)
})

test('never goes back, and goes on from there', () => {
  const clock = systemClock()
  clock.now()
  vi.setSystemTime(400_000)
  expect(clock.now()).toBe(1_000_000)
  vi.setSystemTime(400_500)
  expect(clock.now()).toBe(1_000_500)
})

test('runs what is due, unless it is called off', () => {
  const clock = systemClock()
  const ran: string[] = []
  clock.after(10, () => ran.push('kept'))
  clock.after(10, () => ran.push('called off'))()
  clock.after(-5, () => ran.push('at once'))
  vi.advanceTimersByTime(10)
  expect(ran).toEqual(['at once', 'kept'])
})

test('a wait that no timer can hold is not taken for none', () => {
  const clock = systemClock()
  const run = vi.fn<() => void>()
  clock.after(1e12, run)
  vi.advanceTimersByTime(1_000_000)
  expect(run).not.toHaveBeenCalled()
})
