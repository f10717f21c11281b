import { signal } from '@preact/signals'
import { describe, expect, test } from 'vitest'
import type { InboxEntry, InboxState } from '../../client/types.ts'
import { ReadingModel } from './reading.ts'

const entry = (minute: number) =>
  ({ id: `id-${minute}`, sent_at: `2026-11-12T10:${minute}:00.000Z` }) as InboxEntry

function open(minutes: number[], status: InboxState['status'] = 'ready') {
  const state = (held: number[], now: InboxState['status']): InboxState => ({
    status: now,
    notifications: held.map(entry),
    counts: { unread: 0, unseen: 0, action_required: 0 },
    hasMore: false,
    isLoadingMore: false,
    error: null,
    unsent: { count: 0, ids: new Set(), isLasting: true },
  })
  const inbox = signal(state(minutes, status))
  const reading = new ReadingModel(inbox)
  return {
    reading,
    becomes: (held: number[], now: InboxState['status'] = 'ready') => {
      inbox.value = state(held, now)
    },
    ids: () => reading.shown.value.map((one) => one.id),
  }
}

describe('what of the inbox is on the screen', () => {
  test('at the top a new one is shown at once, and nothing waits', () => {
    const { reading, becomes, ids } = open([20, 10])
    becomes([30, 20, 10])
    expect(ids()).toEqual(['id-30', 'id-20', 'id-10'])
    expect(reading.waiting.value).toBe(0)
  })

  test('scrolled away, new ones wait behind the pill and move nothing', () => {
    const { reading, becomes, ids } = open([20, 10])
    reading.scrolledAway()
    becomes([40, 30, 20, 10])
    expect(ids()).toEqual(['id-20', 'id-10'])
    expect(reading.waiting.value).toBe(2)
    reading.backAtTop()
    expect(ids()).toEqual(['id-40', 'id-30', 'id-20', 'id-10'])
  })

  test('scrolled away, what is deleted elsewhere goes all the same', () => {
    const { reading, becomes, ids } = open([20, 10])
    reading.scrolledAway()
    becomes([30, 10])
    expect(ids()).toEqual(['id-10'])
    expect(reading.waiting.value).toBe(1)
  })

  test('older ones that are loaded show below the line', () => {
    const { reading, becomes, ids } = open([30, 20])
    reading.scrolledAway()
    becomes([30, 20, 10])
    expect(ids()).toEqual(['id-30', 'id-20', 'id-10'])
  })

  test('the bell swings for what arrives, not for the first list nor for what goes away', () => {
    const { reading, becomes } = open([], 'loading')
    becomes([20, 10])
    expect(reading.arrivals.value).toBe(0)
    becomes([30, 20, 10])
    expect(reading.arrivals.value).toBe(1)
    becomes([20, 10])
    becomes([30, 20, 10])
    expect(reading.arrivals.value).toBe(1)
  })

  test('a first one in an empty inbox rings', () => {
    const { reading, becomes } = open([])
    becomes([10])
    expect(reading.arrivals.value).toBe(1)
    expect(reading.hasJustArrived(entry(10))).toBe(true)
  })

  test('rows that were there slide in no second time', () => {
    const { reading, becomes } = open([10])
    becomes([20, 10])
    expect(reading.hasJustArrived(entry(20))).toBe(true)
    expect(reading.hasJustArrived(entry(10))).toBe(false)
    reading.settle()
    expect(reading.hasJustArrived(entry(20))).toBe(false)
  })
})
