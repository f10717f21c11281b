import { describe, expect, test } from 'vitest'
import { ShopbellError } from '../errors.ts'
import { fromLegacy, LEGACY_TYPES } from './legacy.ts'

const appointment = {
  appointmentId: 'a-1',
  clientName: 'Clara',
  service: 'Cut',
  time: '2026-11-24T10:00:00Z',
}

test.each<[string, Record<string, unknown>, string]>([
  ['new_booking', appointment, 'appointment.booked'],
  ['cancellation', appointment, 'appointment.cancelled'],
  ['reminder', appointment, 'appointment.reminder'],
  ['no_show', appointment, 'appointment.no_show'],
  ['schedule_change', appointment, 'appointment.booked'],
  ['schedule_change', { effectiveFrom: '2026-12-01' }, 'team.schedule_change'],
  ['performance', { metric: 'm', value: 3, threshold: 5 }, 'performance.threshold_exceeded'],
  ['performance', { metric: 'm', value: 3, goal: 3 }, 'performance.goal_achieved'],
  ['performance', { metric: 'm', value: 3, trend: 'stable' }, 'performance.trend'],
  ['announcement', { message: 'Closed on Monday.' }, 'team.announcement'],
  ['policy_update', { policyId: 'p', version: 2 }, 'team.policy_update'],
  ['course_completed', { courseId: 'c', courseName: 'Fades' }, 'training.course_completed'],
  ['new_module', { moduleId: 'm', moduleName: 'Fades' }, 'training.module_available'],
  [
    'certification_expiring',
    { certification: 'Razor', expiresOn: '2026-12-01' },
    'training.certification_expiring',
  ],
  ['revenue_milestone', { amount: 5_000, currency: 'EUR' }, 'achievement.revenue_milestone'],
  ['achievement', { metric: 'm', value: 9 }, 'achievement.performance'],
])('[NO2] %s with %j is %s', (name, fields, type) => {
  expect(fromLegacy(name, fields).type).toBe(type)
})

test('every row of the table is reached by a case above', () => {
  expect(LEGACY_TYPES).toHaveLength(16)
})

test('fields get our spelling, texts become texts, the rest stays', () => {
  const old = { ...appointment, title: 'New!', message: 'At ten.', chair: 4 }
  expect(fromLegacy('new_booking', old)).toEqual({
    type: 'appointment.booked',
    title: 'New!',
    message: 'At ten.',
    data: {
      appointment_id: 'a-1',
      client_name: 'Clara',
      service: 'Cut',
      time: '2026-11-24T10:00:00Z',
      chair: 4,
    },
  })
})

describe('what cannot be translated says so', () => {
  const faultOf = (name: string, fields: Record<string, unknown>) => {
    try {
      return fromLegacy(name, fields)
    } catch (error) {
      return error instanceof ShopbellError ? error.fields.map(({ pointer }) => pointer) : error
    }
  }

  test.each<[string, string, Record<string, unknown>, string]>([
    ['a name without a row', 'birthday', {}, '/type'],
    ['a figure that is compared with nothing', 'performance', { metric: 'm', value: 3 }, '/type'],
    ['a booking without a time', 'new_booking', { ...appointment, time: undefined }, '/data/time'],
  ])('%s', (_what, name, fields, pointer) => {
    expect(faultOf(name, fields)).toEqual([pointer])
  })
})
