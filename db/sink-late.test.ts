import { beforeEach, describe, expect, test } from 'vitest'
import { type FakeD1, fakeD1 } from '../tests/fakes/d1.ts'
import type { ParkedKind } from '../protocol/api.ts'
import type { ArchiveEntry } from './archive-batch.ts'
import { classifyFailure } from './errors.ts'
import { countInbox, pageInbox } from './inbox.ts'
import { type Database, openDatabase } from './open.ts'
import { listParked } from './parked.ts'
import { applyLate, type LateEntry } from './sink-late.ts'
import { applyBatch, openCursor, readCursor } from './sink.ts'

const STREAM = 'user:ana'
const E1 = '018f0000-0000-7000-8000-000000000001'
const E2 = '018f0000-0000-7000-8000-000000000002'
const HERE = { stream: STREAM, epoch: E1 }

let d1: FakeD1
let db: Database
let archived = 0
beforeEach(async () => {
  d1 = fakeD1()
  db = openDatabase(d1)
  archived = 0
  await openCursor(db, STREAM, E1)
})

type NotificationEntry = Extract<ArchiveEntry, { kind: 'notification' }>

function notification(seq: number, id = `n${seq}`): NotificationEntry {
  const sent_at = new Date(1_000 + seq).toISOString()
  const to = { user_id: 'ana' }
  const sender = 'service:test'
  const times = { sent_at, created_at: sent_at }
  const body = {
    id,
    type: 'custom',
    priority: 'normal',
    title: 'Hello',
    to,
    sender,
    ...times,
  } as const
  return { kind: 'notification', seq, audience: 3, category: 'custom', asks: 0, body }
}

const parked = (seq: number, at = 50, what: ParkedKind = 'notification'): ArchiveEntry => ({
  kind: 'parked',
  seq,
  what,
  id: `n${seq}`,
  audience: 3,
  category: 'custom',
  at,
  reason: 'constraint failed',
})

const step = (seq: number, at: number, upTo: number) =>
  ({
    kind: 'step',
    seq,
    at,
    op: 'read',
    category: '*',
    up_to: [{ ...HERE, seq: upTo }],
  }) satisfies ArchiveEntry

async function archive(...entries: ArchiveEntry[]) {
  const to = entries.at(-1)?.seq ?? archived
  await applyBatch(db, { ...HERE, expected: archived, to, entries })
  archived = to
}

const list = async () => {
  const { rows } = await pageInbox(db, { user_id: 'ana', now: 5_000, limit: 50, filters: {} })
  return rows.map(({ stored, place, state }) => [stored.id, place.seq, state.read_at])
}
const at = (ms: number) => new Date(ms).toISOString()
const seqsOf = async () => (await listParked(db, { limit: 50 })).data.map((one) => one.seq)

describe('the fence of a late entry', () => {
  test('[AR2] it takes its place between those around it, and the cursor stays', async () => {
    await archive(notification(1), parked(2), notification(3))
    expect(await seqsOf()).toEqual([2])
    await applyLate(db, HERE, notification(2))
    expect(await list()).toEqual([
      ['n3', 3, null],
      ['n2', 2, null],
      ['n1', 1, null],
    ])
    expect((await countInbox(db, 'ana', 5_000)).counts.unread).toBe(3)
    expect([await readCursor(db, STREAM, E1), await seqsOf()]).toEqual([3, []])
  })

  test('[AR2] what comes twice is there once', async () => {
    await archive(parked(1))
    await applyLate(db, HERE, notification(1))
    await applyLate(db, HERE, notification(1))
    expect(await list()).toHaveLength(1)
  })

  test.each<[string, LateEntry, { stream: string; epoch: string }]>([
    ['that the cursor has not passed', notification(9), HERE],
    ['of an epoch that D1 does not know', notification(1), { stream: STREAM, epoch: E2 }],
    ['of a stream that was erased', notification(1), { stream: 'user:gone', epoch: E1 }],
  ])('[AR2] an entry %s is refused and changes nothing', async (_what, entry, place) => {
    await archive(parked(1))
    expect(await applyLate(db, place, entry).catch(classifyFailure)).toBe('fence')
    expect([await list(), await seqsOf()]).toEqual([[], [1]])
    expect(d1.sqlite.prepare('SELECT count(*) AS n FROM archive_cursors').get()).toEqual({ n: 1 })
  })

  test('[AR2] where another id has its place it is refused again, and stays listed', async () => {
    await archive(parked(1))
    await applyLate(db, HERE, notification(1, 'other'))
    await archive(parked(2))
    const taken = { ...notification(2), seq: 1 }
    expect(await applyLate(db, HERE, taken).catch(classifyFailure)).toBe('content')
    expect(await seqsOf()).toEqual([2])
  })
})

describe('a late step', () => {
  test('[AR2][AR6] dates what it covers, though a later one reaches further', async () => {
    await archive(notification(1), parked(2, 50, 'step'), notification(3), step(4, 2_000, 3))
    expect(await list()).toEqual([
      ['n3', 3, at(2_000)],
      ['n1', 1, at(2_000)],
    ])
    await applyLate(db, HERE, { ...step(2, 1_500, 1), since: [] })
    expect(await list()).toEqual([
      ['n3', 3, at(2_000)],
      ['n1', 1, at(1_500)],
    ])
  })

  test('[AR2][AR6] dates also what a later one that reaches no further has covered', async () => {
    const unread = { ...HERE, seq: 1, category: 'custom' as const }
    await archive(
      notification(1),
      notification(2),
      { kind: 'mark', seq: 3, at: 1_400, op: 'unread', targets: [unread] },
      parked(4, 50, 'step'),
      step(5, 2_000, 1),
    )
    await applyLate(db, HERE, { ...step(4, 1_500, 2), since: [] })
    d1.sqlite.exec('DELETE FROM inbox_marks')
    expect(await list()).toEqual([
      ['n2', 2, at(1_500)],
      ['n1', 1, at(1_500)],
    ])
  })

  test('[AR2][AR6] leaves unread what was made unread since', async () => {
    const target = { ...HERE, category: 'custom' as const }
    await archive(notification(1), notification(2), parked(3, 50, 'step'))
    await archive({
      kind: 'mark',
      seq: 4,
      at: 1_600,
      op: 'unread',
      targets: [{ ...target, seq: 1 }],
    })
    const none = { seen_at: null, archived_at: null, deleted_at: null, acknowledged_at: null }
    const since = [{ ...target, ...none, seq: 1, read_at: null, seen_at: 1_500 }]
    await applyLate(db, HERE, { ...step(3, 1_500, 2), since })
    expect(await list()).toEqual([
      ['n2', 2, at(1_500)],
      ['n1', 1, null],
    ])
  })
})

describe('the list', () => {
  test('[CO4][AR2] of all streams, the longest parked first, in pages and back', async () => {
    await openCursor(db, 'location:x', E1)
    await archive(parked(1, 70), parked(2, 60))
    const entries = [parked(1, 65)]
    await applyBatch(db, { stream: 'location:x', epoch: E1, expected: 0, to: 1, entries })
    const pages = []
    let after: string | undefined
    do {
      const found = await listParked(db, { limit: 1, after })
      pages.push(found)
      after = found.page.after ?? undefined
    } while (after !== undefined)
    expect(pages.map(({ data }) => data.map((one) => `${one.stream} ${one.seq}`))).toEqual([
      ['user:ana 2'],
      ['location:x 1'],
      ['user:ana 1'],
    ])
    const last = pages.at(-1)?.page.before ?? undefined
    const back = await listParked(db, { limit: 5, before: last })
    expect(back.data.map((one) => one.parked_at)).toEqual([60, 65])
    expect([back.page.before, back.page.has_more]).toEqual([null, false])
    expect(back.data[0]).toEqual({
      ...HERE,
      seq: 2,
      id: 'n2',
      kind: 'notification',
      parked_at: 60,
      reason: 'constraint failed',
    })
  })

  test('[ST1] a new epoch forgets what was parked in the older ones', async () => {
    await archive(parked(1))
    await openCursor(db, STREAM, E1)
    expect(await seqsOf()).toEqual([1])
    await openCursor(db, STREAM, E2)
    expect(await seqsOf()).toEqual([])
  })
})
