import { describe, expect, test } from 'vitest'
import type { Session } from '../../db/sessions.ts'
import {
  expiresAt,
  meaningOf,
  newNonce,
  newSecret,
  readToken,
  REPEAT_MS,
  writeToken,
  type Meaning,
} from './refresh-tokens.ts'

const NOW = 1_800_000_000_000
const DAY_MS = 24 * 3_600_000

const session = (more: Partial<Session> = {}): Session => ({
  id: 'session',
  user_id: 'ben',
  secret_hash: 'hash',
  nonce: 'third',
  previous_nonce: 'second',
  rotated_at: NOW - 1_000,
  created_at: NOW - DAY_MS,
  expires_at: NOW + DAY_MS,
  ended_at: null,
  ...more,
})

describe('meaningOf', () => {
  const cases: [string, string, Session | null, boolean, Meaning][] = [
    ['the newest', 'third', session(), true, 'rotate'],
    ['the one before, a second later', 'second', session(), true, 'repeat'],
    [
      'the one before, when it can no longer be a lost answer',
      'second',
      session({ rotated_at: NOW - REPEAT_MS }),
      true,
      'replay',
    ],
    ['an older one, a second later', 'first', session(), true, 'replay'],
    ['the newest of a session that ended', 'third', session({ ended_at: NOW - 1 }), true, 'over'],
    ['a replay of a session that ended', 'first', session({ ended_at: NOW - 1 }), true, 'over'],
    ['the newest, too late', 'third', session({ expires_at: NOW }), true, 'over'],
    ['the right nonce with the secret of another', 'third', session(), false, 'wrong'],
    ['a wrong nonce with the secret of another', 'first', session(), false, 'wrong'],
    ['one of no session', 'third', null, false, 'over'],
  ]

  test.each(cases)('[AU2] %s', (_what, nonce, stored, isOurs, meaning) => {
    expect(meaningOf({ nonce }, stored, isOurs, NOW)).toBe(meaning)
  })
})

test('[AU2] a session lives 30 days from its last use, and 90 in all', () => {
  expect(expiresAt(NOW, NOW)).toBe(NOW + 30 * DAY_MS)
  expect(expiresAt(NOW - 50 * DAY_MS, NOW)).toBe(NOW + 30 * DAY_MS)
  expect(expiresAt(NOW - 80 * DAY_MS, NOW)).toBe(NOW + 10 * DAY_MS)
  expect(expiresAt(NOW - 91 * DAY_MS, NOW)).toBeLessThan(NOW)
})

describe('the text of a token', () => {
  const id = '018f0000-0000-7000-8000-000000000000'

  test('[AU2] is read as it was written', () => {
    const token = { id, secret: newSecret(), nonce: newNonce() }
    expect(readToken(writeToken(token))).toEqual(token)
  })

  test.each(['', 'a.b.c', `${id}.${'s'.repeat(43)}`, `${id}.${'s'.repeat(43)}.${'n'.repeat(23)}`])(
    '[AU2] "%s" is none',
    (text) => {
      expect(readToken(text)).toBeNull()
    },
  )
})
