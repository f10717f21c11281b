// Stores that keep in memory what stands in a table: a hub that was woken, and one whose transaction failed, must
// know exactly what the table knows.
import { describe, expect, test } from 'vitest'
import { CollapseStore } from '../../durable-objects/store/collapse.ts'
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
      const store = new MembershipStore(sql)
      const rows = [membership('a', { behind: true, role: 'manager' }), membership('b')]
      for (const row of rows) store.put(row)
      expect(new MembershipStore(sql).all()).toEqual(rows)
      store.remove('a')
      expect([store.get('a'), new MembershipStore(sql).get('a')]).toEqual([null, null])
      expect(new MembershipStore(sql).get('b')).toEqual(rows[1])
    }))

  test('[ST7] a cursor moves for a member only, and a move to the same place writes nothing', () =>
    on((sql) => {
      const store = new MembershipStore(sql)
      store.put(membership('a'))
      store.moveCursor('a', head(8), true)
      store.moveCursor('nowhere', head(8), true)
      expect(new MembershipStore(sql).all()).toEqual([
        membership('a', { cursor: head(8), behind: true }),
      ])
      const before = store.get('a')
      store.moveCursor('a', head(8), true)
      expect(store.get('a')).toBe(before)
    }))

  test('[ST7] a cursor that moved in a failed transaction is where it was', () =>
    on((sql) => {
      const store = new MembershipStore(sql)
      store.put(membership('a'))
      store.put(membership('b'))
      failing(sql, () => {
        store.moveCursor('a', head(500), false)
        store.remove('b')
        store.put(membership('c'))
      })
      expect(store.all()).toEqual([membership('a'), membership('b')])
    }))
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
