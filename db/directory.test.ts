import { beforeEach, describe, expect, test } from 'vitest'
import { type FakeD1, fakeD1 } from '../tests/fakes/d1.ts'
import {
  deleteLocation,
  deleteUser,
  getLocation,
  getMe,
  getUser,
  mayReadUser,
  putLocation,
  putUser,
} from './directory.ts'
import { BadCursor } from './errors.ts'
import { readLocationCopy, readUserCopy } from './hub-copies.ts'
import { deleteMember, getMembership, listMembers, putMember } from './members.ts'
import { type Database, openDatabase } from './open.ts'
import { applyBatch, openCursor, readCursor } from './sink.ts'
import { dueTasks } from './tasks.ts'

let d1: FakeD1
let db: Database
beforeEach(() => {
  d1 = fakeD1()
  db = openDatabase(d1)
})

const ana = { id: 'ana', name: 'Ana', email: 'ana@shop.example', locale: 'es' }
const shop = { id: 'x', name: 'Downtown', time_zone: 'Europe/Madrid' }

const join = (user_id: string, role: 'manager' | 'staff', seq = 3, location_id = 'x') =>
  putMember(db, { location_id, user_id, role, head: { epoch: 'e', seq }, now: 9 })

async function shopOf(...members: [string, 'manager' | 'staff'][]) {
  await putLocation(db, shop, 1)
  for (const [id, role] of members) {
    await putUser(db, { id, name: id }, 1)
    await join(id, role)
  }
}

describe('people', () => {
  test('[DI1] a PUT makes, changes, and does nothing the third time', async () => {
    expect(await putUser(db, ana, 1)).toMatchObject({ outcome: 'created', hubs: ['user:ana'] })
    expect(await putUser(db, { ...ana, name: 'Anna' }, 2)).toMatchObject({
      outcome: 'changed',
      hubs: ['user:ana'],
    })
    expect(await putUser(db, { ...ana, name: 'Anna' }, 3)).toEqual({
      outcome: 'unchanged',
      hubs: [],
      tasks: [],
    })
    const wanted = { ...ana, name: 'Anna', time_zone: null, role: 'member' }
    expect(await getUser(db, 'ana')).toEqual(wanted)
    expect(await getUser(db, 'nobody')).toBeNull()
  })

  test('[DI1] what a PUT leaves out is taken away, but never the role', async () => {
    await putUser(db, { ...ana, role: 'admin' }, 1)
    expect((await putUser(db, { id: 'ana', name: 'Ana' }, 2)).outcome).toBe('changed')
    expect(await getUser(db, 'ana')).toMatchObject({ email: null, locale: 'en', role: 'admin' })
    expect((await putUser(db, { id: 'ana', name: 'Ana', role: 'member' }, 3)).outcome).toBe(
      'changed',
    )
  })

  test('[AR7] only hubs whose copy changes are told', async () => {
    await shopOf(['ana', 'staff'])
    expect((await putUser(db, { id: 'ana', name: 'ana', email: 'a@b.example' }, 2)).hubs).toEqual(
      [],
    )
    expect((await putUser(db, { id: 'ana', name: 'Ana' }, 3)).hubs).toEqual(['user:ana'])
    expect((await putUser(db, { id: 'ana', name: 'Ana', locale: 'es' }, 4)).hubs).toEqual([
      'user:ana',
      'location:x',
    ])
  })

  test('[DI3] deleting somebody leaves no row with their id, and no late batch brings one back', async () => {
    await shopOf(['ana', 'staff'])
    await openCursor(db, 'user:ana', 'e')
    const target = { stream: 'location:x', epoch: 'e', seq: 4, category: 'team' as const }
    await applyBatch(db, {
      stream: 'user:ana',
      epoch: 'e',
      expected: 0,
      to: 2,
      entries: [
        { kind: 'mark', seq: 1, at: 5, op: 'read', targets: [target] },
        { kind: 'step', seq: 2, at: 5, op: 'seen', category: '*', up_to: [target] },
      ],
    })
    const gone = await deleteUser(db, 'ana', 9)
    expect(gone).toMatchObject({ found: true, hubs: ['user:ana', 'location:x'] })
    for (const table of ['inbox_marks', 'inbox_steps', 'memberships', 'users']) {
      expect(d1.sqlite.prepare(`SELECT * FROM ${table}`).all()).toEqual([])
    }
    expect(await readCursor(db, 'user:ana', 'e')).toBeNull()
    expect(await deleteUser(db, 'ana', 10)).toEqual({ found: false, hubs: [], tasks: [] })
  })

  test('[AU7] who may read whom', async () => {
    await shopOf(['ana', 'manager'], ['ben', 'staff'])
    await putUser(db, { id: 'dario', name: 'Dario' }, 1)
    const may = (reader: string, user: string) => mayReadUser(db, reader, user)
    expect(await may('ben', 'ben')).toBe(true)
    expect(await may('ana', 'ben')).toBe(true)
    expect(await may('ben', 'ana')).toBe(false)
    expect(await may('ana', 'dario')).toBe(false)
  })

  test('[DI1] what /me answers', async () => {
    await shopOf(['ben', 'staff'])
    const me = { id: 'ben', name: 'ben', role: 'member', locale: 'en', memberships: { x: 'staff' } }
    expect(await getMe(db, 'ben')).toEqual(me)
    expect(await getMe(db, 'nobody')).toBeNull()
  })
})

describe('locations', () => {
  test('[DI1] a PUT makes, changes, and does nothing the third time', async () => {
    expect(await putLocation(db, shop, 1)).toMatchObject({
      outcome: 'created',
      hubs: ['location:x'],
    })
    expect((await putLocation(db, { ...shop, region: 'weur' }, 2)).outcome).toBe('changed')
    expect((await putLocation(db, { ...shop, region: 'weur' }, 3)).outcome).toBe('unchanged')
    expect(await getLocation(db, 'x')).toEqual({ ...shop, region: 'weur' })
    expect(await getLocation(db, 'y')).toBeNull()
  })

  test('[AR7] a new time zone is told to the members, a new name is not', async () => {
    await shopOf(['ana', 'manager'], ['ben', 'staff'])
    expect((await putLocation(db, { ...shop, name: 'Old town' }, 2)).hubs).toEqual(['location:x'])
    const moved = await putLocation(db, { ...shop, name: 'Old town', time_zone: 'Asia/Tokyo' }, 3)
    expect(moved.hubs).toEqual(['location:x', 'user:ana', 'user:ben'])
  })

  test('[DI1] deleting one ends its memberships', async () => {
    await shopOf(['ana', 'manager'])
    expect(await deleteLocation(db, 'x', 9)).toMatchObject({
      found: true,
      hubs: ['location:x', 'user:ana'],
    })
    expect(await getMembership(db, 'x', 'ana')).toBeNull()
    expect(await deleteLocation(db, 'x', 10)).toMatchObject({ found: false, hubs: [] })
  })
})

describe('members', () => {
  const at = (seq: number) => ({ epoch: 'e', seq })

  test('[NO8] a member counts from the head; a new role moves only the start of the role', async () => {
    await shopOf()
    await putUser(db, ana, 1)
    const both = ['user:ana', 'location:x']
    expect(await join('ana', 'staff', 3)).toMatchObject({ outcome: 'created', hubs: both })
    expect(await getMembership(db, 'x', 'ana')).toEqual({
      role: 'staff',
      from: at(3),
      role_from: at(3),
    })
    expect(await join('ana', 'manager', 8)).toMatchObject({ outcome: 'changed', hubs: both })
    expect(await getMembership(db, 'x', 'ana')).toEqual({
      role: 'manager',
      from: at(3),
      role_from: at(8),
    })
  })

  test('[DI1] the role already held changes nothing', async () => {
    await shopOf(['ana', 'staff'])
    expect(await join('ana', 'staff', 8)).toEqual({ outcome: 'unchanged', hubs: [], tasks: [] })
    expect(await getMembership(db, 'x', 'ana')).toEqual({
      role: 'staff',
      from: at(3),
      role_from: at(3),
    })
  })

  test.each([
    ['unknown_user', 'nobody', 'x'],
    ['unknown_location', 'ana', 'nowhere'],
  ])('[DI1] %s is written nowhere', async (outcome, user, location) => {
    await shopOf(['ana', 'staff'])
    const before = await dueTasks(db, 99, 99)
    expect(await join(user, 'staff', 3, location)).toEqual({ outcome, hubs: [], tasks: [] })
    expect(await dueTasks(db, 99, 99)).toEqual(before)
  })

  test('[DI1] a member who leaves is told to both hubs, once', async () => {
    await shopOf(['ana', 'staff'])
    expect(await deleteMember(db, 'x', 'ana', 9)).toMatchObject({
      found: true,
      hubs: ['user:ana', 'location:x'],
    })
    expect(await deleteMember(db, 'x', 'ana', 9)).toMatchObject({ found: false, hubs: [] })
  })

  test('[CO4] the list goes on and back, and ends with null', async () => {
    await shopOf(['a', 'staff'], ['b', 'staff'], ['c', 'manager'])
    const first = await listMembers(db, 'x', { limit: 2 })
    expect(first.data.map((one) => one.user_id)).toEqual(['a', 'b'])
    expect(first.page).toMatchObject({ before: null, has_more: true })
    const second = await listMembers(db, 'x', { limit: 2, after: first.page.after ?? '' })
    expect(second.data).toEqual([{ user_id: 'c', name: 'c', role: 'manager' }])
    expect(second.page).toMatchObject({ after: null, has_more: false })
    const back = await listMembers(db, 'x', { limit: 2, before: second.page.before ?? '' })
    expect(back.data).toEqual(first.data)
    expect(back.page.before).toBeNull()
    await expect(listMembers(db, 'x', { limit: 2, after: 'x' })).rejects.toThrow(BadCursor)
  })
})

describe('copies', () => {
  test('[AR7] a hub reads its part of the directory, or that there is none', async () => {
    await shopOf(['ana', 'manager'], ['ben', 'staff'])
    const here = { epoch: 'e', seq: 3 }
    expect(await readUserCopy(db, 'ben')).toEqual({
      id: 'ben',
      name: 'ben',
      locale: 'en',
      time_zone: null,
      role: 'member',
      created_at: 1,
      memberships: [
        {
          location_id: 'x',
          role: 'staff',
          from: here,
          role_from: here,
          time_zone: 'Europe/Madrid',
        },
      ],
      push: [],
    })
    expect(await readLocationCopy(db, 'x')).toEqual({
      ...shop,
      created_at: 1,
      roster: [
        { user_id: 'ana', role: 'manager', from: here, role_from: here, locale: 'en' },
        { user_id: 'ben', role: 'staff', from: here, role_from: here, locale: 'en' },
      ],
    })
    expect(await readUserCopy(db, 'nobody')).toBeNull()
    expect(await readLocationCopy(db, 'nowhere')).toBeNull()
  })
})
