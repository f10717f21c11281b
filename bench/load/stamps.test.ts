import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { clockUs, lastSeqIn, STAMP, stamped, stampsIn } from './stamps.ts'

interface Frame {
  type: string
  seq: number
  data: { id: string; data: { bench_at: number }; title: string }
}

const frames: fc.Arbitrary<Frame[]> = fc.array(
  fc.record({
    type: fc.constant('notification'),
    seq: fc.nat(),
    data: fc.record({
      id: fc.uuid(),
      data: fc.record({ bench_at: fc.nat() }),
      title: fc.string({ unit: 'grapheme' }),
    }),
  }),
  { minLength: 1, maxLength: 20 },
)

const textOf = (value: unknown) => Buffer.from(JSON.stringify(value))

test('entries are counted by their marks, whether a text is a frame or an array of frames', () => {
  fc.assert(
    fc.property(frames, (all) => {
      const times = all.map(({ data }) => data.data.bench_at)
      expect(stampsIn(textOf(all))).toEqual(times)
      expect(stampsIn(textOf(all[0]))).toEqual(times.slice(0, 1))
    }),
  )
})

test('a text that only speaks of marks has none', () => {
  expect(stampsIn(textOf({ title: '"bench_at":7', type: 'bench_at' }))).toEqual([])
  expect(stampsIn(Buffer.from('pong'))).toEqual([])
})

test('the last seq of a text is that of its last frame', () => {
  fc.assert(
    fc.property(frames, (all) => {
      expect(lastSeqIn(textOf(all).toString())).toBe(all.at(-1)?.seq)
    }),
  )
  expect(lastSeqIn('pong')).toBeNull()
})

test('every item of a batch gets the time at which the batch leaves', () => {
  const body = JSON.stringify({ notifications: [{ data: STAMP }, { data: STAMP }] })
  expect(stampsIn(Buffer.from(stamped(body, 1234.4)))).toEqual([1234, 1234])
})

test('the clock is the one that other processes read', () => {
  const systemUs = Number(process.hrtime.bigint() / 1_000n)
  expect(Math.abs(clockUs() - systemUs)).toBeLessThan(50_000)
})
