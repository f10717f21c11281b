import { describe, expect, test } from 'vitest'
import { HttpProblem } from '../problem.ts'
import { checkSend } from './check.ts'

const NOW = Date.parse('2026-11-20T10:00:00.000Z')
const at = (ms: number) => new Date(NOW + ms).toISOString()
const send = { to: { user_id: 'ben' }, type: 'custom', title: 'Hello' }

const refusal = (value: unknown) => {
  try {
    checkSend(value, NOW)
    return 'fine'
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error
    return [error.code, ...(error.errors ?? []).map(({ pointer }) => pointer)].join(' ')
  }
}

describe('checkSend', () => {
  test.each([
    ['[NO3] a plain one', {}, 'fine'],
    ['[NO5] due now', { deliver_at: at(0) }, 'fine'],
    ['[NO5] due 60 s ago', { deliver_at: at(-60_000) }, 'fine'],
    ['[CO5] due longer ago: the hub looks for the key first', { deliver_at: at(-60_001) }, 'fine'],
    ['[CO8] due later', { deliver_at: at(1) }, 'not_available'],
    ['[NO5] expires after now', { expires_at: at(1) }, 'fine'],
    ['[CO5] expired: the hub looks for the key first', { expires_at: at(0) }, 'fine'],
    ['[CO8] to everybody', { to: { all: true } }, 'not_available'],
    ['[NO3] at the same place', { to: { location_id: 'a' }, location_id: 'a' }, 'fine'],
    [
      '[NO3] at another place',
      { to: { location_id: 'a' }, location_id: 'b' },
      'invalid /location_id',
    ],
    ['[NO3] 48 KiB of data', { data: { text: 'x'.repeat(48 * 1024) } }, 'too_large'],
    ['[NO3] 48 KiB in two-byte letters', { data: { text: 'é'.repeat(24 * 1024) } }, 'too_large'],
    ['[NO2] an unknown type', { type: 'team.party' }, 'invalid /type'],
    ['[NO3] an empty list of roles', { to: { location_id: 'a', roles: [] } }, 'invalid /to/roles'],
  ])('%s', (_what, change, expected) => {
    expect(refusal({ ...send, ...change })).toBe(expected)
  })
})
