import { beforeEach, describe, expect, test } from 'vitest'
import { fakeSql } from '../../tests/fakes/sql.ts'
import { PushStore } from './push.ts'
import type { Sql } from './sql.ts'

const copy = (device: string, created_at = 10, confirmed_at = created_at) => ({
  device,
  endpoint: `https://fcm.googleapis.com/fcm/send/${device}`,
  p256dh: 'point',
  auth: 'secret',
  origin: 'https://shop.example',
  created_at,
  confirmed_at,
})

let sql: Sql
let store: PushStore
beforeEach(() => {
  sql = fakeSql()
  store = new PushStore(sql)
})

function rowOf(device: string) {
  const row = store.get(device)
  if (row === null) throw new Error(`no ${device}`)
  return row
}
const live = () => store.live().map(({ device }) => device)

describe('PushStore', () => {
  test('[AR7] takes the directory’s word, and keeps how a device is doing while it is the same', () => {
    store.replaceAll([copy('a'), copy('b')])
    store.note(rowOf('a'), { ...rowOf('a'), error: 'busy', failures: 2 })
    store.wait({ device: 'a', seq: 3, next_at: 50 })
    store.replaceAll([copy('a', 10, 20), copy('c')])
    expect(live()).toEqual(['a', 'c'])
    expect(rowOf('a')).toMatchObject({ error: 'busy', failures: 2, confirmed_at: 20 })
    expect(store.nextWait()).toBe(50)
    // Subscribed anew: another address, and nothing of before is about it.
    store.replaceAll([copy('a', 30)])
    expect(rowOf('a')).toMatchObject({ error: null, failures: 0 })
    expect(store.nextWait()).toBeNull()
  })

  test('[RE3] one that has ended stays to be seen until it subscribes again, whatever D1 still says', () => {
    store.replaceAll([copy('a')])
    store.wait({ device: 'a', seq: 3, next_at: 50 })
    expect(store.note(rowOf('a'), { ...rowOf('a'), gone_at: 20 })).toBe(false)
    expect([live(), store.nextWait()]).toEqual([[], null])
    store.replaceAll([copy('a')])
    expect(live()).toEqual([])
    store.replaceAll([])
    expect(rowOf('a')).toMatchObject({ gone_at: 20, in_archive: 0 })
    store.replaceAll([copy('a', 10, 21)])
    expect(rowOf('a')).toMatchObject({ gone_at: null, in_archive: 1 })
  })

  test('[RE3] what is noted late is not noted of another subscription', () => {
    store.replaceAll([copy('a')])
    const before = rowOf('a')
    store.replaceAll([copy('a', 30)])
    expect(store.note(before, { ...before, gone_at: 40 })).toBe(false)
    expect(live()).toEqual(['a'])
    store.replaceAll([])
    expect(store.note(before, before)).toBe(false)
    expect(store.all()).toEqual([])
  })

  test('[RE3] what waits is found when it is due, and not after it was done', () => {
    store.replaceAll([copy('a'), copy('b')])
    store.wait({ device: 'a', seq: 3, next_at: 50 })
    store.wait({ device: 'b', seq: 4, next_at: 60 })
    store.wait({ device: 'b', seq: 5, next_at: 70 })
    expect(store.waiting(60, 10).map(({ seq }) => seq)).toEqual([3, 4])
    store.endWait('a', 3)
    expect(store.nextWait()).toBe(60)
    store.endWaitsUpTo(4)
    expect(store.nextWait()).toBe(70)
  })

  test('[WS13] a hub that was woken knows what the tables know', () => {
    store.replaceAll([copy('a'), copy('b')])
    store.note(rowOf('a'), { ...rowOf('a'), gone_at: 20, in_archive: 0 })
    expect(new PushStore(sql).all()).toEqual(store.all())
    expect(() =>
      sql.transaction(() => {
        store.replaceAll([])
        throw new Error('the disk is full')
      }),
    ).toThrow()
    expect(live()).toEqual(['b'])
    store.forgetBefore(21)
    expect(new PushStore(sql).all().map(({ device }) => device)).toEqual(['b'])
  })
})
