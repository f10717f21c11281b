import { expect, test } from 'vitest'
import { createFakeClock, FAKE_START } from './fake-clock.ts'

test('timers run in the order of their times, at their times', async () => {
  const clock = createFakeClock()
  const ran: [string, number][] = []
  clock.after(20, () => ran.push(['late', clock.now() - FAKE_START]))
  clock.after(10, () => ran.push(['early', clock.now() - FAKE_START]))
  await clock.advance(15)
  expect(ran).toEqual([['early', 10]])
  await clock.advance(15)
  expect(ran).toEqual([
    ['early', 10],
    ['late', 20],
  ])
  expect(clock.now()).toBe(FAKE_START + 30)
})

test('a timer that a timer sets runs in the same advance if it is due', async () => {
  const clock = createFakeClock()
  const ran: number[] = []
  clock.after(10, () => clock.after(10, () => ran.push(clock.now() - FAKE_START)))
  await clock.advance(25)
  expect(ran).toEqual([20])
})

test('what a timer starts with promises is done before the next timer', async () => {
  const clock = createFakeClock()
  const ran: string[] = []
  clock.after(1, () => void Promise.resolve().then(() => ran.push('promise')))
  clock.after(2, () => ran.push('timer'))
  await clock.advance(2)
  expect(ran).toEqual(['promise', 'timer'])
})

test('a cancelled timer does not run', async () => {
  const clock = createFakeClock()
  const cancel = clock.after(1, () => expect.unreachable())
  cancel()
  await clock.advance(10)
  expect(clock.timers()).toEqual([])
})

test('a timer that was slept through runs late', async () => {
  const clock = createFakeClock()
  let at = 0
  clock.after(10, () => (at = clock.now() - FAKE_START))
  clock.sleep(60_000)
  await clock.advance(0)
  expect(at).toBe(60_000)
})
