import { beforeEach, describe, expect, test } from 'vitest'
import { type FakeD1, fakeD1 } from '../tests/fakes/d1.ts'
import type { StoredNotification } from '../protocol/notification.ts'
import type { ArchiveBatch, ArchiveEntry, MarkOp } from './archive-batch.ts'
import { classifyFailure } from './errors.ts'
import { countInbox, findForUser, pageInbox } from './inbox.ts'
import { type Database, openDatabase } from './open.ts'
import { applyBatch, openCursor, readCursor } from './sink.ts'

const STREAM = 'user:ana'
const E1 = '018f0000-0000-7000-8000-000000000001'
const E2 = '018f0000-0000-7000-8000-000000000002'

let d1: FakeD1
let db: Database
beforeEach(async () => {
  d1 = fakeD1()
  db = openDatabase(d1)
  await openCursor(db, STREAM, E1)
})

type Given = Partial<StoredNotification> & { audience?: number }

function notification(seq: number, given: Given = {}): ArchiveEntry {
  const { audience = 3, ...rest } = given
  const sent_at = new Date(1000 + seq).toISOString()
  const body: StoredNotification = {
    id: `n${seq}`,
    type: 'team.announcement',
    priority: 'normal',
    message: `it’s “${seq}”`,
    to: { user_id: 'ana' },
    sender: 'service:test',
    sent_at,
    created_at: sent_at,
    ...rest,
  }
  return { kind: 'notification', seq, audience, category: 'team', asks: 0, body }
}

const mark = (seq: number, at: number, op: MarkOp, target = 1): ArchiveEntry => ({
  kind: 'mark',
  seq,
  at,
  op,
  targets: [{ stream: STREAM, epoch: E1, seq: target, category: 'team' }],
})

const step = (seq: number, at: number, op: 'read' | 'seen' | 'deleted', upTo: number) =>
  ({
    kind: 'step',
    seq,
    at,
    op,
    category: '*',
    up_to: [{ stream: STREAM, epoch: E1, seq: upTo }],
  }) satisfies ArchiveEntry

function batch(expected: number, entries: ArchiveEntry[], epoch = E1): ArchiveBatch {
  return { stream: STREAM, epoch, expected, to: entries.at(-1)?.seq ?? expected, entries }
}

const ids = async () =>
  (await pageInbox(db, { user_id: 'ana', now: 5000, limit: 100, filters: {} })).rows.map(
    (row) => row.stored.id,
  )

const dump = () =>
  ['notifications', 'inbox_marks', 'inbox_steps', 'archive_cursors'].map((table) =>
    d1.sqlite.prepare(`SELECT * FROM ${table}`).all(),
  )

describe('the fence', () => {
  test.each<[string, ArchiveBatch]>([
    ['[AR2] a batch that comes twice', batch(0, [notification(1), mark(2, 50, 'unread')])],
    ['[AR2] a batch that is late', batch(1, [notification(2)])],
    ['[AR2] a batch that runs ahead', batch(7, [notification(8)])],
    ['[AR2] a batch of an epoch that D1 does not know', batch(3, [notification(4)], E2)],
  ])('%s changes nothing, and says so', async (_rule, wrong) => {
    await applyBatch(db, batch(0, [notification(1), mark(2, 40, 'read')]))
    const before = dump()
    const failure = await applyBatch(db, wrong).catch(classifyFailure)
    expect(failure).toBe('fence')
    expect(dump()).toEqual(before)
    expect(await readCursor(db, STREAM, E1)).toBe(2)
  })

  test('[AR2] the cursor passes entries that D1 keeps nothing of', async () => {
    await applyBatch(db, batch(0, [{ kind: 'nothing', seq: 5 }]))
    expect(await readCursor(db, STREAM, E1)).toBe(5)
  })

  test('[ST1] a new epoch has a cursor of its own, and its entries lie above the old ones', async () => {
    await applyBatch(db, batch(0, [notification(1), notification(2)]))
    await openCursor(db, STREAM, E2)
    await openCursor(db, STREAM, E2)
    await applyBatch(
      db,
      batch(0, [notification(1, { id: 'new', sent_at: '2026-01-01T00:00:00.000Z' })], E2),
    )
    expect(await readCursor(db, STREAM, E1)).toBe(2)
    expect(await ids()).toEqual(['new', 'n2', 'n1'])
    const { as_of, epochs } = await countInbox(db, 'ana', 5000)
    expect({ as_of, epochs }).toEqual({ as_of: { [STREAM]: 1 }, epochs: { [STREAM]: E2 } })
  })

  test.each([0, 1])('[AR2][DI3] a stream that was erased takes no late batch (%i)', async (had) => {
    if (had === 1) await applyBatch(db, batch(0, [notification(1)]))
    d1.sqlite.exec('DELETE FROM archive_cursors; DELETE FROM notifications')
    const late = batch(had, [notification(had + 1)])
    expect(await applyBatch(db, late).catch(classifyFailure)).toBe('fence')
    expect(await readCursor(db, STREAM, E1)).toBeNull()
    expect(d1.sqlite.prepare('SELECT * FROM notifications').all()).toEqual([])
  })
})

describe('entries', () => {
  test('[AR2] a repeat is recognised by its id alone, and the first one stays', async () => {
    await applyBatch(db, batch(0, [notification(1, { message: 'first' })]))
    await applyBatch(db, batch(1, [notification(2, { id: 'n1', message: 'second' })]))
    expect((await findForUser(db, 'ana', 'n1', 5000))?.row).toMatchObject({
      stored: { message: 'first' },
      place: { stream: STREAM, epoch: E1, seq: 1 },
    })
  })

  test('[AR2] another id on a taken place is refused as content', async () => {
    await applyBatch(db, batch(0, [notification(1)]))
    const again = { ...batch(1, [notification(1, { id: 'other' })]), to: 2 }
    expect(await applyBatch(db, again).catch(classifyFailure)).toBe('content')
    expect(await readCursor(db, STREAM, E1)).toBe(1)
  })

  test('[AR1] a hundred entries of every kind fit one batch, texts as they were', async () => {
    const text = `"quotes" and \\ and \u2028 and 😀`
    const entries = Array.from({ length: 100 }, (_, i) =>
      i % 2 === 0 ? notification(i + 1, { title: text }) : mark(i + 1, i, 'read', i),
    )
    await applyBatch(db, batch(0, entries))
    expect((await findForUser(db, 'ana', 'n99', 5000))?.row.stored.title).toBe(text)
    expect((await countInbox(db, 'ana', 5000)).counts.unread).toBe(0)
  })

  const keyed = (seq: number, key: string, audience = 3) =>
    notification(seq, { collapse_key: key, audience })

  test('[NO6] a newer entry with the same key and audience replaces the shown one', async () => {
    await applyBatch(db, batch(0, [keyed(1, 'a'), keyed(2, 'b')]))
    await applyBatch(db, batch(2, [keyed(3, 'a')]))
    expect(await ids()).toEqual(['n3', 'n2'])
    expect(await findForUser(db, 'ana', 'n1', 5000)).toBeNull()
  })

  test('[NO6] what a later one of the same batch replaces goes in as gone', async () => {
    await applyBatch(db, batch(0, [keyed(1, 'a'), keyed(2, 'a'), keyed(3, 'a'), keyed(4, 'a', 1)]))
    expect(await ids()).toEqual(['n4', 'n3'])
  })

  test('[NO1] an entry is found under the location it names, or that it went to', async () => {
    const to = { location_id: 'downtown' }
    await applyBatch(
      db,
      batch(0, [
        notification(1, { location_id: 'harbour' }),
        notification(2, { to }),
        notification(3),
      ]),
    )
    const rows = d1.sqlite.prepare('SELECT location_id FROM notifications ORDER BY place').all()
    expect(rows.map((row) => row['location_id'])).toEqual(['harbour', 'downtown', null])
  })
})

describe('marks', () => {
  type Does = (number | MarkOp | 'read-all' | 'seen-all')[]
  const none = { read: null, seen: null, archived: null, acknowledged: null }
  test.each<[string, Does, Partial<typeof none> | Record<string, number | null>]>([
    ['[IN2] read implies seen', [10, 'read'], { read: 10, seen: 10 }],
    ['[IN2] seen is not read', [10, 'seen'], { seen: 10 }],
    ['[IN2] read keeps the time it was seen', [10, 'seen', 20, 'read'], { read: 20, seen: 10 }],
    ['[IN2] marking twice changes nothing', [10, 'read', 20, 'read'], { read: 10, seen: 10 }],
    ['[IN2] unread unsets nothing else', [10, 'read', 20, 'unread'], { seen: 10 }],
    ['[IN2] unseen unsets nothing else', [10, 'read', 20, 'unseen'], { read: 10 }],
    [
      '[IN2] read again has the new time',
      [10, 'read', 20, 'unread', 30, 'read'],
      { read: 30, seen: 10 },
    ],
    ['[IN2] archived implies read', [10, 'archived'], { archived: 10, read: 10, seen: 10 }],
    ['[IN2] unarchived stays read', [10, 'archived', 20, 'unarchived'], { read: 10, seen: 10 }],
    [
      '[IN2] acknowledged implies read',
      [10, 'acknowledged'],
      { acknowledged: 10, read: 10, seen: 10 },
    ],
    [
      '[IN2] unacknowledged stays read',
      [10, 'acknowledged', 20, 'unacknowledged'],
      { read: 10, seen: 10 },
    ],
    ['[AR6] a step reads and sees', [10, 'read-all'], { read: 10, seen: 10 }],
    ['[AR6] the first step dates it', [10, 'read-all', 20, 'read-all'], { read: 10, seen: 10 }],
    [
      '[AR6] a mark after a step keeps the step’s time',
      [10, 'read-all', 20, 'archived'],
      { archived: 20, read: 10, seen: 10 },
    ],
    ['[AR6] an exception wins over the step', [10, 'read-all', 20, 'unread'], { seen: 10 }],
    [
      '[AR6] a later step lifts it',
      [10, 'read-all', 20, 'unread', 30, 'read-all'],
      { read: 30, seen: 10 },
    ],
    ['[AR6] a seen step reads nothing', [10, 'seen-all'], { seen: 10 }],
    [
      '[AR6] a seen step lifts what was marked unseen',
      [10, 'unseen', 20, 'seen-all'],
      { seen: 20 },
    ],
    [
      '[AR6] a read step lifts both',
      [10, 'unseen', 20, 'unread', 30, 'read-all'],
      { read: 30, seen: 30 },
    ],
  ])('%s', async (_rule, does, wanted) => {
    await applyBatch(db, batch(0, [notification(1)]))
    let at = 0
    let seq = 1
    for (const what of does) {
      if (typeof what === 'number') {
        at = what
        continue
      }
      seq += 1
      const bulk = what === 'read-all' ? 'read' : what === 'seen-all' ? 'seen' : null
      const entry = bulk === null ? mark(seq, at, what as MarkOp) : step(seq, at, bulk, 1)
      await applyBatch(db, batch(seq - 1, [entry]))
    }
    const state = (await findForUser(db, 'ana', 'n1', 5000))?.row.state
    const time = (iso: string | null | undefined) => (iso ? Date.parse(iso) : null)
    expect({
      read: time(state?.read_at),
      seen: time(state?.seen_at),
      archived: time(state?.archived_at),
      acknowledged: time(state?.acknowledged_at),
    }).toEqual({ ...none, ...wanted })
    expect(state?.is_read).toBe(state?.read_at !== null)
  })

  test('[AR6] a mark may come before its entry, because two hubs archive on their own', async () => {
    await applyBatch(db, batch(0, [mark(1, 10, 'read', 2)]))
    await applyBatch(db, batch(1, [notification(2)]))
    expect((await countInbox(db, 'ana', 5000)).counts.unread).toBe(0)
  })

  test('[AR1] marks and steps of one batch count in the order of the log', async () => {
    const entries = [
      notification(1),
      step(2, 10, 'read', 1),
      mark(3, 20, 'unread'),
      step(4, 30, 'seen', 1),
    ]
    await applyBatch(db, batch(0, entries))
    expect((await countInbox(db, 'ana', 5000)).counts).toMatchObject({ unread: 1, unseen: 0 })
  })

  test('[IN2] what is deleted or cleared is shown nowhere', async () => {
    await applyBatch(db, batch(0, [notification(1), notification(2), notification(3)]))
    await applyBatch(db, batch(3, [step(4, 10, 'deleted', 1), mark(5, 10, 'deleted', 2)]))
    expect(await ids()).toEqual(['n3'])
    expect(await findForUser(db, 'ana', 'n1', 5000)).toBeNull()
    expect((await countInbox(db, 'ana', 5000)).counts.unread).toBe(1)
  })
})

describe('compaction', () => {
  const many = Array.from({ length: 12 }, (_, i) => notification(i + 1))
  const readOneByOne = many.slice(2).map((_, i) => mark(i + 13, 50, 'read', i + 3))
  const steps = () => d1.sqlite.prepare('SELECT kind, up_to, at FROM inbox_steps').all()

  test('[AR6] much above the last step becomes a few exceptions and a step, and no answer changes', async () => {
    await applyBatch(db, batch(0, many), 5)
    await applyBatch(db, batch(12, readOneByOne), 5)
    expect(steps().map((row) => ({ ...row }))).toEqual([
      { kind: 'read', up_to: `${E1}:000000000022`, at: null },
    ])
    expect((await countInbox(db, 'ana', 5000)).counts).toMatchObject({ unread: 2, unseen: 2 })
    const { rows } = await pageInbox(db, {
      user_id: 'ana',
      now: 5000,
      limit: 50,
      filters: { unread: true },
    })
    expect(rows.map((row) => row.stored.id)).toEqual(['n2', 'n1'])
  })

  test('[AR6] where most is unread it would save nothing, and waits', async () => {
    await applyBatch(db, batch(0, many), 5)
    await applyBatch(db, batch(12, readOneByOne.slice(0, 3)), 5)
    expect(steps()).toEqual([])
  })

  test('[AR6] few entries above the last step are left as they are', async () => {
    await applyBatch(db, batch(0, many))
    await applyBatch(db, batch(12, readOneByOne))
    expect(steps()).toEqual([])
  })
})
