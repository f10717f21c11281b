import { beforeEach, describe, expect, test } from 'vitest'
import { fakeD1, type FakeD1 } from '../tests/fakes/d1.ts'
import { deleteUser, putLocation, putUser } from './directory.ts'
import { putMember } from './members.ts'
import { openDatabase, type Database } from './open.ts'
import { forgetRevocations, listEndedSessions, listRevoked, revokedUntil } from './revocations.ts'
import {
  endSessions,
  forgetSessions,
  getSession,
  getSignedIn,
  openSession,
  rotateSession,
} from './sessions.ts'

const NOW = 1_800_000_000_000
let d1: FakeD1
let db: Database

beforeEach(async () => {
  d1 = fakeD1()
  db = openDatabase(d1)
  await putUser(db, { id: 'ben', name: 'Ben' }, NOW)
  await putUser(db, { id: 'emi', name: 'Emi', role: 'admin' }, NOW)
  await putLocation(db, { id: 'downtown', name: 'Downtown', time_zone: 'Europe/Madrid' }, NOW)
  const head = { epoch: '018f0000-0000-7000-8000-000000000000', seq: 0 }
  await putMember(db, { location_id: 'downtown', user_id: 'ben', role: 'staff', head, now: NOW })
  await d1.exec('DELETE FROM hub_tasks')
})

const open = (id: string, user_id = 'ben') =>
  openSession(db, { id, user_id, secret_hash: 'hash', nonce: 'first', expires_at: NOW + 10 }, NOW)

const rotate = (nonce: string, next_nonce: string) =>
  rotateSession(db, { id: 'one', nonce, next_nonce, expires_at: NOW + 20 }, NOW + 5)

const ben = { id: 'ben', role: 'member', memberships: { downtown: 'staff' } }

describe('sessions', () => {
  test('[AU2] a session is opened for people of the directory only', async () => {
    expect(await open('one')).toEqual(ben)
    expect(await open('two', 'nobody')).toBeNull()
    expect(await getSession(db, 'two')).toBeNull()
    expect(await getSignedIn(db, 'one')).toEqual(ben)
  })

  test('[AU2] a nonce is used once: of two who come at the same time one is told no', async () => {
    await open('one')
    const both = await Promise.all([rotate('first', 'second'), rotate('first', 'other')])
    expect(both).toEqual([ben, null])
    expect(await getSession(db, 'one')).toMatchObject({
      nonce: 'second',
      previous_nonce: 'first',
      rotated_at: NOW + 5,
      expires_at: NOW + 20,
    })
  })

  test('[AU8] one that has ended is revoked, and its hubs hear of it', async () => {
    await open('one')
    await open('two')
    await open('three', 'emi')
    const tasks = await endSessions(db, { id: 'one' }, NOW)
    expect(tasks.map(({ hub }) => hub).toSorted()).toEqual(['location:downtown', 'user:ben'])
    expect(await listRevoked(db, NOW)).toEqual(['one'])
    expect(await rotate('first', 'second')).toBeNull()
    expect(await getSignedIn(db, 'one')).toBeNull()
    expect(await endSessions(db, { id: 'one' }, NOW)).toEqual([])
    await endSessions(db, { user_id: 'ben' }, NOW)
    expect((await listRevoked(db, NOW)).toSorted()).toEqual(['one', 'two'])
    expect(await getSignedIn(db, 'three')).toMatchObject({ id: 'emi', role: 'admin' })
  })

  test('[DI3] with a person go their sessions; what revokes their tokens stays for a token’s life', async () => {
    await open('one')
    await deleteUser(db, 'ben', NOW)
    expect(await getSession(db, 'one')).toBeNull()
    const until = revokedUntil(NOW)
    expect(await listEndedSessions(db, NOW)).toEqual([{ id: 'one', user_id: 'ben', until }])
    expect(await listRevoked(db, until)).toEqual([])
    await forgetRevocations(db, until)
    expect(d1.sqlite.prepare('SELECT * FROM revocations').all()).toEqual([])
  })

  test('[AU2] a session that is over is forgotten, one that ended early not before its time', async () => {
    await open('one')
    await endSessions(db, { id: 'one' }, NOW)
    await forgetSessions(db, NOW + 9)
    expect(await getSession(db, 'one')).not.toBeNull()
    await forgetSessions(db, NOW + 10)
    expect(await getSession(db, 'one')).toBeNull()
  })
})
