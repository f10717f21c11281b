import { expect, test } from 'vitest'
import { CLOSE_CODES, ERRORS } from './errors.ts'
import { MAX_CLOSE_REASON_BYTES } from './limits.ts'

test('[WS8] codes below 4500 say come back, from 4500 on do not', () => {
  for (const [code, { reason, retry }] of Object.entries(CLOSE_CODES)) {
    expect([code, retry === 'never']).toEqual([code, Number(code) >= 4500])
    expect(reason.length).toBeLessThanOrEqual(MAX_CLOSE_REASON_BYTES)
  }
})

test('[CO3] every error has a status that fits what a client should do', () => {
  const fits = (row: (typeof ERRORS)[keyof typeof ERRORS]) =>
    row.status >= 400 &&
    row.status < 600 &&
    (row.client !== 'retry' || row.temporary) &&
    (row.client !== 'fix' || row.status < 500)
  const unfit = Object.entries(ERRORS).filter(([, row]) => !fits(row))
  expect(unfit).toEqual([])
})
