import { expect, test } from 'vitest'
import { NO_METERS } from '../meter/meters.ts'
import { itemsOf, sumOf, unitsOf, type Line } from './bill.ts'

const line = (what: string, aDay: number, units: Line['units']): Line => ({
  what,
  aDay,
  how: 'measured',
  units,
})

test('a million rows written in a month cost a dollar, a thousand million read as much', () => {
  const lines = [
    line('writes', 1_000, { 'D1 rows written': 1_000_000 / 30_000 }),
    line('reads', 1_000, { 'D1 rows read': 1_000_000_000 / 30_000 }),
  ]
  expect(sumOf(itemsOf(lines))).toBeCloseTo(2)
})

test('a hub awake for a month is billed at 128 MB', () => {
  const [item] = itemsOf([line('awake', 1, { 'hub ms': 24 * 3_600_000 })])
  // 30 days of 86,400 s at 0.128 GB and 12.5 dollars for a million GB-s.
  expect(item?.dollars).toBeCloseTo(4.1472)
})

test('texts from sockets and closes are a twentieth of a request; calls and alarms are one', () => {
  const meters = { ...NO_METERS, hub_calls: 2, hub_alarms: 1, hub_messages: 10, hub_closes: 10 }
  expect(unitsOf(meters, 1)['hub requests']).toBe(4)
  expect(unitsOf(meters, 4)['hub requests']).toBe(1)
})

test('an alarm that is set is a row written', () => {
  const meters = { ...NO_METERS, hub_rows_written: 3, alarms_set: 1 }
  expect(unitsOf(meters, 2)['hub rows written']).toBe(2)
})

test('the largest items come first, by what and unit', () => {
  const items = itemsOf([
    line('sends', 10, { 'D1 rows written': 1, 'worker requests': 1 }),
    line('marks', 100, { 'D1 rows written': 1 }),
  ])
  expect(items.map(({ what, unit }) => `${what}: ${unit}`)).toEqual([
    'marks: D1 rows written',
    'sends: D1 rows written',
    'sends: worker requests',
  ])
})
