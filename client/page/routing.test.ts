import { expect, expectTypeOf, test } from 'vitest'
import { createFakePage, entry, frameOf, LIVE } from '../../tests/package/fake-page.ts'
import { subscribe } from './routing.ts'

const booked = () =>
  entry({
    type: 'appointment.booked',
    category: 'appointment',
    data: { appointment_id: 'a', client_name: 'C', service: 'Cut', time: '2026-11-24T10:00:00Z' },
  })
const reminder = () => entry({ type: 'appointment.reminder', category: 'appointment' })
const fromLater = () => entry({ type: 'appointment.moved', category: 'appointment' })

test('[NO1] by category: every type of it, also one that this build does not know', () => {
  const { shopbell, hear } = createFakePage()
  const types: string[] = []
  subscribe(shopbell, 'appointment', ({ type }) => types.push(type))
  hear(frameOf(booked()), frameOf(entry()), frameOf(fromLater()))
  expect(types).toEqual(['appointment.booked', 'appointment.moved'])
})

test('[NO2] by type: only that one, with its data', () => {
  const { shopbell, hear } = createFakePage()
  const clients: string[] = []
  subscribe(shopbell, 'appointment.booked', ({ data }) => {
    expectTypeOf(data.client_name).toEqualTypeOf<string>()
    clients.push(data.client_name)
  })
  hear(frameOf(reminder()), frameOf(booked()))
  expect(clients).toEqual(['C'])
})

test('an entry whose data is not what its type promises is handed to nobody by that type', () => {
  const { shopbell, hear } = createFakePage()
  const heard: string[] = []
  subscribe(shopbell, 'appointment.booked', ({ id }) => heard.push(id))
  hear(frameOf(entry({ type: 'appointment.booked', category: 'appointment' })))
  expect(heard).toEqual([])
})

test('custom is a type and a category; other frames are no entries', () => {
  const { shopbell, hear, setConnection } = createFakePage()
  const heard: string[] = []
  subscribe(shopbell, 'custom', ({ id }) => heard.push(id))
  const one = entry()
  setConnection(LIVE)
  hear({ type: 'ok', re: 'x' }, frameOf(one))
  expect(heard).toEqual([one.id])
})

test('ends when its function is called, and the others go on', () => {
  const { shopbell, hear } = createFakePage()
  const heard: string[] = []
  const end = subscribe(shopbell, 'custom', () => heard.push('first'))
  subscribe(shopbell, 'custom', () => heard.push('second'))
  hear(frameOf(entry()))
  end()
  hear(frameOf(entry()))
  expect(heard).toEqual(['first', 'second', 'second'])
})
