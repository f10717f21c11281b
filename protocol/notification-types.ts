// [NO2] The types of notification and what their `data` must hold. Other keys are allowed and kept.
import * as v from 'valibot'

export const Priority = v.picklist(['low', 'normal', 'high', 'urgent'])
export type Priority = v.InferOutput<typeof Priority>

export const Category = v.picklist([
  'appointment',
  'performance',
  'team',
  'training',
  'achievement',
  'custom',
])
export type Category = v.InferOutput<typeof Category>

const Words = v.pipe(v.string(), v.minLength(1, 'must not be empty'), v.maxLength(500))
const Figure = v.pipe(v.number(), v.finite())
const Timestamp = v.pipe(v.string(), v.isoTimestamp('must be an ISO 8601 time with a zone'))
const DayOrTime = v.union(
  [v.pipe(v.string(), v.isoDate()), v.pipe(v.string(), v.isoTimestamp())],
  'must be an ISO 8601 date or time',
)

const Appointment = v.looseObject({
  appointment_id: Words,
  client_name: Words,
  service: Words,
  time: Timestamp,
})
const Anything = v.looseObject({})

interface TypeRow {
  data: v.GenericSchema<unknown, Record<string, unknown>>
  priority: Priority
  /** A text that the sender must give, because the data cannot say it. */
  required?: 'title' | 'message'
  /** [NO4] Sent to a location it reaches managers only, unless `roles` says otherwise. */
  managersOnly?: true
}

export const NOTIFICATION_TYPES = {
  'appointment.booked': { data: Appointment, priority: 'high' },
  'appointment.cancelled': { data: Appointment, priority: 'high' },
  'appointment.reminder': { data: Appointment, priority: 'normal' },
  'appointment.no_show': { data: Appointment, priority: 'high' },
  'performance.threshold_exceeded': {
    data: v.looseObject({ metric: Words, value: Figure, threshold: Figure }),
    priority: 'high',
    managersOnly: true,
  },
  'performance.goal_achieved': {
    data: v.looseObject({ metric: Words, value: Figure, goal: Figure }),
    priority: 'normal',
    managersOnly: true,
  },
  'performance.trend': {
    data: v.looseObject({
      metric: Words,
      value: Figure,
      trend: v.picklist(['increasing', 'decreasing', 'stable']),
    }),
    priority: 'low',
    managersOnly: true,
  },
  'team.announcement': { data: Anything, priority: 'normal', required: 'message' },
  'team.schedule_change': { data: v.looseObject({ effective_from: DayOrTime }), priority: 'high' },
  'team.policy_update': {
    data: v.looseObject({ policy_id: Words, version: v.union([Words, Figure]) }),
    priority: 'normal',
  },
  'training.course_completed': {
    data: v.looseObject({ course_id: Words, course_name: Words }),
    priority: 'low',
  },
  'training.module_available': {
    data: v.looseObject({ module_id: Words, module_name: Words }),
    priority: 'normal',
  },
  'training.certification_expiring': {
    data: v.looseObject({ certification: Words, expires_on: DayOrTime }),
    priority: 'high',
  },
  'achievement.revenue_milestone': {
    data: v.looseObject({
      amount: Figure,
      currency: v.pipe(v.string(), v.regex(/^[A-Z]{3}$/, 'must be a currency code like EUR')),
    }),
    priority: 'normal',
    managersOnly: true,
  },
  'achievement.performance': {
    data: v.looseObject({ metric: Words, value: Figure }),
    priority: 'normal',
  },
  custom: { data: Anything, priority: 'normal', required: 'title' },
} as const satisfies Record<string, TypeRow>

export type NotificationType = keyof typeof NOTIFICATION_TYPES

const TYPE_NAMES = Object.keys(NOTIFICATION_TYPES) as [NotificationType, ...NotificationType[]]
export const NotificationType = v.picklist(TYPE_NAMES, 'is not a type of notification')

/** The row of a type, with the optional columns readable. */
export const typeRow = (type: NotificationType): TypeRow => NOTIFICATION_TYPES[type]

/** [NO1] The part of the type before the dot. */
export const categoryOf = (type: NotificationType) => type.split('.', 1)[0] as Category
