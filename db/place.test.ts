import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { END, justAbove, parsePlace, placeOf, START } from './place.ts'

const position = fc.record({ epoch: fc.uuid({ version: 7 }), seq: fc.nat(10 ** 9) })

const byEpochThenSeq = (a: { epoch: string; seq: number }, b: { epoch: string; seq: number }) =>
  a.epoch === b.epoch ? Math.sign(a.seq - b.seq) : a.epoch < b.epoch ? -1 : 1

test('[ST1] places sort as (epoch, seq) do, and come back as they went', () => {
  fc.assert(
    fc.property(position, position, (a, b) => {
      const [left, right] = [placeOf(a.epoch, a.seq), placeOf(b.epoch, b.seq)]
      expect(left < right ? -1 : Number(left > right)).toBe(byEpochThenSeq(a, b))
      expect(parsePlace(left)).toEqual(a)
    }),
  )
})

test('[ST1] between a place and the next one lies a bound that belongs to neither', () => {
  const [ninth, tenth] = [placeOf('e', 9), placeOf('e', 10)]
  expect(ninth < justAbove(ninth) && justAbove(ninth) < tenth).toBe(true)
  expect(START < ninth && justAbove(START) < ninth && tenth < END).toBe(true)
  expect(parsePlace(START)).toEqual({ epoch: '', seq: 0 })
})

test.each([-1, 1.5, 10 ** 12, Number.NaN])('[ST1] %s is no seq', (seq) => {
  expect(() => placeOf('e', seq)).toThrow(RangeError)
})
