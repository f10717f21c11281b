import { expect, test } from 'vitest'
import { canonicalJson, hashOf } from './canonical.ts'

test('[CO5] the order of keys and what is undefined make no difference', async () => {
  const one = { to: { user_id: 'ben' }, data: { b: [1, { y: 1, x: 2 }], a: null } }
  const two = {
    data: { a: null, b: [1, { x: 2, y: 1 }] },
    title: undefined,
    to: { user_id: 'ben' },
  }
  expect(canonicalJson(one)).toBe(
    '{"data":{"a":null,"b":[1,{"x":2,"y":1}]},"to":{"user_id":"ben"}}',
  )
  expect(await hashOf(one)).toBe(await hashOf(two))
})

test.each([
  ['another value', { a: 1 }, { a: 2 }],
  ['a text instead of a number', { a: 1 }, { a: '1' }],
  ['another order of a list', { a: [1, 2] }, { a: [2, 1] }],
  ['null instead of nothing', { a: null }, {}],
  ['a nested key moved up', { a: { b: 1 } }, { 'a.b': 1 }],
])('[CO5] %s is another body', async (_what, one, two) => {
  expect(await hashOf(one)).not.toBe(await hashOf(two))
})
