// [NO7] Ephemeral events: live hints for pages that are open, stored nowhere and never repeated.
import * as v from 'valibot'
import { LocationId, UserId } from './ids.ts'
import { JsonObject } from './json.ts'

const KNOWN = [
  'appointment_updates',
  'performance_updates',
  'schedule_updates',
  'team_updates',
  'training_updates',
] as const

/** The known ones, or a platform's own behind `x_`. */
export const EventType = v.union(
  [v.picklist(KNOWN), v.pipe(v.string(), v.regex(/^x_[a-z0-9_]{1,60}$/))],
  `must be one of ${KNOWN.join(', ')}, or x_ and 1 to 60 of a-z 0-9 _`,
)
export type EventType = v.InferOutput<typeof EventType>

/** Figures of the shop are for managers; everything else is for every member. */
export const isForManagers = (type: EventType): boolean => type === 'performance_updates'

const EventRecipient = v.pipe(
  v.strictObject({ user_id: v.optional(UserId), location_id: v.optional(LocationId) }),
  v.check(
    (to: { user_id?: string | undefined; location_id?: string | undefined }) =>
      (to.user_id === undefined) !== (to.location_id === undefined),
    'must hold exactly one of user_id, location_id',
  ),
)

/** Body of POST /events. */
export const EventBody = v.strictObject({
  to: EventRecipient,
  event_type: EventType,
  data: JsonObject,
})
export type EventBody = v.InferOutput<typeof EventBody>

/** How many open sockets it was handed to. */
export const EventAnswer = v.object({ sockets: v.number() })
export type EventAnswer = v.InferOutput<typeof EventAnswer>
