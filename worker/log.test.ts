import { afterEach, expect, test, vi } from 'vitest'
import { logFailure } from './log.ts'

const lines = vi.spyOn(console, 'error').mockImplementation(() => {})
afterEach(() => lines.mockClear())
const logged = () => String(lines.mock.calls[0]?.[0])

test('[AU5] a token does not reach a log line, however it got into an error', () => {
  const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJiZW4ifQ.c2lnbmF0dXJlLW9mLWJlbg'
  logFailure('failed', new Error(`bad url /api/v1/ws?token=${token}`))
  expect(logged()).not.toContain('eyJ')
  expect(logged()).toContain('?token=<token>')
})

test('[NO1] what people wrote stays out: a failed query is logged by its cause', () => {
  const cause = new Error('D1_ERROR: no such table: users')
  logFailure('failed', new Error('Failed query: insert ...\nparams: Ana Alvarez', { cause }))
  expect(logged()).not.toContain('Ana')
  expect(JSON.parse(logged())).toMatchObject({ event: 'failed', message: cause.message })
})
