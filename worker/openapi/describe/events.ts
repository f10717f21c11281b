import { EventAnswer, EventBody } from '../../../protocol/events.ts'
import type { RouteName } from '../../auth/permissions.ts'
import type { RouteDescription } from '../description.ts'

export const EVENTS = {
  'POST /api/v1/events': {
    id: 'publishEvent',
    tag: 'sending',
    summary: 'Send a live event',
    text: 'A hint for pages that are open: it reaches the sockets that subscribed to its type, is stored nowhere and never repeated.',
    body: {
      schema: EventBody,
      examples: {
        'The calendar changed': {
          to: { location_id: 'downtown' },
          event_type: 'appointment_updates',
          data: { day: '2026-11-20' },
        },
        'A type of your own': {
          to: { user_id: 'ben' },
          event_type: 'x_door_opened',
          data: { door: 'back' },
        },
      },
    },
    answers: {
      200: { text: 'How many sockets got it.', body: EventAnswer, example: { sockets: 2 } },
    },
    errors: ['unknown_recipient', 'unavailable'],
  },
} satisfies Partial<Record<RouteName, RouteDescription>>
