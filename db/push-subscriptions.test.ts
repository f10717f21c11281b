import { beforeEach, describe, expect, test } from 'vitest'
import { type FakeD1, fakeD1 } from '../tests/fakes/d1.ts'
import { deleteUser, putUser } from './directory.ts'
import { readUserCopy } from './hub-copies.ts'
import { type Database, openDatabase } from './open.ts'
import {
  deletePushSubscription,
  dropEndedSubscription,
  putPushSubscription,
  type PushSubscriptionPut,
} from './push-subscriptions.ts'
import { openSession, endSessions } from './sessions.ts'

let d1: FakeD1
let db: Database
beforeEach(async () => {
  d1 = fakeD1()
  db = openDatabase(d1)
  for (const id of ['ana', 'ben']) await putUser(db, { id, name: id }, 1)
})

const put = (change: Partial<PushSubscriptionPut> = {}, now = 10) =>
  putPushSubscription(
    db,
    {
      user_id: 'ben',
      device: 'phone',
      endpoint: 'https://fcm.googleapis.com/fcm/send/a',
      p256dh: 'point',
      auth: 'secret',
      origin: 'https://shop.example',
      session: null,
      ...change,
    },
    now,
  )
const devicesOf = async (id: string) =>
  (await readUserCopy(db, id))?.push.map(({ device }) => device)

describe('subscriptions', () => {
  test('[RE3] made, confirmed, and changed; each time the hub must read again', async () => {
    expect(await put()).toMatchObject({ outcome: 'created', hubs: ['user:ben'] })
    const confirmed = await put({}, 20)
    expect(confirmed).toMatchObject({ outcome: 'unchanged', hubs: ['user:ben'] })
    expect(confirmed.row).toMatchObject({ created_at: 10, confirmed_at: 20 })
    const moved = await put({ endpoint: 'https://fcm.googleapis.com/fcm/send/b' }, 30)
    expect(moved).toMatchObject({ outcome: 'changed', row: { created_at: 30 } })
    expect((await put({ auth: 'other' }, 40)).outcome).toBe('changed')
    expect(await devicesOf('ben')).toEqual(['phone'])
  })

  test('[RE3] an address belongs to whoever subscribed it last; both hubs hear of it', async () => {
    await put()
    const { hubs } = await put({ user_id: 'ana', device: 'tablet' })
    expect(hubs.toSorted()).toEqual(['user:ana', 'user:ben'])
    expect([await devicesOf('ana'), await devicesOf('ben')]).toEqual([['tablet'], []])
    // Also between devices of one person: the browser has forgotten what it was called.
    await put({ user_id: 'ana', device: 'other' })
    expect(await devicesOf('ana')).toEqual(['other'])
  })

  test('[RE3] a seventeenth device ends the one confirmed longest ago', async () => {
    const of = (n: number, now: number) =>
      put({ device: `d${n}`, endpoint: `https://fcm.googleapis.com/fcm/send/${n}` }, now)
    for (let n = 0; n < 16; n++) await of(n, 10 + n)
    await of(0, 50)
    await of(16, 50)
    const devices = await devicesOf('ben')
    expect(devices).toHaveLength(16)
    expect([devices?.includes('d0'), devices?.includes('d1')]).toEqual([true, false])
    expect(devices).toContain('d16')
  })

  test('[DI3] for nobody there is none, and with a person theirs go', async () => {
    expect(await put({ user_id: 'nobody' })).toMatchObject({ row: null, hubs: [] })
    await put()
    await deleteUser(db, 'ben', 20)
    expect(d1.sqlite.prepare('SELECT count(*) AS n FROM push_subscriptions').get()).toEqual({
      n: 0,
    })
  })

  test('[RE3] taken away once', async () => {
    await put()
    const gone = await deletePushSubscription(db, 'ben', 'phone', 20)
    expect(gone).toMatchObject({ found: true, hubs: ['user:ben'] })
    expect(await deletePushSubscription(db, 'ben', 'phone', 20)).toMatchObject({
      found: false,
      hubs: [],
    })
    expect((await deletePushSubscription(db, 'ana', 'phone', 20)).found).toBe(false)
  })

  test('[RE3] what has ended is forgotten, but not what was confirmed since', async () => {
    await put({}, 10)
    await put({}, 30)
    await dropEndedSubscription(db, 'ben', 'phone', 20)
    expect(await devicesOf('ben')).toEqual(['phone'])
    await dropEndedSubscription(db, 'ben', 'phone', 30)
    expect(await devicesOf('ben')).toEqual([])
  })
})

describe('sessions', () => {
  const signIn = (id: string, user_id = 'ben') =>
    openSession(db, { id, user_id, secret_hash: 'hash', nonce: 'nonce', expires_at: 1_000_000 }, 10)
  const subscribe = (session: string | null, device: string) =>
    put({ session, device, endpoint: `https://fcm.googleapis.com/fcm/send/${device}` })

  test('[AU8] who signs out is called there no more; other devices are', async () => {
    await signIn('one')
    await signIn('two')
    await subscribe('one', 'phone')
    await subscribe('two', 'tablet')
    await endSessions(db, { id: 'one' }, 20)
    expect(await devicesOf('ben')).toEqual(['tablet'])
    await endSessions(db, { user_id: 'ben' }, 30)
    expect(await devicesOf('ben')).toEqual([])
  })

  test('[AU8] a request that was under way when its session ended subscribes nothing', async () => {
    await signIn('one')
    await endSessions(db, { id: 'one' }, 20)
    expect((await subscribe('one', 'phone')).row).toBeNull()
    expect(await devicesOf('ben')).toEqual([])
  })
})
