import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MarkOp } from '../rpc.ts'
import {
  applyMark,
  changes,
  entryState,
  NO_MARK,
  presentState,
  type EntryState,
  type Mark,
  type Step,
} from './inbox-state.ts'

const FRESH: EntryState = {
  read_at: null,
  seen_at: null,
  archived_at: null,
  deleted_at: null,
  acknowledged_at: null,
}

const OPS: readonly MarkOp[] = [
  'read',
  'unread',
  'seen',
  'unseen',
  'archived',
  'unarchived',
  'acknowledged',
  'unacknowledged',
  'deleted',
]

const step = (op: Step['op'], at: number): Step => ({ op, category: '*', at })

/** Marks one after the other, at 1, 2, 3 …; steps lie under all of them. */
function marked(ops: readonly MarkOp[], steps: readonly Step[] = []): Mark {
  return ops.reduce(
    (mark, op, index) => applyMark(mark, entryState(mark, steps), op, index + 1),
    NO_MARK,
  )
}

const after = (ops: readonly MarkOp[], steps: readonly Step[] = []): EntryState =>
  entryState(marked(ops, steps), steps)

describe('what one person did with an entry', () => {
  test.each<[string, MarkOp[], Partial<EntryState>]>([
    ['[IN2] nothing was done', [], {}],
    ['[IN2] read implies seen', ['read'], { read_at: 1, seen_at: 1 }],
    ['[IN2] seen is not read', ['seen'], { seen_at: 1 }],
    [
      '[IN2] acknowledged implies read',
      ['acknowledged'],
      { acknowledged_at: 1, read_at: 1, seen_at: 1 },
    ],
    ['[IN2] archived implies read', ['archived'], { archived_at: 1, read_at: 1, seen_at: 1 }],
    ['[IN2] unread unsets nothing else', ['archived', 'unread'], { archived_at: 1, seen_at: 1 }],
    ['[IN2] unseen unsets nothing else', ['read', 'unseen'], { read_at: 1 }],
    ['[IN2] unarchived stays read', ['archived', 'unarchived'], { read_at: 1, seen_at: 1 }],
    [
      '[IN2] unacknowledged stays read',
      ['acknowledged', 'unacknowledged'],
      { read_at: 1, seen_at: 1 },
    ],
    ['[IN2] deleted is not read', ['deleted'], { deleted_at: 1 }],
    [
      '[IN2] what was read before keeps its time',
      ['read', 'archived', 'acknowledged'],
      { read_at: 1, seen_at: 1, archived_at: 2, acknowledged_at: 3 },
    ],
    [
      '[IN2] read again after unread has the later time',
      ['read', 'unread', 'read'],
      { read_at: 3, seen_at: 1 },
    ],
  ])('%s', (_rule, ops, expected) => {
    expect(after(ops)).toEqual({ ...FRESH, ...expected })
  })

  test.each<[string, Step[], MarkOp[], Partial<EntryState>]>([
    ['[AR6] a step of reading is seen too', [step('read', -5)], [], { read_at: -5, seen_at: -5 }],
    ['[AR6] a step of seeing is not read', [step('seen', -5)], [], { seen_at: -5 }],
    [
      '[AR6] the first step that reached it gives the time',
      [step('read', -3), step('read', -7), step('seen', -9)],
      [],
      { read_at: -7, seen_at: -9 },
    ],
    ['[AR6] a cleared one is deleted', [step('deleted', -2)], [], { deleted_at: -2 }],
    ['[AR6] unread is an exception to a step', [step('read', -5)], ['unread'], { seen_at: -5 }],
    ['[AR6] unseen is an exception to a step', [step('read', -5)], ['unseen'], { read_at: -5 }],
    [
      '[AR6] a mark above a step keeps the step’s time',
      [step('read', -5)],
      ['archived'],
      { read_at: -5, seen_at: -5, archived_at: 1 },
    ],
    [
      '[AR6] a mark after an exception has its own time',
      [step('read', -5)],
      ['unread', 'acknowledged'],
      { read_at: 2, seen_at: -5, acknowledged_at: 2 },
    ],
  ])('%s', (_rule, steps, ops, expected) => {
    expect(after(ops, steps)).toEqual({ ...FRESH, ...expected })
  })

  const anyOps = fc.array(fc.constantFrom(...OPS), { maxLength: 12 })
  const anySteps = fc.array(
    fc.record({
      op: fc.constantFrom<Step['op']>('read', 'seen'),
      category: fc.constant<'*'>('*'),
      at: fc.integer({ min: -20, max: -1 }),
    }),
    { maxLength: 3 },
  )

  test('[IN2] a mark sets what it says, and marking twice changes nothing', () => {
    fc.assert(
      fc.property(anyOps, anySteps, fc.constantFrom(...OPS), (ops, steps, op) => {
        const before = marked(ops, steps)
        const once = applyMark(before, entryState(before, steps), op, 100)
        const state = entryState(once, steps)
        expect(changes(state, op)).toBe(false)
        expect(entryState(applyMark(once, state, op, 200), steps)).toEqual(state)
      }),
    )
  })

  test('[IN2] acknowledged, archived and read imply read and seen at that moment', () => {
    fc.assert(
      fc.property(
        anyOps,
        anySteps,
        fc.constantFrom<MarkOp>('read', 'archived', 'acknowledged'),
        (ops, steps, op) => {
          const state = after([...ops, op], steps)
          expect(state.read_at).not.toBeNull()
          expect(state.seen_at).not.toBeNull()
        },
      ),
    )
  })
})

test('[NO1] goes out as times and one flag', () => {
  expect(presentState({ ...FRESH, read_at: 0, seen_at: 0 })).toEqual({
    delivered_at: null,
    seen_at: '1970-01-01T00:00:00.000Z',
    read_at: '1970-01-01T00:00:00.000Z',
    is_read: true,
    archived_at: null,
    acknowledged_at: null,
    snoozed_until: null,
    outcome: null,
  })
  expect(presentState(FRESH).is_read).toBe(false)
})
