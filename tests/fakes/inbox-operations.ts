// What may happen in two shops with four people, as arbitraries for property tests of the inbox.
import * as fc from 'fast-check'
import type { MarkOp } from '../../db/archive-batch.ts'

export const USERS = ['ana', 'ben', 'cleo', 'dan']
export const LOCATIONS = ['x', 'y']
export const STREAMS = [...USERS.map((u) => `user:${u}`), ...LOCATIONS.map((l) => `location:${l}`)]
const CATEGORIES = ['team', 'appointment', 'training'] as const
const MARK_OPS: MarkOp[] = [
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

const index = fc.nat(1000)
/** Some are busier than others: what goes wrong takes several steps of one person. */
const anyUser = fc.constantFrom('ana', 'ben', 'ben', ...USERS)
const anyLocation = fc.constantFrom(...LOCATIONS)
export const anyStream = fc.constantFrom(
  'user:ana',
  'user:ben',
  'location:x',
  'location:x',
  ...STREAMS,
)

const sending = fc.record({
  kind: fc.constant('send' as const),
  stream: anyStream,
  audience: fc.constantFrom(3, 3, 1, 2),
  category: fc.constantFrom(...CATEGORIES),
  key: fc.constantFrom(null, null, 'k1'),
  ttl: fc.constantFrom(null, null, 5, 30),
  asks: fc.constantFrom(0, 0, 0, 1, 2),
})
const marking = fc.record({
  kind: fc.constant('mark' as const),
  user: anyUser,
  op: fc.constantFrom(...MARK_OPS, 'read' as const, 'read' as const, 'unread' as const),
  pick: index,
  many: fc.constantFrom(1, 1, 2),
})
const sweeping = fc.record({
  kind: fc.constant('bulk' as const),
  user: anyUser,
  op: fc.constantFrom('read' as const, 'read' as const, 'seen' as const, 'deleted' as const),
  category: fc.constantFrom('*' as const, '*' as const, 'team' as const),
  only: fc.constantFrom(null, null, ...LOCATIONS),
  /** Behind the head by this many, as of an older snapshot. */
  behind: fc.constantFrom(0, 0, 1, 3),
})

/** What may happen. Numbers are taken modulo what there is to choose from. */
export const operation = fc.oneof(
  { weight: 10, arbitrary: sending },
  { weight: 8, arbitrary: marking },
  { weight: 3, arbitrary: sweeping },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('role' as const),
      user: anyUser,
      location: anyLocation,
      role: fc.constantFrom('manager' as const, 'staff' as const, null),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('snooze' as const),
      user: anyUser,
      pick: index,
      ms: fc.constantFrom(5, 40),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('tick' as const), ms: fc.nat(6) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('flush' as const),
      stream: anyStream,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('epoch' as const),
      stream: anyStream,
    }),
  },
)
export type Operation = typeof operation extends fc.Arbitrary<infer One> ? One : never
