// [AR6] What a query costs, counted in entries looked at and read off the query plans: neither may grow with history.
import { beforeAll, describe, expect, test } from 'vitest'
import { archiveBatch } from '../tests/fakes/archive.ts'
import { type FakeD1, fakeD1 } from '../tests/fakes/d1.ts'
import type { ArchiveEntry } from './archive-batch.ts'
import { putLocation, putUser } from './directory.ts'
import { countInbox, findForUser, type InboxFilters, pageInbox } from './inbox.ts'
import { putMember } from './members.ts'
import { type Database, openDatabase } from './open.ts'

const EPOCH = '018f0000-0000-7000-8000-000000000001'
const NOW = 2_000_000_000_000
const SHOPS = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
const PAGE = 20

/** A person of several shops, and how many entries the statements have looked at. */
class Reader {
  looks = 0
  readonly d1: FakeD1
  readonly db: Database
  readonly #heads = new Map<string, number>()

  constructor() {
    // The first condition of `visible` is tested once for every entry that a walk comes by.
    this.d1 = fakeD1((sql) => sql.replaceAll('n.audience = 3', 'look(n.id) OR n.audience = 3'))
    this.db = openDatabase(this.d1)
    this.d1.sqlite.function('look', (_id) => {
      this.looks += 1
      return 0
    })
  }

  async begin(): Promise<void> {
    await putUser(this.db, { id: 'ana', name: 'Ana' }, 1)
    for (const id of SHOPS) {
      await putLocation(this.db, { id, name: id, time_zone: 'Europe/Madrid' }, 1)
      const head = { epoch: EPOCH, seq: 0 }
      await putMember(this.db, { location_id: id, user_id: 'ana', role: 'staff', head, now: 1 })
    }
  }

  /** The cost of what `work` does. */
  async cost(work: () => Promise<unknown>): Promise<number> {
    const before = this.looks
    await work()
    return this.looks - before
  }

  async append(stream: string, make: ((seq: number) => ArchiveEntry)[]): Promise<void> {
    for (let at = 0; at < make.length; at += 100) {
      const expected = this.#heads.get(stream) ?? 0
      const entries = make.slice(at, at + 100).map((one, i) => one(expected + i + 1))
      const to = expected + entries.length
      await archiveBatch(this.db, { stream, epoch: EPOCH, expected, to, entries })
      this.#heads.set(stream, to)
    }
  }

  receive(stream: string, count: number): Promise<void> {
    return this.append(
      stream,
      Array.from({ length: count }, () => (seq) => entry(stream, seq)),
    )
  }

  readAll(): Promise<void> {
    const up_to = [...this.#heads].map(([stream, seq]) => ({ stream, epoch: EPOCH, seq }))
    const step = (seq: number) =>
      ({ kind: 'step', seq, at: 5, op: 'read', category: '*', up_to }) satisfies ArchiveEntry
    return this.append('user:ana', [step])
  }

  readOneByOne(stream: string, from: number, to: number): Promise<void> {
    const marks = Array.from({ length: to - from + 1 }, (_, i) => (seq: number) => {
      const target = { stream, epoch: EPOCH, seq: from + i, category: 'team' as const }
      return { kind: 'mark', seq, at: 5, op: 'read', targets: [target] } satisfies ArchiveEntry
    })
    return this.append('user:ana', marks)
  }

  count = () => countInbox(this.db, 'ana', NOW)

  page = (filters: InboxFilters, after?: string) =>
    pageInbox(this.db, { user_id: 'ana', now: NOW, limit: PAGE, filters, after })
}

function entry(stream: string, seq: number, collapse_key?: string): ArchiveEntry {
  const sent_at = new Date(1_700_000_000_000 + seq * 1000).toISOString()
  return {
    kind: 'notification',
    seq,
    audience: 3,
    category: 'team',
    asks: 0,
    body: {
      id: `${stream}-${seq}`,
      type: 'team.announcement',
      priority: 'normal',
      to: {},
      sender: 'service:test',
      sent_at,
      created_at: sent_at,
      ...(collapse_key === undefined ? {} : { collapse_key }),
    },
  }
}

describe('with a long history that was read', () => {
  const reader = new Reader()
  beforeAll(async () => {
    await reader.begin()
    for (const shop of SHOPS) await reader.receive(`location:${shop}`, 400)
    await reader.readAll()
    for (const shop of SHOPS) await reader.receive(`location:${shop}`, 2)
  })

  test('[AR6] a count looks at what came after the last step', async () => {
    expect((await reader.count()).counts.unread).toBe(2 * SHOPS.length)
    expect(await reader.cost(reader.count)).toBe(2 * SHOPS.length)
  })

  const aPage = 2 * (PAGE + 1) * SHOPS.length + 2 * SHOPS.length

  test('[AR6] a page looks at a page of each stream, however deep it lies', async () => {
    const first = await reader.page({})
    expect(first.rows).toHaveLength(PAGE)
    expect(await reader.cost(() => reader.page({}))).toBeLessThanOrEqual(aPage)
    let after = first.page.after
    for (let n = 0; n < 60; n++) after = (await reader.page({}, after ?? '')).page.after
    expect(await reader.cost(() => reader.page({}, after ?? ''))).toBeLessThanOrEqual(aPage)
  })

  test('[AR6] the unread list looks at what is unread', async () => {
    expect((await reader.page({ unread: true })).rows).toHaveLength(2 * SHOPS.length)
    expect(await reader.cost(() => reader.page({ unread: true }))).toBeLessThanOrEqual(aPage)
  })

  test('[IN1] one entry is looked up', async () => {
    const found = () => findForUser(reader.db, 'ana', 'location:c-7', NOW)
    expect(await found()).not.toBeNull()
    expect(await reader.cost(found)).toBe(1)
  })
})

describe('somebody who reads one by one', () => {
  const reader = new Reader()
  const stream = 'location:a'
  beforeAll(async () => {
    await reader.begin()
    await reader.receive(stream, 1500)
    await reader.readOneByOne(stream, 4, 1500)
  })

  test('[AR6] keeps a count short all the same, with every answer as it was', async () => {
    expect((await reader.count()).counts).toMatchObject({ unread: 3, unseen: 3 })
    expect(await reader.cost(reader.count)).toBeLessThanOrEqual(200)
    const listed = (await reader.page({ unread: true })).rows.map((row) => row.place.seq)
    expect(listed).toEqual([3, 2, 1])
  })

  test('[AR6] pays little for looking whether it is time', async () => {
    await reader.receive(stream, 1)
    expect(await reader.cost(() => reader.readOneByOne(stream, 1501, 1501))).toBe(0)
  })
})

describe('query plans', () => {
  test('[AR6] no statement reads a whole table of entries, marks or steps', async () => {
    const reader = new Reader()
    await reader.begin()
    reader.d1.statements.length = 0
    await reader.receive('location:a', 3)
    await reader.append('location:b', [(seq) => entry('location:b', seq, 'key')])
    await reader.readOneByOne('location:a', 1, 1)
    await reader.readAll()
    await reader.count()
    await findForUser(reader.db, 'ana', 'location:a-1', NOW)
    const all: InboxFilters[] = [{}, { unread: true }, { unread: false }, { archived: true }]
    for (const filters of all) {
      await reader.page(filters)
      const cursor = { b: [['a', `${EPOCH}:000000000002`]] }
      const before = btoa(JSON.stringify(cursor)).replace(/=+$/, '')
      await pageInbox(reader.db, { user_id: 'ana', now: NOW, limit: 2, filters, before })
    }
    const plans = [...new Set(reader.d1.statements)].flatMap((sql) => planOf(reader.d1, sql))
    const table = '(?:n|m|k|notifications|inbox_\\w+)'
    const wide = new RegExp(`^SCAN ${table}\\b|^SEARCH ${table} .*\\((?:user_id|stream)=\\?\\)$`)
    const scans = plans.filter((line) => wide.test(line))
    expect(scans).toEqual([])
  })
})

function planOf({ sqlite }: FakeD1, sql: string): string[] {
  const values = (sql.match(/\?/g) ?? []).map(() => 1)
  const rows = sqlite.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values)
  return rows.map((row) => String(row['detail']))
}
