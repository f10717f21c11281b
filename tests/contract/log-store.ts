// What a hub relies on of its log, on any SQLite (ST1 to ST4, AR1, CO5, NO1, NO6).
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  homeOf,
  KEEP_ENTRIES,
  KEEP_MS,
  LogStore,
  type EntryKind,
  type NewEntry,
} from '../../durable-objects/store/log.ts'
import { ParkedStore } from '../../durable-objects/store/parked.ts'
import type { Sql } from '../../durable-objects/store/sql.ts'
import type { OnStorage } from './on.ts'

const NOW = Date.UTC(2026, 10, 23, 9)

const entry = (change: Partial<NewEntry> = {}): NewEntry => ({
  kind: 'notification',
  at: NOW,
  body: '{}',
  ...change,
})

const copy = (change: Partial<NewEntry> = {}): NewEntry =>
  entry({ kind: 'copy', home_stream: 'location:a', home_epoch: 'e', home_seq: 1, ...change })

const seqs = (entries: readonly { seq: number }[]) => entries.map((one) => one.seq)

const rows = (sql: Sql) => seqs(sql.all<{ seq: number }>('SELECT seq FROM log ORDER BY seq'))

function filled(sql: Sql, count: number, at = NOW): LogStore {
  const log = new LogStore(sql)
  sql.transaction(() => {
    for (let index = 0; index < count; index += 1) log.append(entry({ at }))
  })
  return log
}

export function logStoreContract(name: string, on: OnStorage): void {
  describe(`the log on ${name}`, () => {
    test('[ST1] seq starts at 1 and rises by 1', () =>
      on((sql) => {
        const log = new LogStore(sql)
        expect(log.head).toBe(0)
        expect([log.append(entry()).seq, log.append(entry()).seq]).toEqual([1, 2])
        expect(log.head).toBe(2)
      }))

    test('[ST1][WS13] another life of the object goes on with the next seq', () =>
      on((sql) => {
        filled(sql, 3)
        const woken = new LogStore(sql)
        expect([woken.head, woken.trimmed, woken.lastHomeSeq]).toEqual([3, 0, 3])
        expect(woken.append(entry()).seq).toBe(4)
      }))

    test('[ST1] a failed transaction takes its numbers back, and they are given again', () =>
      on((sql) => {
        const log = filled(sql, 2)
        expect(() =>
          sql.transaction(() => {
            log.append(entry())
            log.append(copy())
            throw new Error('the disk is full')
          }),
        ).toThrow('the disk is full')
        expect([log.head, log.lastHomeSeq]).toEqual([2, 2])
        expect(log.append(entry()).seq).toBe(3)
        expect(rows(sql)).toEqual([1, 2, 3])
      }))

    test('[ST1] an entry comes back as it was written', () =>
      on((sql) => {
        const written = new LogStore(sql).append({
          kind: 'copy',
          id: 'n-1',
          at: NOW,
          audience: 1,
          expires_at: NOW + 1,
          collapse_key: 'k',
          home_stream: 'location:a',
          home_epoch: 'e1',
          home_seq: 70,
          idem_key: 'key',
          idem_hash: 'hash',
          body: '{"title":"Zoë 🎉"}',
        })
        const log = new LogStore(sql)
        expect(written.seq).toBe(1)
        expect(log.since(0, 9)).toEqual([written])
        expect(log.byId('n-1')).toEqual(written)
        expect(log.byIdempotencyKey('key')).toEqual(written)
        expect(log.byId('n-2')).toBeNull()
        expect(log.byIdempotencyKey('other')).toBeNull()
      }))

    test('[IN2] an id is found among the newest 1,000, and not below them', () =>
      on((sql) => {
        const log = new LogStore(sql)
        sql.transaction(() => {
          for (let seq = 1; seq <= KEEP_ENTRIES + 2; seq += 1) log.append(entry({ id: `n-${seq}` }))
        })
        const found = [2, 3, 4, KEEP_ENTRIES + 2].map((seq) => log.byId(`n-${seq}`)?.seq ?? null)
        expect(found).toEqual([null, 3, 4, KEEP_ENTRIES + 2])
      }))

    test('an entry without a key is one row, also in a hub of an older build', () =>
      on((sql) => {
        new LogStore(sql).append(entry({ id: 'n-1' }))
        sql.run('CREATE INDEX log_id ON log(id) WHERE id IS NOT NULL')
        expect(new LogStore(sql).append(entry({ id: 'n-2' })).seq).toBe(2)
        const indices = sql.all<{ sql: string }>(
          "SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'log' AND sql IS NOT NULL",
        )
        expect(
          indices.every((one) => /WHERE (idem_key|collapse_key) IS NOT NULL/.test(one.sql)),
        ).toBe(true)
      }))

    test('[CO5] a key stands in the log once', () =>
      on((sql) => {
        const log = new LogStore(sql)
        log.append(entry({ idem_key: 'k', idem_hash: 'h' }))
        expect(() =>
          sql.transaction(() => log.append(entry({ idem_key: 'k', idem_hash: 'h' }))),
        ).toThrow()
        expect(rows(sql)).toEqual([1])
      }))

    test('[NO1] times rise by at least a millisecond, also when the clock goes back', () =>
      on((sql) => {
        const log = new LogStore(sql)
        const clock = [NOW, NOW, NOW - 60_000, NOW + 5, NOW]
        const times = clock.map((now) => log.append(entry({ at: log.nextTime(now) })).at - NOW)
        expect(times).toEqual([0, 1, 2, 5, 6])
        expect(new LogStore(sql).nextTime(NOW - 1)).toBe(NOW + 7)
      }))

    test('[WS4] entries above a seq come oldest first and no more than asked for', () =>
      on((sql) => {
        const log = filled(sql, 6)
        expect(seqs(log.since(2, 100))).toEqual([3, 4, 5, 6])
        expect(seqs(log.since(2, 2))).toEqual([3, 4])
        expect(log.since(6, 100)).toEqual([])
      }))

    test('[ST7][AR1] copies and floors are none of the archive’s business', () =>
      on((sql) => {
        const kinds: EntryKind[] = ['copy', 'notification', 'floor', 'mark', 'copy_state', 'step']
        const log = new LogStore(sql)
        for (const kind of [...kinds, 'copy' as const]) log.append(entry({ kind }))
        expect(log.homeSince(0, 100).map((one) => one.kind)).toEqual([
          'notification',
          'mark',
          'step',
        ])
        expect(seqs(log.homeSince(2, 1))).toEqual([4])
        expect([log.lastHomeSeq, new LogStore(sql).lastHomeSeq]).toEqual([6, 6])
      }))

    test('[IN2] the newest notification below a place is found, also when it was trimmed', () =>
      on((sql) => {
        const log = filled(sql, 1_200, NOW - 2 * KEEP_MS)
        for (const kind of ['mark', 'copy', 'notification', 'step', 'floor'] as const) {
          log.append(entry({ kind, at: NOW }))
        }
        const found = [1_205, 1_203, 1_202, 1_201, 7].map((seq) => log.newestNotification(seq))
        expect(found).toEqual([1_203, 1_203, 1_200, 1_200, 7])
        log.trim(NOW, log.head)
        sql.run("DELETE FROM log WHERE kind = 'notification'")
        expect([1_205, 7].map((seq) => log.newestNotification(seq))).toEqual([log.trimmed, 7])
      }))

    test('[NO6] a newer one replaces those of the same key, audience and home only', () =>
      on((sql) => {
        const log = new LogStore(sql)
        log.append(entry({ collapse_key: 'k', audience: 3 }))
        log.append(entry({ collapse_key: 'k', audience: 1 }))
        log.append(entry({ collapse_key: 'other', audience: 3 }))
        log.append(copy({ collapse_key: 'k', audience: 3 }))
        log.append(entry({ collapse_key: 'k', audience: 3 }))
        const gone = () => log.since(0, 100).flatMap((one) => (one.gone === 1 ? one.seq : []))
        log.replace(null, 'k', 3, 5)
        expect(gone()).toEqual([1])
        log.append(copy({ collapse_key: 'k', audience: 3 }))
        log.replace('location:a', 'k', 3, 6)
        expect(gone()).toEqual([1, 4])
      }))

    test('[ST4] the newest 1,000 stay however old they are', () =>
      on((sql) => {
        const log = filled(sql, KEEP_ENTRIES + 99, NOW - 10 * KEEP_MS)
        log.trim(NOW, log.head)
        expect(log.trimmed).toBe(0)
        log.append(entry({ at: NOW }))
        log.trim(NOW, log.head)
        expect([log.trimmed, rows(sql)[0]]).toEqual([100, 101])
        expect(rows(sql)).toHaveLength(KEEP_ENTRIES)
      }))

    test('[ST4] the last 24 hours stay however many they are', () =>
      on((sql) => {
        const log = filled(sql, 150, NOW - KEEP_MS)
        sql.transaction(() => {
          for (let index = 0; index < 1_200; index += 1)
            log.append(entry({ at: NOW - KEEP_MS + 1 }))
        })
        log.trim(NOW, log.head)
        log.trim(NOW, log.head)
        expect([log.trimmed, rows(sql)[0]]).toEqual([150, 151])
        log.trim(NOW + 1, log.head)
        expect(rows(sql)[0]).toBe(351)
      }))

    test('[ST4] what is not archived or not told is never trimmed', () =>
      on((sql) => {
        const log = filled(sql, 1_500, NOW - 2 * KEEP_MS)
        log.trim(NOW, 250)
        expect(log.trimmed).toBeLessThanOrEqual(250)
        expect(rows(sql)[0]).toBe(log.trimmed + 1)
        log.trim(NOW, 0)
        expect(rows(sql)[0]).toBe(log.trimmed + 1)
      }))

    test('[ST4] a batch of 500 at a time does not outrun the trimming', () =>
      on((sql) => {
        const log = filled(sql, 1_000, NOW - 2 * KEEP_MS)
        for (let call = 0; call < 8; call += 1) {
          sql.transaction(() => {
            for (let index = 0; index < 500; index += 1)
              log.append(entry({ at: NOW - 2 * KEEP_MS }))
          })
          log.trim(NOW, log.head)
        }
        expect(rows(sql).length).toBeLessThan(KEEP_ENTRIES + 600)
      }))

    test('[AR2] a parked entry stays, and another life still knows what was trimmed', () =>
      on((sql) => {
        const log = filled(sql, 1_300, NOW - 2 * KEEP_MS)
        log.park(7)
        log.trim(NOW, log.head)
        expect(rows(sql).slice(0, 2)).toEqual([7, log.trimmed + 1])
        expect(log.since(0, 1)[0]?.parked).toBe(1)
        expect(new LogStore(sql).trimmed).toBe(log.trimmed)
      }))

    test('[AR2] one that D1 took after all is an entry like others, and gone where they are trimmed', () =>
      on((sql) => {
        const log = filled(sql, 1_300, NOW - 2 * KEEP_MS)
        const parked = new ParkedStore(sql, log)
        for (const seq of [7, 1_250]) parked.park(seq, { at: 1, reason: 'constraint failed' })
        log.trim(NOW, log.head)
        expect([parked.count, parked.refusalOf(7)]).toEqual([
          2,
          { at: 1, reason: 'constraint failed' },
        ])
        parked.release(7)
        parked.release(1_250)
        expect([parked.count, log.at(7), log.at(1_250)?.parked]).toEqual([0, null, 0])
        expect(new LogStore(sql).trimmed).toBe(log.trimmed)
      }))

    test('[AR2] what is to be tried again is known until it is refused or taken', () =>
      on((sql) => {
        const parked = new ParkedStore(sql, filled(sql, 9))
        for (const seq of [3, 5]) parked.park(seq, { at: 1, reason: 'refused' })
        expect([parked.nextRetryAt(), parked.toRetry(9_000)]).toEqual([null, []])
        parked.retryAt(5, 2_000)
        parked.retryAt(3, 3_000)
        expect([parked.nextRetryAt(), parked.toRetry(2_000)]).toEqual([2_000, [5]])
        parked.park(5, { at: 2, reason: 'too big' })
        parked.release(3)
        expect([parked.nextRetryAt(), parked.refusalOf(5)?.reason]).toEqual([null, 'too big'])
      }))

    test('[ST1] whatever happens, seqs are contiguous above what was trimmed', () =>
      on((sql) => {
        const step = fc.oneof(
          fc.record({
            do: fc.constant('append' as const),
            count: fc.integer({ min: 1, max: 300 }),
          }),
          fc.record({ do: fc.constant('fail' as const), count: fc.integer({ min: 1, max: 9 }) }),
          fc.record({ do: fc.constant('trim' as const), count: fc.nat(3_000) }),
          fc.record({ do: fc.constant('wake' as const), count: fc.constant(0) }),
        )
        fc.assert(
          fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
            sql.run('DROP TABLE IF EXISTS log')
            let log = new LogStore(sql)
            let given = 0
            for (const { do: what, count } of steps) {
              if (what === 'append') {
                sql.transaction(() => {
                  for (let index = 0; index < count; index += 1) {
                    given += 1
                    expect(log.append(entry({ at: NOW - 2 * KEEP_MS })).seq).toBe(given)
                  }
                })
              } else if (what === 'fail') {
                expect(() =>
                  sql.transaction(() => {
                    for (let index = 0; index < count; index += 1) log.append(entry())
                    throw new Error('no')
                  }),
                ).toThrow()
              } else if (what === 'trim') log.trim(NOW, count)
              else log = new LogStore(sql)
              expect(log.head).toBe(given)
              expect(log.lastHomeSeq).toBe(given)
            }
            const kept = rows(sql)
            expect(kept).toEqual(kept.map((_, index) => log.trimmed + 1 + index))
            expect(kept.length).toBeGreaterThanOrEqual(Math.min(given, KEEP_ENTRIES))
          }),
          { numRuns: 30 },
        )
      }))
  })

  describe(`the home of an entry on ${name}`, () => {
    test('[ST7] is here, unless it was taken from somewhere else', () =>
      on((sql) => {
        const log = new LogStore(sql)
        const here = { stream: 'user:ana', epoch: 'e0' }
        expect(homeOf(log.append(entry()), here)).toEqual({ ...here, seq: 1 })
        expect(homeOf(log.append(copy({ home_seq: 70 })), here)).toEqual({
          stream: 'location:a',
          epoch: 'e',
          seq: 70,
        })
      }))
  })
}
