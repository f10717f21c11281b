import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_FRAME_BYTES } from '../../protocol/limits.ts'
import { joinFrames } from './batches.ts'

const frameOf = (seq: number, fill = '') => JSON.stringify({ seq, fill })
const bytesOf = (text: string) => new TextEncoder().encode(text).length

/** The frames of texts, as a client reads them (WS3). */
const read = (texts: readonly string[]): unknown[] =>
  texts.flatMap((text) => JSON.parse(text) as unknown)

describe('texts from frames', () => {
  test('[WS3] nothing to say is no text', () => {
    expect(joinFrames([])).toEqual([])
  })

  test('[WS3] a single frame travels bare, frames that wait together as one array', () => {
    expect(joinFrames([frameOf(1)])).toEqual([frameOf(1)])
    expect(joinFrames([frameOf(1), frameOf(2)])).toEqual([`[${frameOf(1)},${frameOf(2)}]`])
  })

  test('[WS3] a text may have 64 KiB to the byte', () => {
    const half = 'x'.repeat((MAX_FRAME_BYTES - 3) / 2 - frameOf(1).length)
    const [left, right] = [frameOf(1, half), frameOf(2, half)]
    const fitting = joinFrames([left, `${right.slice(0, -2)}x"}`])
    expect(fitting.map(bytesOf)).toEqual([MAX_FRAME_BYTES])
    expect(joinFrames([left, `${right.slice(0, -2)}xx"}`])).toHaveLength(2)
  })

  const fill = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.nat(40_000).map((length) => 'x'.repeat(length)),
    fc.nat(20_000).map((length) => '🎉'.repeat(length)),
  )

  test('[ST3] order is kept, nothing is lost, and only a frame alone is over 64 KiB', () => {
    fc.assert(
      fc.property(fc.array(fill, { maxLength: 30 }), (fills) => {
        const frames = fills.map((one, index) => frameOf(index, one))
        const texts = joinFrames(frames)
        expect(isDeepStrictEqual(read(texts), read(frames))).toBe(true)
        for (const text of texts) {
          expect(bytesOf(text) <= MAX_FRAME_BYTES || !text.startsWith('[')).toBe(true)
        }
      }),
      { numRuns: 50 },
    )
  })

  test('[WS3] no two neighbouring texts would have fitted into one', () => {
    fc.assert(
      fc.property(fc.array(fill, { maxLength: 30 }), (fills) => {
        const texts = joinFrames(fills.map((one, index) => frameOf(index, one)))
        for (const [index, text] of texts.entries()) {
          const next = texts[index + 1]
          if (next === undefined) continue
          const first = (JSON.parse(next.startsWith('[') ? next : `[${next}]`) as unknown[])[0]
          const together = bytesOf(text) + bytesOf(JSON.stringify(first))
          // A bare frame becomes an array with its neighbour: two brackets and a comma.
          expect(together).toBeGreaterThan(MAX_FRAME_BYTES - 3)
        }
      }),
      { numRuns: 50 },
    )
  })
})
