import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { Send } from '../../protocol/notification.ts'
import { ASKS_ACKNOWLEDGEMENT, ASKS_ACTION, asksOf, storedFrom } from './notification.ts'

const given = {
  id: '0193a6a0-0000-7000-8000-000000000001',
  sender: 'service:demo-booking',
  sentAt: Date.UTC(2026, 10, 23, 9),
  created_at: '2026-11-23T08:59:59.990Z',
  replaces: null,
}

const full: Send = {
  to: { location_id: 'downtown', roles: ['manager'] },
  type: 'custom',
  title: 'Till is open',
  message: 'Close it',
  data: { till: 2 },
  priority: 'urgent',
  expires_at: '2026-11-24T09:00:00.000Z',
  deliver_at: '2026-11-23T08:59:50.000Z',
  collapse_key: 'till:2',
  entity: { type: 'till', id: '2' },
  actions: [{ id: 'mine', label: 'I go' }],
  requires_ack: true,
}

describe('what the log keeps of a send', () => {
  test('[NO1] everything that was given, and what the hub adds', () => {
    expect(storedFrom(full, { ...given, replaces: 'older' })).toEqual({
      ...full,
      id: given.id,
      sender: given.sender,
      sent_at: '2026-11-23T09:00:00.000Z',
      created_at: given.created_at,
      location_id: 'downtown',
      replaces: 'older',
    })
  })

  test('[NO2] what was not given is not stored, but for the type’s priority', () => {
    const send: Send = { to: { user_id: 'ben' }, type: 'performance.trend' }
    expect(storedFrom({ ...send, requires_ack: false }, given)).toEqual({
      ...send,
      priority: 'low',
      id: given.id,
      sender: given.sender,
      sent_at: '2026-11-23T09:00:00.000Z',
      created_at: given.created_at,
    })
  })

  test('[NO3] beside a person stands the location that was named', () => {
    const send: Send = { to: { user_id: 'ben' }, type: 'custom', location_id: 'downtown' }
    expect(storedFrom(send, given).location_id).toBe('downtown')
  })

  test.each<[string, Partial<Send>, number]>([
    ['[IN1] nothing', {}, 0],
    ['[IN1] an acknowledgement', { requires_ack: true }, ASKS_ACKNOWLEDGEMENT],
    ['[IN1] an action', { actions: [{ id: 'a', label: 'A' }] }, ASKS_ACTION],
    [
      '[IN1] both',
      { requires_ack: true, actions: [{ id: 'a', label: 'A' }] },
      ASKS_ACKNOWLEDGEMENT | ASKS_ACTION,
    ],
  ])('%s is asked of the reader', (_rule, asked, expected) => {
    const send: Send = { to: { user_id: 'ben' }, type: 'custom', ...asked }
    expect(asksOf(storedFrom(send, given))).toBe(expected)
  })

  test('[NO3] the example above is a valid send', () => {
    expect(v.parse(Send, full)).toEqual(full)
  })
})
