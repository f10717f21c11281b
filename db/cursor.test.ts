import { expect, test } from 'vitest'
import * as v from 'valibot'
import { decodeCursor, directionOf, encodeCursor } from './cursor.ts'
import { BadCursor } from './errors.ts'
import { readBounds } from './inbox-cursor.ts'

const Schema = v.strictObject({ user: v.string() })

test('[CO4] a cursor is opaque, fits a query as it is, and comes back', () => {
  const cursor = encodeCursor({ user: 'é?&/+=' })
  expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/)
  expect(decodeCursor(cursor, Schema, false)).toEqual({ user: 'é?&/+=' })
})

test.each([
  ['not base64', '***'],
  ['not JSON', 'aGVsbG8'],
  ['of another list', encodeCursor({ b: [] })],
  ['cut off', encodeCursor({ user: 'ana' }).slice(0, -4)],
])('[CO4] a cursor that is %s is refused', (_what, cursor) => {
  expect(() => decodeCursor(cursor, Schema, false)).toThrow(BadCursor)
})

test.each([
  ['a bound that is no place', { b: [['x', 'yesterday']] }],
  ['a place with SQL in it', { b: [['x', "e:000000000001' --"]] }],
  ['bounds that are no list', { b: { x: '' } }],
])('[CO4] an inbox cursor with %s is refused', (_what, value) => {
  expect(() => readBounds(encodeCursor(value), 'ana', false)).toThrow(BadCursor)
})

test('[CO4] one cannot go both ways at once', () => {
  expect(() => directionOf({ after: 'a', before: 'b' })).toThrow(BadCursor)
})
