import { expect, test } from 'vitest'
import { parseOptions } from './options.ts'

const options = (...args: string[]) => {
  const parsed = parseOptions(args)
  return parsed.kind === 'play' ? parsed.options : null
}

test('without arguments the demo’s own calendars are played from today', () => {
  expect(options()).toMatchObject({
    url: 'http://localhost:8787',
    files: [],
    shift: true,
    again: false,
    speed: null,
    limit: Infinity,
    listen: true,
    clientId: 'demo-booking',
  })
})

test('given files are played as they are', () => {
  expect(options('a.ics', '--location', 'harbour', 'b.ics')).toMatchObject({
    files: ['a.ics', 'b.ics'],
    location: 'harbour',
    shift: false,
  })
  expect(options('a.ics', '--shift')).toMatchObject({ shift: true })
})

test('speed is a factor or "max"', () => {
  expect(options('--speed', '3600')?.speed).toBe(3600)
  expect(options('--speed', 'max')?.speed).toBe(Infinity)
})

test('a day is asked for, and is the same day unless another seed is given', () => {
  expect(options()?.day).toBeNull()
  expect(options('--day')?.day).toEqual(options('--day')?.day)
  expect(options('--day', '--seed', '12')?.day).toEqual({ seed: 12 })
})

test.each([
  [['--speed', 'fast']],
  [['--speed', '0']],
  [['--limit', '-1']],
  [['--days', 'x']],
  [['--wait', '']],
  [['--url', 'localhost']],
  [['--zone', 'Mars/Base']],
  [['--seed', 'x']],
  [['--seed', '-1']],
  [['--seed', '1.5']],
  [['--seed', '']],
  [['--nonsense']],
  [['--location']],
])('%j is answered with one sentence', (args) => {
  const parsed = parseOptions(args)
  expect(parsed.kind).toBe('wrong')
  expect(parsed.kind === 'wrong' && parsed.sentence.split('\n')).toHaveLength(1)
})
