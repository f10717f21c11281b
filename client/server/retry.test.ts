import { expect, test } from 'vitest'
import { ShopbellError, type ClientErrorCode } from '../errors.ts'
import { retryDelayMs, type Tried } from './retry.ts'

const LIMITS = { maxAttempts: 4, maxTotalMs: 20_000 }
const error = (code: ClientErrorCode, retryAfterMs?: number) =>
  new ShopbellError(code, { retryAfterMs })
const lost: Tried = { attempts: 1, elapsedMs: 0, error: error('network'), roll: 0.5 }

test.each<[string, Partial<Tried>, number | null]>([
  ['the first wait is between 200 and 800 ms', {}, 500],
  ['at the bottom of the dice', { roll: 0 }, 200],
  ['each wait may be twice as long', { attempts: 3 }, 1_700],
  ['[CO6] what the server asks for comes on top', { error: error('rate_limited', 3_000) }, 3_500],
  ['not more often than allowed', { attempts: 4 }, null],
  ['not beyond the time there is', { elapsedMs: 19_600 }, null],
  ['not when the server asks for more than that', { error: error('unavailable', 20_000) }, null],
  ['503 of the archive', { error: error('archive_unavailable') }, 500],
  ['500', { error: error('internal') }, 500],
  ['never what is wrong', { error: error('invalid') }, null],
  ['never what is not allowed', { error: error('forbidden') }, null],
  ['[CO8] never what is not built', { error: error('not_available') }, null],
  ['never an answer that is not ours', { error: error('bad_answer') }, null],
])('%s', (_rule, tried, delay) => {
  expect(retryDelayMs({ ...lost, ...tried }, LIMITS)).toBe(delay)
})
