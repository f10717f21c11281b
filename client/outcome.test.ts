import { describe, expect, test } from 'vitest'
import { ShopbellError, type ClientErrorCode } from './errors.ts'
import { outcomeOf } from './outcome.ts'
import type { Wish } from './types.ts'

const READ: Wish = { verb: 'mark', id: 'n1', mark: 'read' }

describe('[CO3] what an answer means', () => {
  const fails = (code: ClientErrorCode, wish: Wish = READ, more: object = { requestId: 'r1' }) =>
    outcomeOf(wish, { ok: false, error: new ShopbellError(code, more) })

  test.each<ClientErrorCode>([
    'network',
    'unavailable',
    'archive_unavailable',
    'internal',
    'rate_limited',
    'unauthorized',
  ])('%s: kept', (code) => {
    expect(fails(code).kind).toBe('later')
  })

  test.each<ClientErrorCode>(['forbidden', 'invalid', 'not_found', 'not_available', 'too_large'])(
    '%s: refused',
    (code) => {
      expect(fails(code)).toMatchObject({ kind: 'refused', code })
    },
  )

  test('404 of a delete is what was asked for', () => {
    expect(fails('not_found', { verb: 'remove', id: 'n1' })).toEqual({ kind: 'done', answer: null })
  })

  test("a network's own page in the place of the server refuses nothing", () => {
    expect(fails('forbidden', READ, {}).kind).toBe('later')
    expect(fails('not_found', { verb: 'remove', id: 'n1' }, {}).kind).toBe('later')
    expect(fails('bad_answer', READ, {})).toEqual({ kind: 'later', retryAfterMs: 60_000 })
  })

  test("the server's patience is kept", () => {
    const error = { requestId: 'r1', retryAfterMs: 7_000 }
    expect(fails('rate_limited', READ, error)).toEqual({ kind: 'later', retryAfterMs: 7_000 })
  })
})
