import { describe, expect, test } from 'vitest'
import type { Identity } from '../../durable-objects/rpc.ts'
import { mayAnywhere, permits, refusalOf, RULES, type Rule } from './permissions.ts'

const caller = (role: Identity['role'], scp: string[] = []): Identity => ({
  sub: role === 'service' ? 'service:booking' : role,
  role,
  loc: {},
  scp,
  exp: 0,
  jti: '',
})
const all = ['notifications:send', 'events:send', 'directory:write', 'status:read']

/** What the table of AU7 says: admin, manager there, staff there, member elsewhere, service with all scopes, display. */
const TABLE: Record<Rule, string> = {
  'own inbox': 'self self self self - -',
  'send to a person': 'any own - - any -',
  'send to a location': 'any own - - any -',
  'send to all': 'any - - - any -',
  'ephemeral events': 'any own - - any -',
  'read users': 'any own self self - -',
  'write users': 'any - - - any -',
  'write roles of users': 'any - - - - -',
  'read locations': 'any own own - - -',
  'write locations': 'any - - - any -',
  'read members': 'any own own - - -',
  'write members': 'any own - - any -',
  'own socket': 'self self self self - -',
  'location socket': 'any own own - - -',
  'service keys': 'any - - - - -',
  'parked entries': 'any - - - - -',
  totals: 'any - - - any -',
}

const COLUMNS = [
  ['an admin', caller('admin'), {}],
  ['a manager there', caller('member'), { role: 'manager' }],
  ['staff there', caller('member'), { role: 'staff' }],
  ['a member of elsewhere', caller('member'), { role: null }],
  ['a service with every scope', caller('service', all), {}],
  ['a display', caller('display'), {}],
] as const

const CASES = Object.keys(RULES).flatMap((name) => {
  const rule = name as Rule
  const cells = TABLE[rule].split(' ')
  return COLUMNS.map(([who, identity, facts], index) => {
    const cell = cells[index] ?? ''
    return { rule, who, identity, facts, others: /any|own/.test(cell), own: cell !== '-' }
  })
})

describe('permits', () => {
  test.each(CASES)('[AU7] $rule, $who: others $others, own $own', (one) => {
    const { rule, identity, facts, others, own } = one
    expect(permits(rule, identity, facts)).toBe(others)
    const self = { ...facts, self: true }
    expect(permits(rule, identity, self)).toBe(own)
  })

  test.each(Object.keys(RULES) as Rule[])('[AU7] %s: a service without scopes may not', (rule) => {
    expect(permits(rule, caller('service'), { self: true })).toBe(false)
  })

  test('[AU7] a scope opens its own rows only', () => {
    const writer = caller('service', ['directory:write'])
    expect(permits('write users', writer, {})).toBe(true)
    expect(permits('send to a person', writer, {})).toBe(false)
  })
})

test.each([
  ['a member', 'send to a person', caller('member'), true],
  ['a member', 'send to all', caller('member'), false],
  ['a member', 'write users', caller('member'), false],
  ['a display', 'location socket', caller('display'), true],
  ['a display', 'own socket', caller('display'), false],
  ['a service', 'own inbox', caller('service', all), false],
] as const)('[AU7] may %s %s anywhere?', (_who, rule, identity, expected) => {
  expect(mayAnywhere(rule, identity)).toBe(expected)
})

test('[AU7] a GET out of reach is not there; a write or a socket out of reach is forbidden', () => {
  expect(refusalOf('GET /api/v1/users/:id')).toBe('not_found')
  expect(refusalOf('PUT /api/v1/users/:id')).toBe('forbidden')
  expect(refusalOf('POST /api/v1/notifications')).toBe('forbidden')
  expect(refusalOf('GET /api/v1/ws')).toBe('forbidden')
  expect(refusalOf('DELETE /api/v1/notifications/:id')).toBe('not_found')
})
