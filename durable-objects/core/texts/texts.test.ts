import * as fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { MAX_TITLE_CHARS } from '../../../protocol/limits.ts'
import { NOTIFICATION_TYPES, typeRow } from '../../../protocol/notification-types.ts'
import type { NotificationType } from '../../../protocol/notification-types.ts'
import { writeText } from './texts.ts'

const TYPES = Object.keys(NOTIFICATION_TYPES) as NotificationType[]

const appointment = {
  appointment_id: 'a-1',
  client_name: 'Zoë',
  service: 'Skin fade',
  time: '2026-11-23T15:30:00.000Z',
}
const london = { locale: 'en', zone: 'Europe/London' }

const title = (type: NotificationType, data: Record<string, unknown>, reader = london) =>
  writeText(type, data, reader).title

describe('what the texts say', () => {
  test.each<[string, NotificationType, Record<string, unknown>, string, string]>([
    ['a booking', 'appointment.booked', appointment, 'Zoë booked a skin fade', 'Mon 23 Nov, 15:30'],
    [
      'a move',
      'appointment.booked',
      { ...appointment, previous_time: '2026-11-20T09:00:00Z' },
      'Zoë moved a skin fade',
      'Mon 23 Nov, 15:30 instead of Fri 20 Nov, 09:00',
    ],
    [
      'a cancellation',
      'appointment.cancelled',
      appointment,
      'Zoë cancelled a skin fade',
      'Mon 23 Nov, 15:30 is free again',
    ],
    [
      'a reminder',
      'appointment.reminder',
      appointment,
      'Coming up: Zoë, skin fade',
      'Mon 23 Nov, 15:30',
    ],
    [
      'a no-show',
      'appointment.no_show',
      { ...appointment, client_name: 'Marc', service: 'Beard trim', time: '2026-11-23T10:00:00Z' },
      'No-show: Marc, 10:00 beard trim',
      'Mon 23 Nov, 10:00',
    ],
    [
      'a threshold',
      'performance.threshold_exceeded',
      { metric: 'no_show_rate', value: 0.234, threshold: 0.2 },
      'No show rate at 0.23',
      'Over the threshold of 0.2',
    ],
    [
      'a goal',
      'performance.goal_achieved',
      { metric: 'bookings this week', value: 40, goal: 38 },
      'Goal reached: 40 bookings this week',
      'The goal was 38',
    ],
    [
      'a trend',
      'performance.trend',
      { metric: 'walk-ins', value: 1234.5, trend: 'increasing' },
      'Walk ins rising',
      'Now at 1,234.5',
    ],
    [
      'a new schedule',
      'team.schedule_change',
      { effective_from: '2026-11-30' },
      'New schedule from Mon 30 Nov',
      'Check your shifts from then on',
    ],
    [
      'a policy',
      'team.policy_update',
      { policy_id: 'hygiene_policy', version: 3 },
      'Policy updated: hygiene policy',
      'Version 3 applies now',
    ],
    [
      'a certificate',
      'training.certification_expiring',
      { certification: 'barber licence', expires_on: '2027-01-31' },
      'Barber licence expires on 31 Jan 2027',
      'Renew it before then',
    ],
    [
      'revenue',
      'achievement.revenue_milestone',
      { amount: 10_000, currency: 'EUR' },
      'Revenue milestone: €10,000',
      '€10,000 in revenue reached',
    ],
  ])('[NO2] %s says who, what and when', (_what, type, data, wanted, message) => {
    expect(writeText(type, data, london)).toEqual({ title: wanted, message })
  })

  test.each([
    ['Ombré', 'Zoë booked an ombré'],
    ['Highlights', 'Zoë booked highlights'],
    ['VIP cut', 'Zoë booked a VIP cut'],
    ['2x colour', 'Zoë booked 2x colour'],
    ['The works', 'Zoë booked the works'],
    ['Beard & brows', 'Zoë booked beard & brows'],
    ['フェード', 'Zoë booked フェード'],
    ['Undercut', 'Zoë booked an undercut'],
    ['Wash', 'Zoë booked a wash'],
  ])('[NO2] the service %s reads as a person would say it', (service, wanted) => {
    expect(title('appointment.booked', { ...appointment, service })).toBe(wanted)
  })

  test.each([['before lunch'], [appointment.time], [42], [null], ['']])(
    '[NO2] previous_time %j makes no move of a booking',
    (previous) => {
      const data = { ...appointment, previous_time: previous }
      expect(title('appointment.booked', data)).toBe('Zoë booked a skin fade')
    },
  )

  test('[NO2] times are written in the reader’s zone, on either side of a change of clocks', () => {
    const at = (time: string, zone: string | null) =>
      writeText('appointment.booked', { ...appointment, time }, { locale: 'en', zone }).message
    expect(at('2026-10-24T22:30:00Z', 'Europe/Madrid')).toBe('Sun 25 Oct, 00:30')
    expect(at('2026-10-25T22:30:00Z', 'Europe/Madrid')).toBe('Sun 25 Oct, 23:30')
    expect(at('2026-11-23T15:30:00+01:00', 'America/New_York')).toBe('Mon 23 Nov, 09:30')
    expect(at('2026-11-23T15:30:00+01:00', null)).toBe('Mon 23 Nov, 14:30 UTC')
    expect(at('2026-11-23T15:30:00+01:00', 'Not/AZone')).toBe('Mon 23 Nov, 14:30 UTC')
  })

  test('[NO2] a Spanish reader gets Spanish words, times and money', () => {
    const madrid = { locale: 'es-ES', zone: 'Europe/Madrid' }
    expect(writeText('appointment.booked', appointment, madrid)).toEqual({
      title: 'Zoë ha reservado: skin fade',
      message: 'lun 23 nov, 16:30',
    })
    const money = { amount: 12_345.5, currency: 'EUR' }
    expect(title('achievement.revenue_milestone', money, madrid)).toBe(
      'Hito de ingresos: 12.345,50\u00a0€',
    )
  })

  test('[NO2] a language that we do not speak gets English, figures included', () => {
    const figures = { metric: 'bookings', value: 12_345.5, goal: 1 }
    for (const locale of ['fr-FR', 'xx', '', 'not a locale', 'en-a-very-long-thing']) {
      expect(title('performance.goal_achieved', figures, { locale, zone: 'Europe/Paris' })).toBe(
        'Goal reached: 12,345.5 bookings',
      )
    }
  })

  test('[NO2] a name can neither break nor turn the line around it', () => {
    const data = { ...appointment, client_name: 'Zoë\n\u202e\tM', service: 'x'.repeat(500) }
    const said = title('appointment.booked', data)
    expect(said.startsWith('Zoë M booked a xxx')).toBe(true)
    expect(said.endsWith('…')).toBe(true)
  })
})

/** Values that pass a type's schema, with extra keys that may be anything. */
function dataOf(type: NotificationType) {
  const word = fc.string({ unit: 'binary', minLength: 1, maxLength: 500 })
  const figure = fc.double({ noNaN: true, noDefaultInfinity: true })
  const day = fc.date({
    noInvalidDate: true,
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T00:00:00Z'),
  })
  const moment = day.map((at) => at.toISOString())
  return fc
    .record({
      extra: fc.dictionary(fc.constantFrom('previous_time', 'period', '__proto__'), fc.anything()),
      given: fc.record({
        appointment_id: word,
        client_name: word,
        service: word,
        time: moment,
        metric: word,
        value: figure,
        threshold: figure,
        goal: figure,
        trend: fc.constantFrom('increasing', 'decreasing', 'stable'),
        effective_from: fc.oneof(
          moment,
          moment.map((at) => at.slice(0, 10)),
        ),
        policy_id: word,
        version: fc.oneof(word, figure),
        course_id: word,
        course_name: word,
        module_id: word,
        module_name: word,
        certification: word,
        expires_on: moment,
        amount: figure,
        currency: fc.stringMatching(/^[A-Z]{3}$/),
      }),
    })
    .map(({ extra, given }) => ({ ...extra, ...given }) as Record<string, unknown>)
    .filter((data) => v.is(typeRow(type).data, data))
}

describe('whatever the data holds', () => {
  test.each(TYPES)(
    '[NO2] %s is written in every language and never throws',
    { timeout: 60_000 },
    (type) => {
      const reader = fc.record({
        locale: fc.constantFrom('en', 'es', 'es-MX', 'en-US', 'de', '', 'x'),
        zone: fc.constantFrom('Europe/Madrid', 'Pacific/Kiritimati', 'nowhere', null),
      })
      fc.assert(
        fc.property(dataOf(type), reader, (data, who) => {
          const text = writeText(type, data, who)
          expect(text.title.length).toBeGreaterThan(0)
          expect([...text.title].length).toBeLessThanOrEqual(MAX_TITLE_CHARS)
          expect(text.title + text.message).not.toMatch(/undefined|\[object|NaN|\n/)
        }),
        { numRuns: 60 },
      )
    },
  )
})
