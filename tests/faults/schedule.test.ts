// What hundreds of schedules bring: a trouble that hardly ever comes is one that nothing was tried against.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { inRoot } from '../../scripts/lib/paths.ts'
import { DEFECTS } from './defects.ts'
import type { Weather } from './fault-proxy.ts'
import { scheduleOf, type Step } from './schedule.ts'
import { spoil } from './sick-bundle.ts'

const SCHEDULES = 300
const all = Array.from({ length: SCHEDULES }, (_, seed) => scheduleOf(seed + 1))
const steps = all.flat().map(({ step }) => step)

type StepOf<Do extends Step['do']> = Extract<Step, { do: Do }>

function countOf<Do extends Step['do']>(
  name: Do,
  isIt: (step: StepOf<Do>) => boolean = () => true,
): number {
  return steps.filter((step) => step.do === name && isIt(step as StepOf<Do>)).length
}

const weathers = (isIt: (weather: Weather) => boolean) =>
  countOf('weather', ({ weather }) => isIt(weather))

test('a seed is a schedule, always the same one', () => {
  expect(scheduleOf(7)).toEqual(scheduleOf(7))
  expect(scheduleOf(7)).not.toEqual(scheduleOf(8))
})

test('schedules are long enough for one trouble to meet another', () => {
  expect(steps.length / SCHEDULES).toBeGreaterThan(25)
})

/** At least so many in 300 schedules. */
test.each<[string, number, () => number]>([
  ['send', 1_000, () => countOf('send')],
  ['the same send side by side', 200, () => countOf('send', ({ copies }) => copies > 1)],
  ['batch', 300, () => countOf('batch')],
  ['read over REST', 200, () => countOf('mark', ({ op }) => op === 'read')],
  ['read in a window', 200, () => countOf('app_mark', ({ op }) => op === 'read')],
  ['read everything', 100, () => countOf('app_mark', ({ op }) => op === 'read_all')],
  ['hide', 80, () => countOf('window', ({ act }) => act === 'hide')],
  ['reload', 40, () => countOf('window', ({ act }) => act === 'reload')],
  ['drop', 100, () => countOf('cut', ({ how }) => how === 'drop')],
  ['reset', 100, () => countOf('cut', ({ how }) => how === 'reset')],
  ['half-open', 100, () => countOf('cut', ({ how }) => how === 'halfOpen')],
  ['latency', 60, () => weathers(({ latencyMs }) => latencyMs !== undefined)],
  ['slicing', 60, () => weathers(({ sliceBytes }) => sliceBytes !== undefined)],
  ['black hole', 60, () => weathers(({ blackHole }) => blackHole === true)],
  ['black hole in mid-frame', 60, () => weathers((one) => one.blackHoleAfterBytes !== undefined)],
  ['close after n bytes', 60, () => weathers((one) => one.closeAfterBytes !== undefined)],
  ['a burst that breaks off', 100, () => countOf('broken_burst')],
  ['a sender with a bad network', 100, () => countOf('sender_weather')],
  ['kill', 100, () => countOf('kill')],
  ['evict, sockets kept', 100, () => countOf('evict', ({ sockets }) => sockets === 'hibernate')],
  ['evict, sockets lost', 100, () => countOf('evict', ({ sockets }) => sockets === 'close')],
  ['expire a token', 100, () => countOf('expire')],
  ['D1 down', 60, () => countOf('d1', ({ d1 }) => d1.down === true)],
  ['D1 late', 60, () => countOf('d1', ({ d1 }) => (d1.delay_ms ?? 0) > 0)],
  ['D1 up', 100, () => countOf('d1', ({ d1 }) => !d1.down && !d1.delay_ms)],
  ['clock forward', 100, () => countOf('clock')],
  ['silence until a ping', 50, () => countOf('silence')],
  ['silence until hibernation', 10, () => countOf('silence', ({ ms }) => ms > 10_000)],
  ['join or change of role', 100, () => countOf('member', ({ role }) => role !== null)],
  ['leave', 60, () => countOf('member', ({ role }) => role === null)],
])('%s: at least %i times', (_name, least, count) => {
  expect(count()).toBeGreaterThanOrEqual(least)
})

describe('a defect', () => {
  test.each(DEFECTS.map((one) => [one.name, one] as const))('%s has its place', (_name, defect) => {
    expect(spoil(readFileSync(inRoot(defect.file), 'utf8'), defect)).toContain(defect.by)
  })

  test('without its place it fails, loudly', () => {
    const [one] = DEFECTS
    expect(() => spoil('nothing', one!)).toThrow(/"loses": .* has 0 times/)
  })
})
