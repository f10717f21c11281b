import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../db/open.ts'
import { dueTasks } from '../../db/tasks.ts'
import type { Member, Page, User } from '../../protocol/api.ts'
import type { Problem } from '../../protocol/errors.ts'
import type { Notification } from '../../protocol/notification.ts'
import { deliverDueTasks } from '../../worker/tasks.ts'
import { call, must, refusal } from './helpers/api.ts'
import { setFaults } from './helpers/faults.ts'
import { addLocation, addUser, join, openShop, unique } from './helpers/shop.ts'
import { openSocket, upgrade } from './helpers/socket.ts'
import { adminToken, serviceToken } from './helpers/tokens.ts'

let admin: string
beforeAll(async () => {
  admin = await adminToken()
})
afterEach(async () => {
  await setFaults()
})

const put = <Body = unknown>(path: string, body: unknown, token = admin) =>
  call<Body>(`PUT /api/v1/${path}`, { token, body })
const listOf = async (token: string) =>
  (await must<{ data: Notification[] }>('GET /api/v1/notifications', { token })).data
const announce = (to: object) =>
  must('POST /api/v1/notifications', {
    token: admin,
    body: { to, type: 'custom', title: 'Hello' },
  })
const tasksOf = async (...streams: string[]) =>
  (await dueTasks(openDatabase(env.DB), Date.now() + 1e9, 1_000))
    .map(({ hub }) => hub)
    .filter((hub) => streams.includes(hub))

describe('users', () => {
  test('[DI1] made, changed, read, and put again without a change', async () => {
    const id = unique('user')
    const body = {
      name: 'Nia',
      email: 'nia@shop.example',
      locale: 'es',
      time_zone: 'Europe/Madrid',
    }
    const user = { id, ...body, role: 'member' }
    expect(await put(`users/${id}`, body)).toMatchObject({ status: 201, body: user })
    expect(await put(`users/${id}`, body)).toMatchObject({ status: 200, body: user })
    const renamed = { name: 'Nia N.', role: 'admin' }
    expect((await put<User>(`users/${id}`, renamed)).body).toEqual({
      id,
      name: 'Nia N.',
      email: null,
      locale: 'en',
      time_zone: null,
      role: 'admin',
    })
    expect(await must(`GET /api/v1/users/${id}`, { token: admin })).toMatchObject(renamed)
  })

  test.each([
    ['[CO2] an id of strange characters', 'b%20en', { name: 'B' }, '/id'],
    ['[CO2] an id of 65 letters', 'x'.repeat(65), { name: 'B' }, '/id'],
    ['[DI1] no name', 'ben', {}, '/name'],
    ['[DI1] an empty name', 'ben', { name: '  ' }, '/name'],
    ['[DI1] a wrong type', 'ben', { name: 7 }, '/name'],
    ['[DI1] an email that is none', 'ben', { name: 'B', email: 'b' }, '/email'],
    ['[DI1] a locale that is none', 'ben', { name: 'B', locale: 'English' }, '/locale'],
    ['[DI1] a zone that is none', 'ben', { name: 'B', time_zone: 'Mars/One' }, '/time_zone'],
    ['[DI1] a role that is none', 'ben', { name: 'B', role: 'boss' }, '/role'],
    ['[CO3] a field that nobody knows', 'ben', { name: 'B', id: 'ben' }, '/id'],
  ])('%s: 422', async (_what, id, body, pointer) => {
    const answer = await put<Problem>(`users/${id}`, body)
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid', errors: [{ pointer }] } })
  })

  test('[DI1] deleted: gone from the directory, and from every room', async () => {
    const { location, staff, manager } = await openShop()
    const route = `DELETE /api/v1/users/${staff.id}`
    expect((await call(route, { token: admin })).status).toBe(204)
    expect(await refusal(`GET /api/v1/users/${staff.id}`, { token: admin })).toBe('404 not_found')
    expect(await refusal(route, { token: admin })).toBe('404 not_found')
    const { data } = await must<{ data: Member[] }>(`GET /api/v1/locations/${location}/members`, {
      token: manager.token,
    })
    expect(data.map(({ user_id }) => user_id)).not.toContain(staff.id)
    expect((await upgrade({ token: staff.token, location })).status).toBe(403)
    expect(await refusal('GET /api/v1/me', { token: staff.token })).toBe('404 not_found')
  })
})

describe('locations', () => {
  test('[DI1] made, changed, read, deleted', async () => {
    const id = unique('shop')
    const body = { name: 'Pier', time_zone: 'Europe/Lisbon', region: 'weur' }
    expect(await put(`locations/${id}`, body)).toMatchObject({ status: 201, body: { id, ...body } })
    const moved = { name: 'Pier', time_zone: 'Europe/Madrid' }
    expect(await put(`locations/${id}`, moved)).toMatchObject({ status: 200 })
    expect(await must(`GET /api/v1/locations/${id}`, { token: admin })).toEqual({
      id,
      ...moved,
      region: null,
    })
    expect((await call(`DELETE /api/v1/locations/${id}`, { token: admin })).status).toBe(204)
    expect(await refusal(`GET /api/v1/locations/${id}`, { token: admin })).toBe('404 not_found')
    expect((await upgrade({ token: admin, location: id })).status).toBe(403)
  })

  test.each([
    ['[DI1] no zone', { name: 'P' }, '/time_zone'],
    ['[DI1] a zone that is none', { name: 'P', time_zone: 'Lisbon' }, '/time_zone'],
    ['[DI1] a region that is none', { name: 'P', time_zone: 'UTC', region: 'moon' }, '/region'],
  ])('%s: 422', async (_what, body, pointer) => {
    const answer = await put<Problem>('locations/pier', body)
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid', errors: [{ pointer }] } })
  })
})

describe('members', () => {
  test('[DI1] made, changed, the same again, ended', async () => {
    const location = await addLocation()
    const { id } = await addUser()
    const path = `locations/${location}/members/${id}`
    expect(await put(path, { role: 'staff' })).toMatchObject({ status: 201 })
    expect(await put(path, { role: 'staff' })).toMatchObject({ status: 200 })
    expect(await put(path, { role: 'manager' })).toMatchObject({
      status: 200,
      body: { location_id: location, user_id: id, role: 'manager' },
    })
    expect((await call(`DELETE /api/v1/${path}`, { token: admin })).status).toBe(204)
    expect(await refusal(`DELETE /api/v1/${path}`, { token: admin })).toBe('404 not_found')
  })

  test('[DI1] an unknown person or shop is not there, a role that is none is not valid', async () => {
    const location = await addLocation()
    const { id } = await addUser()
    const statusOf = async (place: string, user: string, role = 'staff') =>
      (await put(`locations/${place}/members/${user}`, { role })).status
    expect(await statusOf(location, 'nobody')).toBe(404)
    expect(await statusOf(unique('nowhere'), id)).toBe(404)
    expect(await statusOf(location, id, 'boss')).toBe(422)
    expect(await statusOf(location, 'n%20o')).toBe(422)
  })

  test('[NO8] what was said before somebody came is not theirs; what is said then is', async () => {
    const { location } = await openShop()
    await announce({ location_id: location })
    const late = await join(location, await addUser('late'), 'staff')
    expect(await listOf(late.token)).toEqual([])
    await announce({ location_id: location })
    expect(await listOf(late.token)).toHaveLength(1)
  })

  test('[NO8] who leaves sees nothing of the shop any more, on an open socket at once', async () => {
    const { location, staff, manager } = await openShop()
    await announce({ location_id: location })
    const socket = await openSocket({ token: staff.token })
    expect(socket.welcome.memberships).toEqual({ [location]: 'staff' })
    const route = `DELETE /api/v1/locations/${location}/members/${staff.id}`
    await must(route, { token: manager.token })
    const { data } = await socket.frame('membership')
    expect(data).toEqual({ location_id: location, role: null })
    expect(await listOf(staff.token)).toEqual([])
    expect((await upgrade({ token: staff.token, location })).status).toBe(403)
    socket.close()
  })

  test('[DI1] the same role again moves nothing and tells nobody', async () => {
    const { location, staff } = await openShop()
    await announce({ location_id: location })
    const socket = await openSocket({ token: staff.token })
    await put(`locations/${location}/members/${staff.id}`, { role: 'staff' })
    await socket.settled()
    expect(socket.of('membership')).toEqual([])
    expect(await listOf(staff.token)).toHaveLength(1)
    socket.close()
  })

  test('[CO4] the list is paged both ways', async () => {
    const location = await addLocation()
    const people = await Promise.all(Array.from({ length: 5 }, () => addUser('member')))
    for (const person of people) await join(location, person, 'staff')
    const page = (query: string) =>
      must<{ data: Member[]; page: Page }>(`GET /api/v1/locations/${location}/members?${query}`, {
        token: admin,
      })
    const first = await page('limit=3')
    expect(first.page.before).toBeNull()
    const second = await page(`limit=3&after=${first.page.after}`)
    expect(second.page).toMatchObject({ after: null, has_more: false })
    const ids = [...first.data, ...second.data].map(({ user_id }) => user_id)
    expect(ids).toEqual(people.map(({ id }) => id).toSorted())
    const back = await page(`limit=3&before=${second.page.before}`)
    expect(back.data).toEqual(first.data)
    const wrong = `GET /api/v1/locations/${location}/members?after=hello`
    expect(await refusal(wrong, { token: admin })).toBe('422 invalid')
  })
})

describe('telling the hubs', () => {
  test('[AR7] a write leaves no task behind: its hubs were told at once', async () => {
    const { location, staff } = await openShop()
    expect(await tasksOf(`user:${staff.id}`, `location:${location}`)).toEqual([])
  })

  test('[AR7] what could not be told is told by the cron', async () => {
    const { location, staff } = await openShop()
    const socket = await openSocket({ token: staff.token })
    const stream = `user:${staff.id}`
    // A write that broke off between commit and delivery.
    await env.DB.batch([
      env.DB.prepare(`UPDATE memberships SET role = 'manager' WHERE user_id = ?`).bind(staff.id),
      env.DB.prepare(
        `INSERT INTO hub_tasks (hub, created_at, attempts, next_at) VALUES (?, 0, 0, 0)`,
      ).bind(stream),
    ])
    await deliverDueTasks(env)
    const { data } = await socket.frame('membership')
    expect(data).toEqual({ location_id: location, role: 'manager' })
    expect(await tasksOf(stream)).toEqual([])
    socket.close()
  })

  test('[AR4] while D1 is down a write says 503 and changes nothing', async () => {
    const { location, staff } = await openShop()
    await setFaults({ d1: { down: true } })
    const given = { token: await serviceToken(), body: { role: 'manager' } }
    const route = `PUT /api/v1/locations/${location}/members/${staff.id}`
    expect(await refusal(route, given)).toBe('503 archive_unavailable')
    await setFaults()
    const me = await must<{ memberships: object }>('GET /api/v1/me', { token: staff.token })
    expect(me.memberships).toEqual({ [location]: 'staff' })
  })
})
