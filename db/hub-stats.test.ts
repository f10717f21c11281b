import { describe, expect, test } from 'vitest'
import { fakeD1 } from '../tests/fakes/d1.ts'
import { COUNTERS, sumReports, writeReport, type Counts, type HubReport } from './hub-stats.ts'
import { openDatabase, type Database } from './open.ts'
import { applyBatch, openCursor } from './sink.ts'

const NOW = 10_000_000
const INTERVAL_MS = 60_000

const none = Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Counts

const report = (hub: string, change: Partial<HubReport> = {}, counts = {}): HubReport => ({
  hub,
  since: NOW - INTERVAL_MS,
  at: NOW,
  sockets: 0,
  backlog: 0,
  backlog_since: null,
  parked: 0,
  ...change,
  counts: { ...none, ...counts },
})

async function database(...hubs: string[]): Promise<Database> {
  const db = openDatabase(fakeD1())
  for (const hub of hubs) await openCursor(db, hub, 'e1')
  return db
}

const sums = (db: Database, now = NOW) => sumReports(db, { now, intervalMs: INTERVAL_MS })

describe('[OP1] what hubs report', () => {
  test('without a hub everything is nothing', async () => {
    expect(await sums(await database())).toEqual({
      ...none,
      sockets: 0,
      users: 0,
      backlog: 0,
      backlog_since: null,
      parked: 0,
      sent_per_second: 0,
      received_per_second: 0,
      recent_asked: 0,
      recent_errors: 0,
    })
  })

  test('counts are added, what is so right now is replaced', async () => {
    const db = await database('user:ana', 'location:x')
    await writeReport(
      db,
      report('user:ana', { sockets: 2, backlog: 9, backlog_since: 5 }, { sent: 3 }),
    )
    await writeReport(db, report('user:ana', { sockets: 1, parked: 1 }, { sent: 4, ended_3: 2 }))
    await writeReport(
      db,
      report('location:x', { sockets: 5, backlog: 2, backlog_since: 7 }, { sent: 10 }),
    )
    expect(await sums(db)).toMatchObject({
      sockets: 6,
      users: 1,
      backlog: 2,
      backlog_since: 7,
      parked: 1,
      sent: 17,
      ended_3: 2,
    })
  })

  test('figures per second are those of the newest interval', async () => {
    const db = await database('user:ana', 'user:ben')
    await writeReport(db, report('user:ana', {}, { sent: 6_000 }))
    await writeReport(db, report('user:ana', {}, { sent: 60, received: 30, errors: 3 }))
    await writeReport(db, report('user:ben', { since: NOW - 2 * INTERVAL_MS }, { sent: 240 }))
    expect(await sums(db)).toMatchObject({
      sent_per_second: 3,
      received_per_second: 0.5,
      recent_asked: 30,
      recent_errors: 3,
    })
  })

  test('a report that came soon after another makes no storm of a handful', async () => {
    const db = await database('user:ana')
    await writeReport(db, report('user:ana', { since: NOW - 10 }, { sent: 6 }))
    expect((await sums(db)).sent_per_second).toBe(0.1)
  })

  test('a hub that has been silent since adds nothing to figures per second', async () => {
    const db = await database('user:ana')
    await writeReport(db, report('user:ana', { sockets: 1 }, { sent: 600 }))
    expect(await sums(db, NOW + 2 * INTERVAL_MS)).toMatchObject({
      sent_per_second: 0,
      sent: 600,
      sockets: 1,
    })
  })

  test('[DI3] a hub that was erased leaves no row behind', async () => {
    const db = await database('user:ana')
    await writeReport(db, report('user:ben', { sockets: 1 }))
    expect((await sums(db)).sockets).toBe(0)
  })

  test('[AR2] it lands with its batch or not at all', async () => {
    const db = await database('user:ana')
    const batch = { stream: 'user:ana', epoch: 'e1', entries: [] }
    const counted = report('user:ana', {}, { sent: 5 })
    await applyBatch(db, { ...batch, expected: 0, to: 3, report: counted })
    await expect(applyBatch(db, { ...batch, expected: 0, to: 3, report: counted })).rejects.toThrow(
      'archive_cursors.seq',
    )
    expect((await sums(db)).sent).toBe(5)
  })

  test('no figure can make D1 refuse the batch', async () => {
    const db = await database('user:ana')
    await writeReport(db, report('user:ana', { sockets: NaN }, { sent: 1.5, received: Infinity }))
    expect(await sums(db)).toMatchObject({ sockets: 0, sent: 1 })
  })
})
