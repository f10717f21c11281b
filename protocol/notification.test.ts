import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { NOTIFICATION_TYPES, categoryOf, type NotificationType } from './notification-types.ts'
import { Send } from './notification.ts'

const booking = {
  to: { user_id: 'ben' },
  type: 'appointment.booked',
  data: {
    appointment_id: 'a1',
    client_name: 'Zoë',
    service: 'skin fade',
    time: '2026-11-23T15:30:00+01:00',
  },
}

/** `pointer: message` of everything that is wrong. */
function faults(send: unknown): string[] {
  const result = v.safeParse(Send, send)
  return (result.issues ?? []).map((issue) => {
    const path = (issue.path ?? []).map((step) => String(step.key)).join('/')
    return `/${path}: ${issue.message}`
  })
}

describe('[NO3] a send', () => {
  test('of a booking to a person is fine', () => {
    expect(faults(booking)).toEqual([])
  })

  test('takes times in any zone and makes them UTC with milliseconds [CO1]', () => {
    const send = v.parse(Send, { ...booking, expires_at: '2026-11-23T15:30:00+01:00' })
    expect(send.expires_at).toBe('2026-11-23T14:30:00.000Z')
  })

  test.each([' ', '\0', '\u200b\n\t', '\u00a0'])('has words that can be read, not %j', (blank) => {
    expect(faults({ ...booking, title: blank })).toEqual(['/title: must not be blank'])
    expect(faults({ ...booking, message: blank })).toEqual(['/message: must not be blank'])
    expect(faults({ ...booking, title: `${blank}🔔` })).toEqual([])
  })

  test('keeps other keys of its data [NO2]', () => {
    const data = { ...booking.data, chair: 3 }
    expect(v.parse(Send, { ...booking, data }).data).toEqual(data)
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['to nobody', { to: {} }, '/to: must hold exactly one'],
    ['to two at once', { to: { user_id: 'a', location_id: 'b' } }, '/to: must hold exactly one'],
    ['with roles for a person', { to: { user_id: 'a', roles: ['staff'] } }, '/to: roles goes'],
    ['with no roles at all', { to: { location_id: 'a', roles: [] } }, '/to/roles: must name'],
    ['to an id with strange characters', { to: { user_id: 'a b' } }, '/to/user_id: must be'],
    ['of an unknown type', { type: 'appointment.lost' }, '/type: is not a type'],
    ['with an unknown field', { colour: 'red' }, '/colour: '],
    ['with an empty title', { title: '' }, '/title: must not be empty'],
    ['with a title of 201 characters', { title: 'x'.repeat(201) }, '/title: '],
    ['with a number for a title', { title: 7 }, '/title: '],
    ['with a time that is none', { expires_at: 'tomorrow' }, '/expires_at: must be'],
    ['with a list for its data', { data: [] }, '/data: must be an object'],
    ['with four actions', { actions: many(4) }, '/actions: '],
    ['with two actions of one id', { actions: [...many(1), ...many(1)] }, '/actions: ids must'],
  ])('%s is refused by name', (_title, change, fault) => {
    expect(faults({ ...booking, ...change }).join('\n')).toContain(fault)
  })
})

const many = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: `a${i}`, label: 'Take it' }))

describe('[NO2] what a type asks for', () => {
  test.each<[NotificationType, string]>([
    ['appointment.booked', '/data/appointment_id: is required for appointment.booked'],
    ['performance.goal_achieved', '/data/goal: is required'],
    ['performance.trend', '/data/trend: is required'],
    ['team.announcement', '/message: is required for team.announcement'],
    ['team.schedule_change', '/data/effective_from: is required'],
    ['team.policy_update', '/data/policy_id: is required'],
    ['training.course_completed', '/data/course_name: is required'],
    ['training.module_available', '/data/module_id: is required'],
    ['training.certification_expiring', '/data/expires_on: is required'],
    ['achievement.revenue_milestone', '/data/currency: is required'],
    ['achievement.performance', '/data/metric: is required'],
    ['custom', '/title: is required for custom'],
  ])('%s names what is missing', (type, fault) => {
    expect(faults({ to: { user_id: 'ben' }, type }).join('\n')).toContain(fault)
  })

  test('a value of the wrong kind is named inside data', () => {
    const data = { metric: 'bookings', value: 'many', goal: 40 }
    expect(faults({ to: { user_id: 'a' }, type: 'performance.goal_achieved', data })).toEqual([
      expect.stringContaining('/data/value: '),
    ])
  })

  test('[NO1] the category is the part before the dot', () => {
    const categories = Object.keys(NOTIFICATION_TYPES).map((type) =>
      categoryOf(type as NotificationType),
    )
    expect(new Set(categories)).toEqual(
      new Set(['appointment', 'performance', 'team', 'training', 'achievement', 'custom']),
    )
  })

  test('[NO4] figures of the shop are for managers unless the sender says otherwise', () => {
    const forManagers = Object.entries(NOTIFICATION_TYPES)
      .filter(([, row]) => 'managersOnly' in row)
      .map(([type]) => type)
    expect(forManagers).toEqual([
      'performance.threshold_exceeded',
      'performance.goal_achieved',
      'performance.trend',
      'achievement.revenue_milestone',
    ])
  })
})
