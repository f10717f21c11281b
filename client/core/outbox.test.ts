import { describe, expect, test } from 'vitest'
import type { Operation, Queued, Wish } from '../types.ts'
import { markOf } from './operation.ts'
import {
  dueAt,
  EMPTY_OUTBOX,
  isExpired,
  MAX_AGE_MS,
  MAX_WAITING,
  outboxStep,
  type Outbox,
  type OutboxEvent,
} from './outbox.ts'

const NOW = 1_000_000
const READ: Wish = { verb: 'mark', id: 'n1', mark: 'read' }

const operation = (key: string, wish: Wish = READ): Operation => ({
  key,
  userId: 'ben',
  at: NOW,
  wish,
})
const kept = (key: string, place: number): Queued => ({ ...operation(key), place })

/** The outbox after these, and what the last of them settled. */
function after(...events: OutboxEvent[]) {
  let step = { outbox: EMPTY_OUTBOX, settled: [] as unknown[] }
  for (const event of events) step = outboxStep(step.outbox, event, NOW)
  return step
}

const wished = (key: string): OutboxEvent => ({ type: 'wished', operation: operation(key) })
const keeps = (key: string, place: number): OutboxEvent => ({ type: 'kept', key, place })
const later = (retryAfterMs = 0, roll = 0): OutboxEvent => ({
  type: 'tried',
  key: 'a',
  outcome: { kind: 'later', retryAfterMs },
  roll,
})
const done = (key: string): OutboxEvent => ({
  type: 'tried',
  key,
  outcome: { kind: 'done', answer: null },
  roll: 0,
})
const keys = ({ queue }: Outbox) => queue.map(({ key }) => key)

describe('[TR6] in order, one at a time', () => {
  test('nothing goes before it is on the disk, and then at once', () => {
    expect(dueAt(after(wished('a')).outbox)).toBeNull()
    expect(dueAt(after(wished('a'), keeps('a', 1)).outbox)).toBe(0)
    expect(dueAt(EMPTY_OUTBOX)).toBeNull()
  })

  test('the order is that of the disk, which all tabs share; what it does not have yet is last', () => {
    const { outbox } = after(wished('a'), wished('b'), keeps('b', 7), {
      type: 'read',
      rows: [kept('other', 5), kept('b', 7)],
    })
    expect(keys(outbox)).toEqual(['other', 'b', 'a'])
    expect(keys(outboxStep(outbox, keeps('a', 6), NOW).outbox)).toEqual(['other', 'a', 'b'])
  })

  test('what was answered is told, and not there any more, even where an old reading brings it', () => {
    const step = after(wished('a'), wished('b'), keeps('a', 1), keeps('b', 2), done('a'))
    expect(step.settled).toEqual([{ key: 'a', outcome: { kind: 'done', answer: null } }])
    const read: OutboxEvent = { type: 'read', rows: [kept('a', 1), kept('b', 2)] }
    const again = outboxStep(step.outbox, read, NOW)
    expect(keys(again.outbox)).toEqual(['b'])
    expect([...again.outbox.gone]).toEqual(['a'])
    const removed = outboxStep(again.outbox, { type: 'removed', key: 'a' }, NOW).outbox
    expect(removed.gone.size).toBe(0)
  })

  test('what is off the disk without a word was settled by another tab', () => {
    const step = after(wished('a'), wished('b'), keeps('a', 1), { type: 'read', rows: [] })
    expect(step.settled).toEqual([{ key: 'a', outcome: { kind: 'done', answer: null } }])
    expect(keys(step.outbox)).toEqual(['b'])
  })

  test('a sender that died is no reason to wait', () => {
    const { outbox } = after(wished('a'), keeps('a', 1), { type: 'sent', key: 'a' })
    expect(outbox.sent).toBe('a')
    expect(dueAt(outbox)).toBe(0)
  })

  test('given up is settled, all of it', () => {
    const step = after(wished('a'), wished('b'), keeps('a', 1), { type: 'forgotten' })
    expect(keys(step.outbox)).toEqual([])
    expect(step.settled).toHaveLength(2)
  })
})

describe('[TR6] when to try again', () => {
  const first = [wished('a'), keeps('a', 1)]

  test('with full jitter, later each time, up to a minute', () => {
    expect(dueAt(after(...first, later(0, 0)).outbox)).toBe(NOW + 500)
    expect(dueAt(after(...first, later(0, 0.999)).outbox)).toBeGreaterThan(NOW + 1_900)
    const many = Array.from({ length: 20 }, () => later(0, 0.999))
    expect(dueAt(after(...first, ...many).outbox)).toBeGreaterThan(NOW + 59_000)
    expect(dueAt(after(...first, ...many).outbox)).toBeLessThanOrEqual(NOW + 60_000)
  })

  test('at once when the network may be back', () => {
    expect(dueAt(after(...first, later(), later(), { type: 'wake' }).outbox)).toBeLessThanOrEqual(
      NOW,
    )
  })

  test('not before the server wants it, whatever wakes', () => {
    const { outbox } = after(...first, later(30_000), { type: 'wake' })
    expect(dueAt(outbox)).toBe(NOW + 30_000)
  })

  test('an answer takes the patience away', () => {
    const { outbox } = after(...first, wished('b'), keeps('b', 2), later(30_000), done('a'))
    expect(dueAt(outbox)).toBe(0)
  })
})

describe('[TR6] bounded', () => {
  test('the one that finds no room is refused with a word, the others stay', () => {
    const many = Array.from({ length: MAX_WAITING }, (_, i) => wished(`k${i}`))
    expect(after(...many).settled).toEqual([])
    const step = after(...many, wished('one more'))
    expect(step.settled).toMatchObject([
      { key: 'one more', outcome: { kind: 'refused', code: 'outbox_full' } },
    ])
    expect(step.outbox.queue).toHaveLength(MAX_WAITING)
  })

  test('what is a month old is nothing that anybody still wants', () => {
    expect(isExpired(operation('a'), NOW + MAX_AGE_MS)).toBe(false)
    expect(isExpired(operation('a'), NOW + MAX_AGE_MS + 1)).toBe(true)
  })
})

describe('[AR5] how it shows', () => {
  const up_to = { 'user:ben': 4 }
  test.each<[Wish, string, object]>([
    [READ, 'read', { notification_ids: ['n1'] }],
    [{ verb: 'unmark', id: 'n1', mark: 'read' }, 'unread', { notification_ids: ['n1'] }],
    [{ verb: 'unmark', id: 'n1', mark: 'archived' }, 'unarchived', { notification_ids: ['n1'] }],
    [{ verb: 'remove', id: 'n1' }, 'deleted', { notification_ids: ['n1'] }],
    [{ verb: 'clear', body: { up_to } }, 'deleted', { up_to }],
    [
      { verb: 'read_all', body: { up_to, category: 'team', location_id: 'x' } },
      'read',
      { up_to, category: 'team' },
    ],
  ])('%o', (wish, state, target) => {
    const mark = markOf(operation('a', wish), false)
    expect(mark).toMatchObject({ key: 'a', isSent: false, made: { state } })
    expect(mark.target).toEqual(target)
  })
})
