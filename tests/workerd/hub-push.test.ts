// [RE1][RE3][ST7] Who is called when, by the hub of the person. Push services are fakes that decrypt what they get.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { now } from '../../durable-objects/clock.ts'
import { must, ORIGIN } from './helpers/api.ts'
import { letPass, setFaults } from './helpers/faults.ts'
import { EVICTIONS, eventually, evict, look, userHub } from './helpers/hubs.ts'
import {
  assertCalled,
  assertNothingElse,
  PushService,
  type Browser,
} from './helpers/push-service.ts'
import { send, sendMany } from './helpers/sends.ts'
import { join, openShop, type Shop } from './helpers/shop.ts'
import { openSocket, type TestSocket } from './helpers/socket.ts'
import { adminToken } from './helpers/tokens.ts'

let service: PushService
let shop: Shop
let id: string
let token: string
let location: string
let phone: Browser

beforeEach(async () => {
  service = new PushService().serve()
  shop = await openShop()
  ;({ id, token } = shop.staff)
  ;({ location } = shop)
  phone = await service.browser()
  await phone.subscribe(token, 'phone', { Origin: ORIGIN })
})
afterEach(async () => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  await setFaults()
})

describe('where nobody looks', () => {
  test('[RE1] every device is called at once, with the entry’s id as tag and topic', async () => {
    const tablet = await service.browser()
    await tablet.subscribe(token, 'tablet')
    const sent = await send({ user_id: id }, { message: 'At noon.', priority: 'urgent' })
    await assertCalled(phone, 'Hello')
    await assertCalled(tablet, 'Hello')
    const [{ headers, message } = { headers: new Headers(), message: null }] = phone.received
    expect(message).toMatchObject({
      web_push: 8030,
      notification: {
        title: 'Hello',
        body: 'At noon.',
        tag: sent.id,
        navigate: `${ORIGIN}/n/${sent.id}`,
        data: { priority: 'urgent' },
      },
      mutable: true,
    })
    expect(headers.get('topic')).toBe(sent.id.replaceAll('-', ''))
    expect(headers.get('urgency')).toBe('high')
    const ttl = Number(headers.get('ttl'))
    expect(ttl).toBeGreaterThan(86_300)
    expect(ttl).toBeLessThanOrEqual(86_400)
  })

  test('[ST7] also for what a location is sent, though no socket is open anywhere', async () => {
    await send({ location_id: location }, { title: 'For all' })
    await send({ location_id: location, roles: ['manager'] }, { title: 'Not for staff' })
    await send({ location_id: location }, { title: 'For all again' })
    await assertCalled(phone, 'For all', 'For all again')
  })

  test('[ST7] at a location that they joined later, and no more at one that they left', async () => {
    const other = await openShop()
    await join(other.location, shop.staff, 'staff')
    await send({ location_id: other.location }, { title: 'There' })
    await assertCalled(phone, 'There')
    const route = `DELETE /api/v1/locations/${other.location}/members/${id}`
    await must(route, { token: await adminToken() })
    await send({ location_id: other.location }, { title: 'Left' })
    await assertNothingElse(id, phone, 'There')
  })

  test('[NO2][RE3] in the reader’s language', async () => {
    await must(`PUT /api/v1/users/${id}`, {
      token: await adminToken(),
      body: { name: 'Eva', locale: 'es' },
    })
    const data = { course_id: 'c', course_name: 'Barba' }
    await send({ user_id: id }, { type: 'training.course_completed', data, title: undefined })
    await eventually(() => expect(phone.titles[0]).toMatch(/curso/i))
  })

  test('[RE1] a hidden window is nobody who looks', async () => {
    const socket = await openSocket({ token, device: 'desk' })
    await socket.ask({ type: 'state', visible: false })
    await send({ user_id: id })
    await assertCalled(phone, 'Hello')
  })

  test('[NO5] its life at the push service ends with the entry', async () => {
    const expires_at = new Date(now() + 90_000).toISOString()
    await send({ user_id: id }, { expires_at })
    await assertCalled(phone, 'Hello')
    const ttl = Number(phone.received[0]?.headers.get('ttl'))
    expect(ttl).toBeGreaterThan(60)
    expect(ttl).toBeLessThanOrEqual(90)
  })

  test('[RE3] the badge is the number of unread ones', async () => {
    const badges = () => phone.received.map(({ message }) => message.app_badge)
    const first = await send({ user_id: id }, { title: 'One' })
    await assertCalled(phone, 'One')
    await send({ location_id: location }, { title: 'Two', collapse_key: 'k' })
    await assertCalled(phone, 'One', 'Two')
    await must(`PUT /api/v1/notifications/${first.id}/read`, { token })
    await send({ location_id: location }, { title: 'Three', collapse_key: 'k' })
    await assertCalled(phone, 'One', 'Two', 'Three')
    expect(badges()).toEqual([1, 2, 1])
  })

  test('[NO6] a newer one names the one that it replaces', async () => {
    const first = await send({ user_id: id }, { title: 'One', collapse_key: 'k' })
    await send({ user_id: id }, { title: 'Two', collapse_key: 'k' })
    await assertCalled(phone, 'One', 'Two')
    const [, two] = phone.received
    expect(two?.message.notification.data.replaces).toBe(first.id)
  })

  test('[RE1] what was sent before a device subscribed is no news to it', async () => {
    const { staff, location: theirs } = await openShop()
    await send({ user_id: staff.id }, { title: 'Long ago' })
    await send({ location_id: theirs }, { title: 'Long ago, to all' })
    const tablet = await service.browser()
    await tablet.subscribe(staff.token, 'tablet')
    await send({ user_id: staff.id }, { title: 'New' })
    await assertCalled(tablet, 'New')
  })

  test('[ST7] who subscribes far behind is not called for all of it', async () => {
    const { staff, location: far } = await openShop()
    await sendMany({ location_id: far }, 250)
    const tablet = await service.browser()
    await tablet.subscribe(staff.token, 'tablet')
    await send({ location_id: far }, { title: 'New' })
    await assertCalled(tablet, 'New')
    const kept = await look(userHub(staff.id), (sql) => sql.all('SELECT seq FROM log'))
    expect(kept.length).toBeLessThan(10)
  })
})

describe('with the app on a screen', () => {
  let desk: TestSocket
  beforeEach(async () => {
    desk = await openSocket({ token, device: 'desk' })
  })

  const arrived = async (title: string) =>
    (await desk.frame('notification', ({ data }) => data.title === title)).seq

  test.each(['stays', 'closes', ...EVICTIONS])(
    '[RE1] what it acknowledges nobody is called for (the socket %s)',
    async (how) => {
      await send({ user_id: id }, { title: 'Seen there' })
      await desk.ask({ type: 'ack', seq: await arrived('Seen there') })
      if (how === 'closes') desk.close()
      if (how === 'hibernate' || how === 'close') await evict(userHub(id), how)
      await letPass(30_000)
      desk.close()
      await assertNothingElse(id, phone)
    },
  )

  test.each(['awake', ...EVICTIONS] as const)(
    '[RE1] what nobody acknowledges within five seconds calls every device (%s)',
    async (how) => {
      await send({ user_id: id }, { title: 'Unheard' })
      await arrived('Unheard')
      await letPass(3_000)
      await desk.settled()
      expect(phone.titles).toEqual([])
      if (how !== 'awake') await evict(userHub(id), how)
      await letPass(6_000)
      await assertCalled(phone, 'Unheard')
      await letPass(30_000)
      expect(phone.titles).toEqual(['Unheard'])
    },
  )

  test('[RE1] a device that has it is not called, also under the name of one of its windows', async () => {
    const own = await openSocket({ token, device: 'phone:tab-1' })
    const tablet = await service.browser()
    await tablet.subscribe(token, 'tablet')
    await own.ask({ type: 'state', visible: false })
    await desk.ask({ type: 'state', visible: false })
    // The service of the tablet is busy, so the round of the first entry is still under way when the second comes.
    const { promise: first, resolve } = Promise.withResolvers<Response>()
    tablet.answer = () => first
    await send({ user_id: id }, { title: 'One' })
    await assertCalled(phone, 'One')
    await send({ user_id: id }, { title: 'Two' })
    const { seq } = await own.frame('notification', ({ data }) => data.title === 'Two')
    await own.ask({ type: 'ack', seq })
    resolve(new Response(null, { status: 201 }))
    await assertCalled(tablet, 'One', 'Two')
    expect(phone.titles).toEqual(['One'])
  })

  test.each([
    ['read', 'PUT /api/v1/notifications/:id/read'],
    ['archived', 'PUT /api/v1/notifications/:id/archived'],
    ['seen', 'PUT /api/v1/notifications/:id/seen'],
    ['deleted', 'DELETE /api/v1/notifications/:id'],
  ])('[RE1] what was %s meanwhile calls nobody', async (_what, route) => {
    const sent = await send({ user_id: id }, { title: 'Done with' })
    await must(route.replace(':id', sent.id), { token })
    await letPass(6_000)
    desk.close()
    await assertNothingElse(id, phone)
  })

  test('[NO5][NO6] nor does what has expired or was replaced', async () => {
    const expires_at = new Date(now() + 4_000).toISOString()
    await send({ user_id: id }, { title: 'Short', expires_at })
    await send({ user_id: id }, { title: 'Old', collapse_key: 'k' })
    await send({ user_id: id }, { title: 'New', collapse_key: 'k' })
    await letPass(6_000)
    await assertCalled(phone, 'New')
  })
})
