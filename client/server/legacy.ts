// The words of older notification services, in ours. Such a service names what happened in one word, writes its
// fields in camelCase, and tells figures apart by which of them are there.
import type { NotificationType } from '../../protocol/notification-types.ts'
import { checkNotice, invalid } from './check.ts'
import type { Content } from './sends.ts'

export type LegacyFields = Readonly<Record<string, unknown>>

/** `when`: the field whose presence decides; rows are tried from the top. */
interface LegacyRow {
  name: string
  when?: string
  type: NotificationType
}

/** [NO2] Older name → type. The same table stands in docs/SDK.md. */
export const LEGACY_TYPES: readonly LegacyRow[] = [
  { name: 'new_booking', type: 'appointment.booked' },
  { name: 'cancellation', type: 'appointment.cancelled' },
  { name: 'reminder', type: 'appointment.reminder' },
  { name: 'no_show', type: 'appointment.no_show' },
  // An appointment that moved is the booking again: with the same collapse_key it takes the old one's place.
  { name: 'schedule_change', when: 'appointment_id', type: 'appointment.booked' },
  { name: 'schedule_change', type: 'team.schedule_change' },
  { name: 'performance', when: 'threshold', type: 'performance.threshold_exceeded' },
  { name: 'performance', when: 'goal', type: 'performance.goal_achieved' },
  { name: 'performance', when: 'trend', type: 'performance.trend' },
  { name: 'announcement', type: 'team.announcement' },
  { name: 'policy_update', type: 'team.policy_update' },
  { name: 'course_completed', type: 'training.course_completed' },
  { name: 'new_module', type: 'training.module_available' },
  { name: 'certification_expiring', type: 'training.certification_expiring' },
  { name: 'revenue_milestone', type: 'achievement.revenue_milestone' },
  { name: 'achievement', type: 'achievement.performance' },
]

/**
 * The content of a notification, to be sent with a `to`. `title` and `message` become its texts, everything else
 * its data. Throws a ShopbellError `invalid` for a name without a row, and for fields that the type cannot do with.
 */
export function fromLegacy(name: string, fields: LegacyFields): Content {
  const { title, message, ...data } = snakeCased(fields)
  const row = LEGACY_TYPES.find((one) => one.name === name && (!one.when || one.when in data))
  if (!row) throw invalid([{ pointer: '/type', message: `${name} has no type of ours` }])
  const content = {
    type: row.type,
    data,
    ...(title !== undefined && { title }),
    ...(message !== undefined && { message }),
  }
  checkNotice({ ...content, to: { all: true } })
  // Checked with the schema that the type is inferred from.
  return content as Content
}

const snakeCased = (fields: LegacyFields): LegacyFields =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  )
