import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Crons, startCrons } from './crons.ts'

const MINUTE_MS = 60_000
const call = vi.fn<(cron: string) => Promise<void>>()
const onError = vi.fn<(error: unknown) => void>()
let crons: Crons

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-23T03:10:30Z') })
  call.mockReset().mockResolvedValue()
  onError.mockReset()
  crons = startCrons(call, onError)
})
afterEach(() => {
  crons.stop()
  vi.useRealTimers()
})

test('the minute is called each minute, until the end', async () => {
  await vi.advanceTimersByTimeAsync(3 * MINUTE_MS)
  expect(call.mock.calls).toEqual([['* * * * *'], ['* * * * *'], ['* * * * *']])
  crons.stop()
  await vi.advanceTimersByTimeAsync(MINUTE_MS)
  expect(call).toHaveBeenCalledTimes(3)
})

test('the daily one is called once a day, at 03:17', async () => {
  const daily = () => call.mock.calls.filter(([cron]) => cron === '17 3 * * *').length
  await vi.advanceTimersByTimeAsync(6 * MINUTE_MS)
  expect(daily()).toBe(0)
  await vi.advanceTimersByTimeAsync(MINUTE_MS)
  expect(daily()).toBe(1)
  await vi.advanceTimersByTimeAsync(24 * 60 * MINUTE_MS)
  expect(daily()).toBe(2)
})

test('a call under way is waited for, not repeated', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  call.mockReturnValueOnce(promise)
  const both = Promise.all([crons.tick(), crons.tick()])
  resolve()
  await both
  expect(call).toHaveBeenCalledTimes(1)
  await crons.tick()
  expect(call).toHaveBeenCalledTimes(2)
})

test('a failed minute is reported and does not end the next', async () => {
  call.mockRejectedValueOnce(new Error('no answer'))
  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS)
  expect(onError).toHaveBeenCalledTimes(1)
  expect(call).toHaveBeenCalledTimes(2)
})
