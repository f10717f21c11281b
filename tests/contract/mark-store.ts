// What a user hub relies on of its steps and marks, on any SQLite (IN2, AR6).
import { describe, expect, test } from 'vitest'
import type { Place } from '../../protocol/ids.ts'
import { MarkStore } from '../../durable-objects/store/marks.ts'
import type { OnStorage } from './on.ts'

const at = (seq: number, change: Partial<Place> = {}): Place => ({
  stream: 'user:ana',
  epoch: 'e1',
  seq,
  ...change,
})

function stateTests(on: OnStorage): void {
  test('[IN2][WS13] a mark is known in the next life of the hub', () =>
    on((sql) => {
      new MarkStore(sql).mark(at(3), 'team', 'archived', 100)
      const store = new MarkStore(sql)
      expect(store.stateOf(at(3), 'team')).toEqual({
        read_at: 100,
        seen_at: 100,
        archived_at: 100,
        deleted_at: null,
        acknowledged_at: null,
      })
      expect(store.stateOf(at(4), 'team').read_at).toBeNull()
      expect(store.stateOf(at(3, { epoch: 'e2' }), 'team').read_at).toBeNull()
      expect(store.stateOf(at(3, { stream: 'location:a' }), 'team').read_at).toBeNull()
    }))

  test('[AR6] a step reaches everything up to its place, in older epochs too, and no other stream', () =>
    on((sql) => {
      const store = new MarkStore(sql)
      store.step('read', at(5), '*', 100)
      const readAt = (place: Place) => store.stateOf(place, 'team').read_at
      expect([readAt(at(1)), readAt(at(5)), readAt(at(6))]).toEqual([100, 100, null])
      expect(readAt(at(900, { epoch: 'e0' }))).toBe(100)
      expect(readAt(at(1, { epoch: 'e2' }))).toBeNull()
      expect(readAt(at(1, { stream: 'location:a' }))).toBeNull()
    }))

  test('[AR6] a step of one category leaves the others alone', () =>
    on((sql) => {
      const store = new MarkStore(sql)
      store.step('read', at(5), 'team', 100)
      expect(store.stateOf(at(2), 'team').read_at).toBe(100)
      expect(store.stateOf(at(2), 'custom').read_at).toBeNull()
    }))

  test('[AR6] a step lifts the exceptions below it, with its own time', () =>
    on((sql) => {
      const store = new MarkStore(sql)
      store.step('read', at(5), '*', 100)
      store.mark(at(2), 'team', 'unread', 110)
      store.mark(at(3), 'custom', 'unread', 111)
      store.mark(at(4), 'team', 'unseen', 112)
      store.step('read', at(5), 'team', 120)
      expect(store.stateOf(at(2), 'team')).toMatchObject({ read_at: 120, seen_at: 100 })
      expect(store.stateOf(at(3), 'custom').read_at).toBeNull()
      expect(store.stateOf(at(4), 'team')).toMatchObject({ read_at: 100, seen_at: 120 })
    }))

  test('[AR6] a step of seeing lifts what is unseen and leaves what is unread', () =>
    on((sql) => {
      const store = new MarkStore(sql)
      store.step('read', at(5), '*', 100)
      for (const op of ['unread', 'unseen'] as const) store.mark(at(2), 'team', op, 110)
      store.step('seen', at(5), '*', 120)
      expect(store.stateOf(at(2), 'team')).toMatchObject({ read_at: null, seen_at: 120 })
    }))

  test('[AR9] what the archive no longer keeps is forgotten', () =>
    on((sql) => {
      const store = new MarkStore(sql)
      store.step('seen', at(5), '*', 100)
      store.mark(at(7), 'team', 'read', 200)
      store.forgetBefore(200)
      expect(store.stateOf(at(5), 'team').seen_at).toBeNull()
      expect(store.stateOf(at(7), 'team').read_at).toBe(200)
    }))
}

type Did = (store: MarkStore) => void
const stepped =
  (op: 'read' | 'seen' | 'deleted', seq: number, category: 'team' | '*' = '*'): Did =>
  (store) =>
    store.step(op, at(seq), category, 100)
const markedAs =
  (op: 'unread' | 'unseen' | 'deleted', seq: number): Did =>
  (store) =>
    store.mark(at(seq), 'team', op, 110)

const STEPS: [string, Did[], ['read' | 'seen' | 'deleted', number, 'team' | '*'], boolean][] = [
  ['[IN2] the first step changes something', [], ['read', 5, '*'], true],
  ['[IN2] the same step changes nothing', [stepped('read', 5)], ['read', 5, '*'], false],
  ['[IN2] a lower one changes nothing', [stepped('read', 5)], ['read', 4, '*'], false],
  ['[IN2] a higher one does', [stepped('read', 5)], ['read', 6, '*'], true],
  ['[IN2] one category lies in all', [stepped('read', 5)], ['read', 5, 'team'], false],
  ['[IN2] all are more than one category', [stepped('read', 5, 'team')], ['read', 5, '*'], true],
  ['[IN2] what was read was seen', [stepped('read', 5)], ['seen', 5, '*'], false],
  ['[IN2] what was seen was not read', [stepped('seen', 5)], ['read', 5, '*'], true],
  [
    '[IN2] an unread one below the step is something to read',
    [stepped('read', 5), markedAs('unread', 2)],
    ['read', 3, '*'],
    true,
  ],
  [
    '[IN2] an unread one above the step is not',
    [stepped('read', 5), markedAs('unread', 4)],
    ['read', 3, '*'],
    false,
  ],
  [
    '[IN2] an unseen one is something to see',
    [stepped('read', 5), markedAs('unseen', 2)],
    ['seen', 5, '*'],
    true,
  ],
  [
    '[IN2] a deleted one is nothing to read',
    [stepped('read', 5), markedAs('unread', 2), markedAs('deleted', 2)],
    ['read', 5, '*'],
    false,
  ],
  ['[IN2] clearing twice changes nothing', [stepped('deleted', 5)], ['deleted', 5, '*'], false],
  ['[IN2] what was read can still be cleared', [stepped('read', 5)], ['deleted', 5, '*'], true],
]

export function markStoreContract(name: string, on: OnStorage): void {
  describe(`steps and marks on ${name}`, () => {
    stateTests(on)
  })
  describe(`whether a step changes anything, on ${name}`, () => {
    test.each(STEPS)('%s', (_rule, did, [op, seq, category], expected) =>
      on((sql) => {
        const store = new MarkStore(sql)
        for (const one of did) one(store)
        expect(store.stepChanges(op, at(seq), category)).toBe(expected)
      }),
    )
  })
}
