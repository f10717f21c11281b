// shopbell/server as a worker runs it: inside workerd, against the worker's own routes.
import { createScheduledController } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { beforeAll, expect, test } from 'vitest'
import { ShopbellError } from '../../client/errors.ts'
import { createSender, type Sender } from '../../client/server/sender.ts'
import type { Notification } from '../../protocol/notification.ts'
import worker from '../../worker/index.ts'
import { must, ORIGIN } from './helpers/api.ts'
import { openShop, type Shop } from './helpers/shop.ts'

let shop: Shop
let sender: Sender

beforeAll(async () => {
  shop = await openShop()
  // The demo shop's key, as the seed makes it.
  await worker.scheduled(createScheduledController({ cron: '* * * * *' }), env)
  sender = createSender({
    clientId: 'demo-booking',
    clientSecret: 'demo-booking-secret',
    url: ORIGIN,
    fetch: (input, init) => exports.default.fetch(input, init),
  })
})

const booked = () =>
  ({
    to: { user_id: shop.staff.id },
    type: 'appointment.booked',
    data: { appointment_id: 'a', client_name: 'C', service: 'Cut', time: '2026-11-24T10:00:00Z' },
  }) as const

const titlesOf = async (token: string) =>
  (await must<{ data: Notification[] }>('GET /api/v1/notifications', { token })).data.map(
    ({ title }) => title,
  )

test('[AU2][NO3] signs in with its key, and what it sends is in the inbox', async () => {
  const sent = await sender.sendLocationMessage(shop.location, {
    title: 'Keys',
    roles: ['manager'],
  })
  expect(sent).toMatchObject({ status: 'sent', stream: `location:${shop.location}`, seq: 1 })
  expect(await titlesOf(shop.manager.token)).toEqual(['Keys'])
  expect(await titlesOf(shop.staff.token)).toEqual([])
})

test('[CO5] sent again under its key it is the same one', async () => {
  const first = await sender.sendAppointmentNotification(booked(), { idempotencyKey: 'once' })
  const again = await sender.sendAppointmentNotification(booked(), { idempotencyKey: 'once' })
  expect([first.replayed, again]).toEqual([false, { ...first, replayed: true }])
})

test('[NO3] a batch answers for each item', async () => {
  const results = await sender.sendBatch([
    { to: { user_id: shop.staff.id }, type: 'custom', title: 'One' },
    { to: { user_id: 'nobody-here' }, type: 'custom', title: 'Two' },
    { to: { user_id: shop.staff.id }, type: 'custom', title: '' },
  ])
  expect(results.map((one) => (one.ok ? one.status : one.error.code))).toEqual([
    'sent',
    'unknown_recipient',
    'invalid',
  ])
})

test('[CO3] an error is what the server says', async () => {
  const sent = sender.sendPersonalMessage('nobody-here', { title: 'Hello' })
  const error = await sent.catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(ShopbellError)
  expect(error).toMatchObject({ code: 'unknown_recipient', status: 422, retryable: false })
})
