import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { putUser } from '../../db/directory.ts'
import { findForUser } from '../../db/inbox.ts'
import { openDatabase, type Database } from '../../db/open.ts'
import { applyBatch, openCursor, type ArchiveEntry } from '../../db/sink.ts'
import type { Category, NotificationType } from '../../protocol/notification-types.ts'
import { markStoreContract } from '../../tests/contract/mark-store.ts'
import { fakeD1 } from '../../tests/fakes/d1.ts'
import { fakeSql } from '../../tests/fakes/sql.ts'
import { changes, presentState } from '../core/inbox-state.ts'
import type { MarkOp } from '../rpc.ts'
import { MarkStore } from './marks.ts'

markStoreContract('node:sqlite', (work) => work(fakeSql()))

const STREAM = 'user:ana'
const EPOCH = '0193a6a0-0000-7000-8000-000000000000'
const START = Date.UTC(2026, 10, 23, 9)
const TYPES: [Category, NotificationType][] = [
  ['team', 'team.announcement'],
  ['custom', 'custom'],
]
const ENTRIES = 6
const OPS: MarkOp[] = [
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

const seq = fc.integer({ min: 1, max: ENTRIES })
const command = fc.oneof(
  fc.record({ kind: fc.constant('mark' as const), op: fc.constantFrom(...OPS), seq }),
  fc.record({
    kind: fc.constant('step' as const),
    op: fc.constantFrom('read' as const, 'seen' as const),
    category: fc.constantFrom<'*' | 'team'>('*', 'team'),
    seq,
  }),
)

const categoryAt = (at: number) => TYPES[at % 2]?.[0] ?? 'custom'
const typeAt = (at: number) => TYPES[at % 2]?.[1] ?? 'custom'
const idAt = (at: number) => `0193a6a0-0000-7000-8000-00000000000${at}`

const sent = (at: number): ArchiveEntry => {
  const sent_at = new Date(START + at).toISOString()
  const body = { id: idAt(at), type: typeAt(at), priority: 'normal' as const, to: {} }
  return {
    kind: 'notification',
    seq: at,
    audience: 3,
    category: categoryAt(at),
    asks: 0,
    body: { ...body, sender: 'service:test', sent_at, created_at: sent_at },
  }
}

async function archiveOf(entries: ArchiveEntry[]): Promise<Database> {
  const db = openDatabase(fakeD1())
  await putUser(db, { id: 'ana', name: 'Ana' }, START)
  const batch = { stream: STREAM, epoch: EPOCH, expected: 0, to: entries.length, entries }
  await openCursor(db, STREAM, EPOCH)
  await applyBatch(db, batch, Infinity)
  return db
}

test('[AR6][IN2] hub and archive say the same of every entry, times included', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 20 }), async (commands) => {
      const store = new MarkStore(fakeSql())
      const entries = Array.from({ length: ENTRIES }, (_, index) => sent(index + 1))
      let at = START + 1_000
      for (const one of commands) {
        at += 1_000
        const place = { stream: STREAM, epoch: EPOCH, seq: one.seq }
        const next = entries.length + 1
        if (one.kind === 'mark') {
          const category = categoryAt(one.seq)
          // As the hub does: a command that changes nothing is no entry.
          if (!changes(store.stateOf(place, category), one.op)) continue
          store.mark(place, category, one.op, at)
          const targets = [{ ...place, category }]
          entries.push({ kind: 'mark', seq: next, at, op: one.op, targets })
        } else if (store.stepChanges(one.op, place, one.category)) {
          store.step(one.op, place, one.category, at)
          const { op, category } = one
          entries.push({ kind: 'step', seq: next, at, op, category, up_to: [place] })
        }
      }
      const db = await archiveOf(entries)
      for (let one = 1; one <= ENTRIES; one += 1) {
        const mine = store.stateOf({ stream: STREAM, epoch: EPOCH, seq: one }, categoryAt(one))
        const found = await findForUser(db, 'ana', idAt(one), at + 1)
        const theirs = found && found.row.state
        expect(theirs).toEqual(mine.deleted_at === null ? presentState(mine) : null)
      }
    }),
    { numRuns: 60 },
  )
})
