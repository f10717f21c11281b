import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fakeSql } from '../../tests/fakes/sql.ts'
import { EVERYONE, MANAGERS, STAFF } from '../core/audience.ts'
import { storedFrom } from '../core/notification.ts'
import type { Hub } from '../hub/hub.ts'
import type { Conn } from '../hub/sockets.ts'
import type { LogEntry } from '../store/log.ts'
import { RosterStore, type RosterRow } from '../store/roster.ts'
import { Readers } from './readers.ts'

const BEFORE = '019a0000-0000-7000-8000-000000000000'
const EPOCH = '019b0000-0000-7000-8000-000000000000'
const here = { stream: 'location:a', epoch: EPOCH } as unknown as Hub

const position = fc.record({
  epoch: fc.constantFrom(BEFORE, EPOCH),
  seq: fc.integer({ min: 0, max: 6 }),
})
const rowOf = (userId: string): fc.Arbitrary<RosterRow> =>
  fc.record({
    userId: fc.constant(userId),
    role: fc.constantFrom('manager', 'staff'),
    locale: fc.constantFrom('en', 'es'),
    from: position,
    roleFrom: position,
  })
const connOf = (sub: string) => ({ about: { role: 'member', sub } }) as unknown as Conn

const body = JSON.stringify(
  storedFrom(
    { type: 'custom', title: 'Hello', to: { location_id: 'a' } },
    { id: 'n', sender: 's', sentAt: 0, created_at: new Date(0).toISOString(), replaces: null },
  ),
)

test('[NO8] members with one key are shown the same of every entry that waits', () => {
  const entry = fc.record({
    after: fc.nat(3),
    audience: fc.constantFrom(EVERYONE, MANAGERS, STAFF),
  })
  fc.assert(
    fc.property(
      rowOf('ana'),
      rowOf('ben'),
      fc.integer({ min: 1, max: 6 }),
      fc.array(entry),
      (ana, ben, first, waiting) => {
        const roster = new RosterStore(fakeSql())
        roster.replaceAll([ana, ben])
        const readers = new Readers(here, roster, () => null)
        fc.pre(readers.key(connOf('ana'), first) === readers.key(connOf('ben'), first))
        for (const { after, audience } of waiting) {
          const seq = first + after
          const kept = { seq, audience, body, home_stream: null } as unknown as LogEntry
          const [one, other] = ['ana', 'ben'].map((sub) => readers.frameFor(kept, connOf(sub)))
          expect(one).toEqual(other)
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('where everybody joined before, one role and one language is one key', () => {
  const roster = new RosterStore(fakeSql())
  const about = { role: 'staff', locale: 'en', roleFrom: { epoch: BEFORE, seq: 9 } } as const
  const days = [1, 2, 3].map((seq) => ({
    ...about,
    userId: `u${seq}`,
    from: { epoch: EPOCH, seq },
  }))
  roster.replaceAll(days)
  const readers = new Readers(here, roster, () => null)
  const keysAt = (first: number) =>
    new Set(days.map((row) => readers.key(connOf(row.userId), first)))
  expect(keysAt(4).size).toBe(1)
  expect(keysAt(2).size).toBe(3)
})
