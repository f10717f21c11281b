import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { PageQuery } from '../protocol/api.ts'
import { readBody, readQuery } from './input.ts'
import { HttpProblem } from './problem.ts'

const put = (body: BodyInit | null, headers: Record<string, string> = {}) =>
  new Request('https://shop.example/', {
    method: 'PUT',
    body,
    headers,
    duplex: 'half',
  } as RequestInit)

/** A body of unknown length: there is no Content-Length to look at. */
const streamed = (...parts: Uint8Array[]) =>
  put(
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (const part of parts) controller.enqueue(part)
        controller.close()
      },
    }),
  )

const codeOf = async (attempt: Promise<unknown> | (() => unknown)) => {
  try {
    await (typeof attempt === 'function' ? attempt() : attempt)
    return 'fine'
  } catch (error) {
    return error instanceof HttpProblem ? error.code : error
  }
}

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

describe('readBody', () => {
  test('an empty body counts as an empty object', async () => {
    expect(await readBody(put(null), v.strictObject({}))).toEqual({})
  })

  test('a text cut in the middle of a letter is put together', async () => {
    const bytes = new TextEncoder().encode('"é"')
    expect(await readBody(streamed(bytes.slice(0, 2), bytes.slice(2)), v.string())).toBe('é')
  })

  test.each([
    ['[CO3] broken JSON', put('{"a":'), 'bad_request'],
    ['[CO3] what is not UTF-8', put(new Uint8Array([0x22, 0xff, 0x22])), 'bad_request'],
    ['[CO3] half a letter at the end', put(new Uint8Array([0x22, 0xc3])), 'bad_request'],
    ['[CO3] a wrong type', put('7'), 'invalid'],
    ['[CO3] an unknown top-level field', put('{"b":1}'), 'invalid'],
    ['[CO6] a byte too much', put(`"${'x'.repeat(99)}"`), 'too_large'],
    ['[CO6] the same without Content-Length', streamed(new Uint8Array(101)), 'too_large'],
    ['[CO6] a Content-Length too large', put('{}', { 'Content-Length': '101' }), 'too_large'],
    ['nesting that nobody means', put(nested(40)), 'invalid'],
  ])('%s', async (_what, request, code) => {
    expect(await codeOf(readBody(request, v.strictObject({}), 100))).toBe(code)
  })

  test('the deepest that is read, and one more', async () => {
    expect(await codeOf(readBody(put(nested(32)), v.unknown()))).toBe('fine')
    expect(await codeOf(readBody(put(nested(33)), v.unknown()))).toBe('invalid')
    expect(await codeOf(readBody(put(nested(30_000)), v.unknown()))).toBe('invalid')
  })

  test('[CO3] too deep is an error of the whole body', async () => {
    await expect(readBody(put(nested(33)), v.unknown())).rejects.toMatchObject({
      errors: [{ pointer: '', message: 'may be nested 32 levels deep' }],
    })
  })
})

describe('readQuery', () => {
  const read = (query: string) => () => readQuery(`https://shop.example/?${query}`, PageQuery)

  test('[CO4] a page has 20 where nothing is asked', () => {
    expect(read('')()).toEqual({ limit: 20 })
  })

  test.each([
    ['limit=0'],
    ['limit=101'],
    ['limit=1e1'],
    ['limit='],
    ['limit=5&limit=6'],
    ['colour=red'],
    ['after='],
  ])('[CO4] refuses %s', async (query) => {
    expect(await codeOf(read(query))).toBe('invalid')
  })
})
