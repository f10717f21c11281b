import { expect, test } from 'vitest'
import type { Notice } from '../client/server/index.ts'
import { listenerOf } from './listener.ts'
import type { Colleague } from './plan.ts'

const ben: Colleague = { id: 'ben', name: 'Ben', emails: [], role: 'staff' }
const ana: Colleague = { id: 'ana', name: 'Ana', emails: [], role: 'manager' }

const word: Notice = { type: 'team.announcement', to: { location_id: 'downtown' }, message: 'Hi' }
const figure: Notice = {
  type: 'performance.goal_achieved',
  to: { location_id: 'downtown' },
  data: { metric: 'bookings', value: 1, goal: 1 },
}
const forStaff: Notice = { ...word, to: { location_id: 'downtown', roles: ['staff'] } }

test.each<[string, Notice, Colleague[], string | null]>([
  ['what all may see by the manager', word, [ben, ana], 'ana'],
  ['without a manager by anybody', word, [ben], 'ben'],
  ['figures by the manager', figure, [ben, ana], 'ana'],
  ['figures without a manager by nobody', figure, [ben], null],
  ['what is for staff by one of them', forStaff, [ana, ben], 'ben'],
  ['in a shop that nobody knows by nobody', word, [], null],
])('[NO4] what goes to a shop is heard: %s', (_name, body, people, listener) => {
  const planned = { what: 'x', at: 0, location: 'downtown', key: 'k', time: null, words: '' }
  expect(listenerOf({ ...planned, userId: null, body }, people)).toBe(listener)
  expect(listenerOf({ ...planned, userId: 'cleo', body }, people)).toBe('cleo')
})
