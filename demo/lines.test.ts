import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blocksOf, unfold } from './lines.ts'

const texts = (text: string) => unfold(text).map((line) => line.text)

describe('folded lines', () => {
  test.each([
    ['CRLF', '\r\n'],
    ['LF', '\n'],
    ['CR', '\r'],
  ])('[RFC 5545, 3.1] are joined where lines end in %s', (_name, end) => {
    const text = ['SUMMARY:Skin f', ' ade', 'DTSTART:2026', '\t0907', ''].join(end)
    expect(unfold(text)).toEqual([
      { text: 'SUMMARY:Skin fade', number: 1 },
      { text: 'DTSTART:20260907', number: 3 },
    ])
  })

  test('[RFC 5545, 3.1] any line folded anywhere reads as it was', () => {
    const line = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 200 })
      .filter((text) => !/[\r\n]/.test(text) && !/^\s/.test(text) && text.trim() !== '')
    const folded = fc.tuple(line, fc.array(fc.nat(200), { maxLength: 8 }), fc.boolean())
    fc.assert(
      fc.property(fc.array(folded, { minLength: 1 }), (lines) => {
        const text = lines.map(([whole, cuts, tab]) => foldedAt(whole, cuts, tab ? '\t' : ' '))
        expect(texts(text.join('\r\n'))).toEqual(lines.map(([whole]) => whole))
      }),
    )
  })

  test('a byte order mark and empty lines are nothing', () => {
    expect(unfold('\uFEFFA:1\n\n\nB:2\n')).toEqual([
      { text: 'A:1', number: 1 },
      { text: 'B:2', number: 4 },
    ])
  })
})

function foldedAt(text: string, cuts: number[], space: string): string {
  const at = [...new Set(cuts)]
    .filter((cut) => cut > 0 && cut < text.length)
    .toSorted((a, b) => a - b)
  const parts = [0, ...at].map((from, index) => text.slice(from, at[index] ?? text.length))
  return parts.join(`\r\n${space}`)
}

describe('blocks', () => {
  const read = (...lines: string[]) => blocksOf(unfold(lines.join('\n')))

  test('keep their own lines and their line number', () => {
    const { blocks, problems } = read(
      'BEGIN:VCALENDAR',
      'BEGIN:VEVENT',
      'UID:1',
      'BEGIN:VALARM',
      'ACTION:AUDIO',
      'END:VALARM',
      'END:VEVENT',
      'END:VCALENDAR',
    )
    expect(problems).toEqual([])
    expect(blocks[0]?.blocks[0]).toMatchObject({
      name: 'VEVENT',
      line: 2,
      lines: [{ text: 'UID:1', number: 3 }],
      blocks: [{ name: 'VALARM', line: 4 }],
    })
  })

  test('an event that is cut off is reported, the one behind it is read', () => {
    const { blocks, problems } = read(
      'BEGIN:VCALENDAR',
      'BEGIN:VEVENT',
      'UID:1',
      'BEGIN:VEVENT',
      'UID:2',
      'END:VEVENT',
      'END:VCALENDAR',
    )
    expect(problems).toEqual([{ line: 2, message: 'BEGIN:VEVENT is never closed' }])
    expect(blocks[0]?.blocks.map((block) => block.line)).toEqual([4])
  })

  test('a file that breaks off keeps what was whole', () => {
    const { blocks, problems } = read(
      'BEGIN:VCALENDAR',
      'BEGIN:VEVENT',
      'UID:1',
      'END:VEVENT',
      'BEGIN:VEVENT',
    )
    expect(problems.map((problem) => problem.line)).toEqual([5])
    expect(blocks[0]?.blocks).toHaveLength(1)
  })

  test('an END without a BEGIN is reported', () => {
    expect(read('END:VEVENT').problems).toEqual([{ line: 1, message: 'END:VEVENT closes nothing' }])
  })

  test('nothing that a file can hold makes them throw', () => {
    const mark = fc.constantFrom(
      'BEGIN:VCALENDAR',
      'END:VCALENDAR',
      'BEGIN:VEVENT',
      'END:VEVENT',
      'X',
    )
    fc.assert(
      fc.property(fc.array(mark), (lines) => {
        expect(() => read(...lines)).not.toThrow()
      }),
    )
  })
})
