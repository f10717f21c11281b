import { describe, expect, test } from 'vitest'
import { FRESH_STATE, type NotificationState } from '../../protocol/notification.ts'
import type { StateChange } from '../../protocol/server-frames.ts'
import { entry, READ, START } from '../../tests/client/view-ride.ts'
import { applyTo, changed, countsOf, isShown, nextChange, type Item } from './entry.ts'

const AT = '2026-11-23T10:00:00.000Z'
const LATER = '2026-11-23T11:00:00.000Z'
const NOW = START
const PAST = new Date(NOW - 1).toISOString()
const FUTURE = new Date(NOW + 1).toISOString()

const after = (state: StateChange, before: Partial<NotificationState> = {}, at = AT) =>
  changed({ ...FRESH_STATE, ...before }, { state, at }, 'ben')

const read = { is_read: true, read_at: AT, seen_at: AT }
const item = (more: Parameters<typeof entry>[1] = {}, isGone = false): Item => ({
  entry: entry('n1', more),
  isGone,
})
const withState = (state: Partial<NotificationState>) =>
  item({ state: { ...FRESH_STATE, ...state } })

describe('[IN2] what a mark sets', () => {
  test.each<[string, StateChange, Partial<NotificationState>]>([
    ['read implies seen', 'read', read],
    ['seen does not imply read', 'seen', { seen_at: AT }],
    ['archived implies read', 'archived', { ...read, archived_at: AT }],
    ['acknowledged implies read', 'acknowledged', { ...read, acknowledged_at: AT }],
    ['deleted says nothing of its own', 'deleted', {}],
    ['cancelled says nothing of its own', 'cancelled', {}],
  ])('%s', (_title, state, expected) => {
    expect(after(state)).toEqual({ ...FRESH_STATE, ...expected })
  })

  test.each<[string, StateChange, Partial<NotificationState>, Partial<NotificationState>]>([
    ['unread keeps it seen', 'unread', read, { seen_at: AT }],
    ['unseen keeps it read', 'unseen', read, { ...read, seen_at: null }],
    ['unarchived keeps it read', 'unarchived', { ...read, archived_at: AT }, read],
    ['unacknowledged keeps it read', 'unacknowledged', { ...read, acknowledged_at: AT }, read],
    ['unsnoozed keeps it unread', 'unsnoozed', { snoozed_until: LATER }, {}],
    [
      'reopened takes the outcome back',
      'reopened',
      { outcome: { action: 'a', user_id: 'b', at: AT } },
      {},
    ],
  ])('unsetting one unsets nothing else: %s', (_title, state, before, expected) => {
    expect(after(state, before)).toEqual({ ...FRESH_STATE, ...expected })
  })

  test.each<StateChange>(['read', 'seen', 'archived', 'acknowledged'])(
    'doing it twice changes nothing: %s',
    (state) => {
      const once = after(state)
      expect(after(state, once, LATER)).toEqual(once)
    },
  )

  test('a snoozed entry comes back unread', () => {
    const state = changed(
      { ...FRESH_STATE, ...read },
      { state: 'snoozed', at: AT, until: LATER },
      'ben',
    )
    expect(state).toMatchObject({ is_read: false, read_at: null, snoozed_until: LATER })
  })

  test.each([
    ['the winner', 'ben', true],
    ['everybody else', 'cleo', false],
  ])('[IN4] an outcome is read for %s', (_title, user_id, isRead) => {
    const outcome = { action: 'yes', user_id, at: AT }
    const state = changed(FRESH_STATE, { state: 'acted', at: AT, outcome }, 'ben')
    expect(state).toMatchObject({ outcome, is_read: isRead })
  })

  test.each<StateChange>(['deleted', 'cancelled'])('%s: it is gone, and stays so', (state) => {
    const gone = applyTo(item(), { state, at: AT }, 'ben')
    expect(gone.isGone).toBe(true)
    expect(applyTo(gone, { state: 'unread', at: AT }, 'ben').isGone).toBe(true)
  })
})

describe('[IN1] what is shown and counted', () => {
  const none = { unread: 0, unseen: 0, action_required: 0 }

  test.each<[string, Item]>([
    ['deleted, replaced or cancelled', item({}, true)],
    ['expired', item({ expires_at: PAST })],
    ['expired this very moment', item({ expires_at: new Date(NOW).toISOString() })],
    ['archived', withState({ archived_at: AT })],
    ['snoozed', withState({ snoozed_until: FUTURE })],
  ])('%s: not at all', (_title, one) => {
    expect(isShown(one, NOW)).toBe(false)
    expect(countsOf(one, NOW)).toEqual(none)
  })

  test.each<[string, Item, object]>([
    ['new', item(), { unread: 1, unseen: 1 }],
    ['not expired yet', item({ expires_at: FUTURE }), { unread: 1, unseen: 1 }],
    ['back from a snooze', withState({ snoozed_until: PAST }), { unread: 1, unseen: 1 }],
    ['seen', withState({ seen_at: AT }), { unread: 1 }],
    ['read', item({ state: READ }), {}],
    ['read, then marked unread', withState({ seen_at: AT, is_read: false }), { unread: 1 }],
    [
      'asking for a confirmation, read or not',
      item({ state: READ, requires_ack: true }),
      { action_required: 1 },
    ],
    ['confirmed', item({ state: { ...READ, acknowledged_at: AT }, requires_ack: true }), {}],
    [
      'asking for an answer',
      item({ state: READ, actions: [{ id: 'a', label: 'A' }] }),
      { action_required: 1 },
    ],
    [
      'asking for both is one',
      item({ state: READ, requires_ack: true, actions: [{ id: 'a', label: 'A' }] }),
      { action_required: 1 },
    ],
    [
      'answered by anybody',
      item({
        state: { ...READ, outcome: { action: 'a', user_id: 'cleo', at: AT } },
        actions: [{ id: 'a', label: 'A' }],
      }),
      {},
    ],
  ])('%s', (_title, one, expected) => {
    expect(isShown(one, NOW)).toBe(true)
    expect(countsOf(one, NOW)).toEqual({ ...none, ...expected })
  })
})

describe('when time alone changes an entry', () => {
  test.each<[string, Item, number]>([
    ['never', item(), Infinity],
    ['at its end', item({ expires_at: FUTURE }), NOW + 1],
    ['at the end of its snooze', withState({ snoozed_until: FUTURE }), NOW + 1],
    ['no more, once that is past', item({ expires_at: PAST }), Infinity],
    ['no more, once it is gone', item({ expires_at: FUTURE }, true), Infinity],
  ])('%s', (_title, one, at) => {
    expect(nextChange(one, NOW)).toBe(at)
  })
})
