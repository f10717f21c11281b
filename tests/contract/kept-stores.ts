// Stores that keep in memory what stands in a table: a hub that was woken, and one whose transaction failed, must
// know exactly what the table knows.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CollapseStore } from '../../durable-objects/store/collapse.ts'
import { LogStore } from '../../durable-objects/store/log.ts'
import { MembershipStore, type MembershipRow } from '../../durable-objects/store/memberships.ts'
import { openMeta } from '../../durable-objects/store/meta.ts'
import {
  PresenceStore,
  RosterStore,
  WatcherStore,
  type RosterRow,
} from '../../durable-objects/store/roster.ts'
import type { Sql } from '../../durable-objects/store/sql.ts'
import type { OnStorage } from './on.ts'

const head = (seq: number, epoch = 'e1') => ({ epoch, seq })

const membership = (locationId: string, change: Partial<MembershipRow> = {}): MembershipRow => ({
  locationId,
  role: 'staff',
  timeZone: 'Europe/Madrid',
  from: head(3),
  roleFrom: head(4),
  cursor: head(3),
  behind: false,
  ...change,
})

const membershipsOn = (sql: Sql) =>
  new MembershipStore({ sql, meta: openMeta(sql), log: new LogStore(sql) })

const member = (userId: string, change: Partial<RosterRow> = {}): RosterRow => ({
  userId,
  role: 'staff',
  locale: 'en',
  from: head(3),
  roleFrom: head(4),
  ...change,
})

/** One transaction that fails after its work was done. */
function failing(sql: Sql, work: () => void): void {
  expect(() =>
    sql.transaction(() => {
      work()
      throw new Error('the disk is full')
    }),
  ).toThrow('the disk is full')
}

function metaTests(on: OnStorage): void {
  test('[WS13] numbers and the epoch survive; a missing number is 0', () =>
    on((sql) => {
      const meta = openMeta(sql)
      expect([meta.epoch(), meta.profile(), meta.get('archived')]).toEqual([null, null, 0])
      meta.setEpoch('e1')
      meta.set('archived', 7)
      meta.set('archived', 9)
      meta.setProfile('{"locale":"es"}')
      const woken = openMeta(sql)
      expect([woken.epoch(), woken.get('archived'), woken.get('floor')]).toEqual(['e1', 9, 0])
      expect(woken.profile()).toBe('{"locale":"es"}')
    }))

  test('[ST7] a failed transaction leaves no number ahead of the table', () =>
    on((sql) => {
      const meta = openMeta(sql)
      meta.set('floor', 2)
      failing(sql, () => {
        meta.set('floor', 9)
        meta.setEpoch('e9')
      })
      expect([meta.get('floor'), meta.epoch()]).toEqual([2, null])
      meta.set('floor', 9)
      expect(openMeta(sql).get('floor')).toBe(9)
    }))
}

function membershipTests(on: OnStorage): void {
  test('[NO8] a membership comes back as it was put, and goes when it is removed', () =>
    on((sql) => {
      const store = membershipsOn(sql)
      const rows = [membership('a', { behind: true, role: 'manager' }), membership('b')]
      for (const row of rows) store.put(row)
      expect(membershipsOn(sql).all()).toEqual(rows)
      store.remove('a')
      expect([store.get('a'), membershipsOn(sql).get('a')]).toEqual([null, null])
      expect(membershipsOn(sql).get('b')).toEqual(rows[1])
    }))

  test('[ST7] a cursor moves for a member only, and a move to the same place writes nothing', () =>
    on((sql) => {
      const store = membershipsOn(sql)
      store.put(membership('a'))
      store.moveCursor('a', head(8), true)
      store.moveCursor('nowhere', head(8), true)
      expect(membershipsOn(sql).all()).toEqual([membership('a', { cursor: head(8), behind: true })])
      const before = store.get('a')
      store.moveCursor('a', head(8), true)
      expect(store.get('a')).toBe(before)
    }))

  test('[ST7] a cursor that moved in a failed transaction is where it was', () =>
    on((sql) => {
      const store = membershipsOn(sql)
      store.put(membership('a'))
      store.put(membership('b'))
      failing(sql, () => {
        store.moveCursor('a', head(500), false)
        store.remove('b')
        store.put(membership('c'))
      })
      expect(store.all()).toEqual([membership('a'), membership('b')])
    }))

  test('[ST7] whatever a hub took, another life of it begins at the newest copy or up to 100 seqs below where it was', () =>
    on((sql) => {
      fc.assert(
        fc.property(fc.array(taken, { maxLength: 60 }), (steps) => {
          for (const name of ['log', 'meta', 'memberships']) sql.run(`DROP TABLE IF EXISTS ${name}`)
          let hub = hubOn(sql)
          for (const id of ['a', 'b']) hub.memberships.put(membership(id, { cursor: head(0) }))
          for (const step of steps) {
            if (step.do === 'wake') hub = hubOn(sql)
            else if (step.do === 'take') hub.take(step.from, step.copies, step.unseen)
            else if (step.do === 'fail') {
              failing(sql, () => hub.take(step.from, step.copies, step.unseen))
            } else for (let more = step.copies; more > 0; more -= 1) hub.write()
            hub.memberships.settle()
            const woken = hubOn(sql)
            for (const row of hub.memberships.all()) {
              const again = woken.memberships.get(row.locationId)?.cursor.seq ?? -1
              expect(again).toBeGreaterThanOrEqual(newestCopy(sql, row.locationId))
              expect(again).toBeLessThanOrEqual(row.cursor.seq)
              expect(again).toBeGreaterThanOrEqual(row.cursor.seq - 100)
            }
            // Nor is much of the log read for it, and nothing of what may be trimmed.
            expect(woken.log.head - openMeta(sql).get('copies_from')).toBeLessThan(64)
          }
        }),
        { numRuns: 50 },
      )
    }))

  test('[ST7] a page of copies is written with its copies alone', () =>
    on((sql) => {
      const hub = hubOn(sql)
      hub.memberships.put(membership('a', { cursor: head(0) }))
      const stored = sql.all('SELECT * FROM memberships')
      hub.take('a', 3, 2)
      expect(hub.memberships.get('a')?.cursor).toEqual(head(5))
      expect(sql.all('SELECT * FROM memberships')).toEqual(stored)
      expect(membershipsOn(sql).get('a')?.cursor).toEqual(head(3))
    }))

  test('[ST7][NO8] who left and came back begins where they came back, whatever was copied before', () =>
    on((sql) => {
      const hub = hubOn(sql)
      hub.memberships.put(membership('a', { cursor: head(0) }))
      hub.take('a', 3, 0)
      hub.memberships.remove('a')
      hub.memberships.put(membership('a', { from: head(9), cursor: head(9) }))
      for (const store of [hub.memberships, membershipsOn(sql)]) {
        expect(store.get('a')?.cursor).toEqual(head(9))
      }
      hub.memberships.moveCursor('a', head(2, 'e2'), false)
      expect(membershipsOn(sql).get('a')?.cursor).toEqual(head(2, 'e2'))
    }))
}

const taken = fc.record({
  do: fc.constantFrom('take', 'take', 'write', 'wake', 'fail'),
  from: fc.constantFrom('a', 'b'),
  copies: fc.nat(30),
  unseen: fc.nat(60),
})

const newestCopy = (sql: Sql, locationId: string): number =>
  sql.all<{ seq: number | null }>(
    'SELECT max(home_seq) AS seq FROM log WHERE home_stream = ?',
    `location:${locationId}`,
  )[0]?.seq ?? 0

/** A user hub reduced to what takes pages: so many copies, and above them seqs that are not for this person. */
function hubOn(sql: Sql) {
  const meta = openMeta(sql)
  const log = new LogStore(sql)
  const memberships = new MembershipStore({ sql, meta, log })
  const write = () => log.append({ kind: 'notification', at: 1, body: '{}' })
  const take = (locationId: string, copies: number, unseen: number) => {
    let { seq } = memberships.get(locationId)?.cursor ?? head(0)
    for (let more = copies; more > 0; more -= 1) {
      seq += 1
      memberships.noteCopy(locationId, head(seq))
      const home = { home_stream: `location:${locationId}`, home_epoch: 'e1', home_seq: seq }
      log.append({ kind: 'copy', at: 1, body: '{}', ...home })
    }
    memberships.moveCursor(locationId, head(seq + unseen), false)
  }
  return { log, memberships, write, take }
}

function rosterTests(on: OnStorage): void {
  test('[NO8] the directory’s word replaces the roster, and names who left', () =>
    on((sql) => {
      const store = new RosterStore(sql)
      expect(store.replaceAll([member('ana', { role: 'manager' }), member('ben')]).left).toEqual([])
      const cleo = member('cleo', { locale: 'es', roleFrom: head(9, 'e2') })
      expect(store.replaceAll([member('ben', { role: 'manager' }), cleo]).left).toEqual(['ana'])
      for (const roster of [store, new RosterStore(sql)]) {
        expect(roster.get('ana')).toBeNull()
        expect(roster.get('ben')).toEqual(member('ben', { role: 'manager' }))
        expect(roster.get('cleo')).toEqual(cleo)
      }
    }))

  test('[AU8] a failed transaction lets nobody in and shuts nobody out', () =>
    on((sql) => {
      const store = new RosterStore(sql)
      store.replaceAll([member('ana')])
      failing(sql, () => store.replaceAll([member('ben')]))
      expect([store.get('ana'), store.get('ben')]).toEqual([member('ana'), null])
      expect(store.replaceAll([member('ben')]).left).toEqual(['ana'])
    }))
}

function watcherTests(on: OnStorage): void {
  test('[ST7] a registration is known by its number, and an older one changes nothing', () =>
    on((sql) => {
      const store = new WatcherStore(sql)
      store.watch('ana', 7)
      store.watch('ana', 6)
      store.forget('ana', 6)
      const known = [{ user_id: 'ana', number: 7, untold: null }]
      expect([store.all(), new WatcherStore(sql).all()]).toEqual([known, known])
      store.watch('ana', 8)
      store.forget('ana', 7)
      expect(new WatcherStore(sql).all()).toEqual([{ ...known[0], number: 8 }])
      store.forget('ana', 8)
      expect([store.all(), new WatcherStore(sql).all()]).toEqual([[], []])
    }))

  test('[ST4] from the first failed nudge on nothing counts as told, until one gets through', () =>
    on((sql) => {
      const store = new WatcherStore(sql)
      store.setUntold('nobody', 4)
      store.watch('ana', 1)
      const untold = () => new WatcherStore(sql).all().map((one) => one.untold)
      store.setUntold('ana', 5)
      store.setUntold('ana', 9)
      expect(untold()).toEqual([5])
      store.setTold('ana')
      expect(untold()).toEqual([null])
      store.setUntold('ana', 0)
      expect(untold()).toEqual([0])
      // Whoever registers anew takes what they lack in the same call.
      store.watch('ana', 2)
      expect(untold()).toEqual([null])
    }))
}

function otherTests(on: OnStorage): void {
  test('[NO6] a key and an audience show one entry, until the archive forgets it', () =>
    on((sql) => {
      const store = new CollapseStore(sql)
      expect(store.shown('k', 3)).toBeNull()
      store.show('k', 3, { id: 'a', seq: 1 }, 100)
      store.show('k', 1, { id: 'b', seq: 2 }, 200)
      store.show('k', 3, { id: 'c', seq: 3 }, 300)
      expect(store.shown('k', 3)).toEqual({ id: 'c', seq: 3 })
      store.forgetBefore(300)
      expect([store.shown('k', 1), store.shown('k', 3)]).toEqual([null, { id: 'c', seq: 3 }])
    }))

  test('[TR1] what was announced of a person is one row', () =>
    on((sql) => {
      const store = new PresenceStore(sql)
      const ana = { user_id: 'ana', status: 'online', last_seen: 5, leaving_at: null } as const
      const ben = { user_id: 'ben', status: 'away', last_seen: 6, leaving_at: 21 } as const
      for (const row of [ana, ben, { ...ana, status: 'offline' as const }]) store.put(row)
      expect(new PresenceStore(sql).all()).toEqual([{ ...ana, status: 'offline' }, ben])
      store.remove('ana')
      expect(store.all()).toEqual([ben])
    }))
}

export function keptStoresContract(name: string, on: OnStorage): void {
  describe(`what a hub remembers of itself on ${name}`, () => {
    metaTests(on)
  })
  describe(`memberships on ${name}`, () => {
    membershipTests(on)
  })
  describe(`the roster on ${name}`, () => {
    rosterTests(on)
  })
  describe(`who watches on ${name}`, () => {
    watcherTests(on)
  })
  describe(`keys and presence on ${name}`, () => {
    otherTests(on)
  })
}
