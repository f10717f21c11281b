import { beforeEach, describe, expect, test } from 'vitest'
import { archiveBatch } from '../tests/fakes/archive.ts'
import { fakeD1 } from '../tests/fakes/d1.ts'
import { categoryOf } from '../protocol/notification-types.ts'
import type { StoredNotification } from '../protocol/notification.ts'
import type { ArchiveEntry } from './archive-batch.ts'
import { putLocation, putUser } from './directory.ts'
import { BadCursor } from './errors.ts'
import { countInbox, findForUser, type InboxFilters, pageInbox } from './inbox.ts'
import { deleteMember, putMember } from './members.ts'
import { type Database, openDatabase } from './open.ts'

const E1 = '018f0000-0000-7000-8000-000000000001'
const NOW = 1_000_000

let db: Database
beforeEach(async () => {
  db = openDatabase(fakeD1())
  await putUser(db, { id: 'ana', name: 'Ana', locale: 'es', time_zone: 'Europe/Madrid' }, 1)
  await putLocation(db, { id: 'x', name: 'X', time_zone: 'Asia/Tokyo' }, 1)
})

const join = (role: 'manager' | 'staff', seq: number) =>
  putMember(db, { location_id: 'x', user_id: 'ana', role, head: { epoch: E1, seq }, now: 1 })

interface Given extends Partial<StoredNotification> {
  audience?: number
  asks?: number
}

function entry(seq: number, { audience = 3, asks = 0, ...given }: Given = {}): ArchiveEntry {
  const sent_at = new Date(1000 * seq).toISOString()
  const body: StoredNotification = {
    id: `n${seq}`,
    type: 'team.announcement',
    priority: 'normal',
    to: {},
    sender: 'service:test',
    sent_at,
    created_at: sent_at,
    ...given,
  }
  return { kind: 'notification', seq, audience, category: categoryOf(body.type), asks, body }
}

function archive(stream: string, entries: ArchiveEntry[], expected = 0): Promise<void> {
  return archiveBatch(db, { stream, epoch: E1, expected, to: expected + entries.length, entries })
}

const idsOf = async (filters: InboxFilters = {}) => {
  const { rows } = await pageInbox(db, { user_id: 'ana', now: NOW, limit: 50, filters })
  return rows.map((row) => row.stored.id)
}

describe('who sees what', () => {
  test('[NO8] a member sees what came after they joined, as long as they stay', async () => {
    await archive('location:x', [entry(1), entry(2), entry(3)])
    expect(await idsOf()).toEqual([])
    await join('staff', 1)
    expect(await idsOf()).toEqual(['n3', 'n2'])
    await deleteMember(db, 'x', 'ana', 2)
    expect(await idsOf()).toEqual([])
    expect(await findForUser(db, 'ana', 'n3', NOW)).toBeNull()
  })

  test('[NO4][NO8] an entry for one role is for those who had it then and have it now', async () => {
    await join('staff', 0)
    await archive('location:x', [
      entry(1, { audience: 1 }),
      entry(2, { audience: 2 }),
      entry(3, { audience: 3 }),
    ])
    expect(await idsOf()).toEqual(['n3', 'n2'])
    await join('manager', 3)
    await archive('location:x', [entry(4, { audience: 1 })], 3)
    expect(await idsOf()).toEqual(['n4', 'n3'])
    await join('staff', 4)
    expect(await idsOf()).toEqual(['n3'])
  })

  test('[NO8] what came before a hub lost its storage stays for those who were there', async () => {
    await archive('location:x', [entry(1), entry(2)])
    await join('staff', 1)
    const E2 = E1.replace(/1$/, '2')
    const entries = [entry(1, { id: 'after', sent_at: '1970-01-01T00:01:00.000Z' })]
    await archiveBatch(db, { stream: 'location:x', epoch: E2, expected: 0, to: 1, entries })
    expect(await idsOf()).toEqual(['after', 'n2'])
  })
})

describe('lists', () => {
  test.each<[InboxFilters, string[]]>([
    [{}, ['n4', 'n3', 'n2', 'n1']],
    [{ category: 'team' }, ['n4', 'n1']],
    [{ category: 'custom' }, []],
    [{ type: 'training.module_available' }, ['n2']],
    [{ priority: 'urgent' }, ['n3']],
    [{ location_id: 'x' }, ['n4', 'n3']],
    [{ priority: 'normal', location_id: 'x' }, ['n4']],
    [{ unread: true }, ['n4', 'n3', 'n2', 'n1']],
    [{ unread: false }, []],
    [{ archived: false }, ['n4', 'n3', 'n2', 'n1']],
    [{ archived: true }, []],
  ])('[IN1] filtered by %o', async (filters, ids) => {
    await join('staff', 0)
    await archive('user:ana', [
      entry(1),
      entry(2, { type: 'training.module_available' }),
      entry(3, { type: 'appointment.booked', priority: 'urgent', location_id: 'x' }),
    ])
    const four = { id: 'n4', sent_at: new Date(4000).toISOString(), to: { location_id: 'x' } }
    await archive('location:x', [entry(1, four)])
    expect(await idsOf(filters)).toEqual(ids)
  })

  test('[CO4] two streams in one list, newest first by (sent_at, id), in pages and back', async () => {
    await join('staff', 0)
    const same = { sent_at: new Date(2000).toISOString() }
    await archive('user:ana', [entry(1), entry(2, { id: 'b', ...same }), entry(3)])
    await archive('location:x', [entry(1, { id: 'a' }), entry(2, { id: 'c', ...same })])
    const query = { user_id: 'ana', now: NOW, limit: 2, filters: {} }
    const seen = []
    let page = await pageInbox(db, query)
    expect(page.page.before).toBeNull()
    for (;;) {
      seen.push(page.rows.map((row) => row.stored.id))
      if (page.page.after === null) break
      page = await pageInbox(db, { ...query, after: page.page.after })
    }
    expect(seen).toEqual([['n3', 'c'], ['b', 'n1'], ['a']])
    expect(page.page.has_more).toBe(false)
    const back = await pageInbox(db, { ...query, before: page.page.before ?? '' })
    expect(back.rows.map((row) => row.stored.id)).toEqual(['b', 'n1'])
    await expect(pageInbox(db, { ...query, after: 'nonsense' })).rejects.toThrow(BadCursor)
  })

  test('[CO4] what comes while somebody pages is not shown on later pages', async () => {
    await archive('user:ana', [entry(1), entry(2)])
    const query = { user_id: 'ana', now: NOW, limit: 1, filters: {} }
    const { page } = await pageInbox(db, query)
    await join('staff', 0)
    await archive('location:x', [entry(1, { id: 'later', sent_at: new Date(9000).toISOString() })])
    const next = await pageInbox(db, { ...query, after: page.after ?? '' })
    expect(next.rows.map((row) => row.stored.id)).toEqual(['n1'])
    const newer = await pageInbox(db, { ...query, limit: 5, before: next.page.before ?? '' })
    expect(newer.rows.map((row) => row.stored.id)).toEqual(['later', 'n2'])
  })

  test('[AR5] rows, counts and how far D1 had each stream come together', async () => {
    await join('staff', 0)
    await archive('user:ana', [entry(1)])
    const page = await pageInbox(db, { user_id: 'ana', now: NOW, limit: 5, filters: {} })
    expect(page).toMatchObject({
      counts: { unread: 1, unseen: 1, action_required: 0, until: null },
      as_of: { 'user:ana': 1, 'location:x': 0 },
      epochs: { 'user:ana': E1, 'location:x': null },
      reader: { locale: 'es', time_zone: 'Europe/Madrid', zones: { x: 'Asia/Tokyo' } },
    })
    const { counts, as_of, epochs } = page
    expect(await countInbox(db, 'ana', NOW)).toEqual({ counts, as_of, epochs })
  })

  test('[IN1] somebody whom nobody knows has an empty inbox', async () => {
    const page = await pageInbox(db, { user_id: 'nobody', now: NOW, limit: 5, filters: {} })
    expect(page).toMatchObject({ rows: [], as_of: { 'user:nobody': 0 }, reader: { locale: 'en' } })
  })
})

describe('counts', () => {
  const until = (seconds: number) => new Date(NOW + seconds * 1000).toISOString()

  test('[AR5] until is the next expiry of something that counts', async () => {
    const read = { stream: 'user:ana', epoch: E1, seq: 2, category: 'team' as const }
    await archive('user:ana', [
      entry(1, { expires_at: until(60) }),
      entry(2, { expires_at: until(30) }),
      entry(3, { expires_at: until(-1) }),
      { kind: 'mark', seq: 4, at: 5, op: 'read', targets: [read] },
    ])
    expect((await countInbox(db, 'ana', NOW)).counts).toMatchObject({ unread: 1, until: until(60) })
    const later = await countInbox(db, 'ana', NOW + 60_000)
    expect(later.counts).toMatchObject({ unread: 0, until: null })
  })

  test('[IN1] what asks for something counts until it is acknowledged, read or not', async () => {
    await archive('user:ana', [entry(1, { asks: 1 }), entry(2, { asks: 2 }), entry(3)])
    const up_to = [{ stream: 'user:ana', epoch: E1, seq: 3 }]
    const step = { kind: 'step', seq: 4, at: 5, op: 'read', category: '*', up_to } as const
    await archive('user:ana', [step], 3)
    expect((await countInbox(db, 'ana', NOW)).counts).toMatchObject({
      unread: 0,
      action_required: 2,
    })
    const target = { stream: 'user:ana', epoch: E1, seq: 1, category: 'team' } as const
    await archive(
      'user:ana',
      [{ kind: 'mark', seq: 5, at: 6, op: 'acknowledged', targets: [target] }],
      4,
    )
    expect((await countInbox(db, 'ana', NOW)).counts.action_required).toBe(1)
  })
})
