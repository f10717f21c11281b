import { SendAnswer } from '../../../protocol/api.ts'
import type { ErrorCode } from '../../../protocol/errors.ts'
import { Batch, Send } from '../../../protocol/notification.ts'
import type { RouteName } from '../../auth/permissions.ts'
import { BatchAnswer } from '../answers.ts'
import type { RouteDescription } from '../description.ts'
import { BOOKING, EXAMPLE_ENTRY } from './examples.ts'

const ERRORS: readonly ErrorCode[] = [
  'unknown_recipient',
  'idempotency_mismatch',
  'not_available',
  'unavailable',
]

const ACCEPTED = { id: EXAMPLE_ENTRY, stream: 'location:downtown', seq: 42, status: 'sent' }

const SENDS = {
  'A booking, to the shop': BOOKING,
  'A goal, to managers by its type': {
    to: { location_id: 'downtown' },
    type: 'performance.goal_achieved',
    data: { metric: 'revenue', value: 5200, goal: 5000 },
  },
  'A word to one person': {
    to: { user_id: 'ben' },
    type: 'custom',
    title: 'Your keys',
    message: 'They are at the front desk.',
  },
  'To the staff, to be confirmed': {
    to: { location_id: 'downtown', roles: ['staff'] },
    type: 'team.policy_update',
    data: { policy_id: 'returns', version: 3 },
    requires_ack: true,
  },
  'Replaces the one before it': {
    to: { location_id: 'downtown' },
    type: 'performance.trend',
    data: { metric: 'walk-ins', value: 18, trend: 'increasing' },
    collapse_key: 'walk-ins',
    expires_at: '2027-06-01T00:00:00.000Z',
  },
}

export const SENDING = {
  'POST /api/v1/notifications': {
    id: 'sendNotification',
    tag: 'sending',
    summary: 'Send a notification',
    text: 'It is on the hub’s disk before this answers, and on open sockets within the same moment. A title and a message that are not given are written from `data` in each reader’s language. One notification may have 48 KiB as JSON.',
    idempotent: true,
    body: { schema: Send, examples: SENDS },
    answers: {
      201: {
        text: 'Sent, and in the archive.',
        body: SendAnswer,
        headers: ['Idempotent-Replayed'],
        example: { ...ACCEPTED, archived: true },
      },
      202: {
        text: 'Sent. The archive lags behind, so that lists show it a little later.',
        body: SendAnswer,
        headers: ['Idempotent-Replayed'],
        example: { ...ACCEPTED, archived: false },
      },
    },
    errors: ERRORS,
  },
  'POST /api/v1/notifications/batch': {
    id: 'sendBatch',
    tag: 'sending',
    summary: 'Send up to 500 notifications',
    text: 'Each item is answered for itself. With the header’s key, item i has the key `<key>:<i>`; an item may bring its own. The body may have 1 MiB.',
    idempotent: true,
    body: {
      schema: Batch,
      examples: {
        'Two of them': {
          notifications: [
            BOOKING,
            {
              to: { user_id: 'ben' },
              type: 'training.module_available',
              data: { module_id: 'm-12', module_name: 'Colour theory' },
              idempotency_key: 'm-12-ben',
            },
          ],
        },
      },
    },
    answers: {
      207: {
        text: 'What became of each item.',
        body: BatchAnswer,
        example: {
          results: [
            { ...ACCEPTED, archived: true, status: 201 },
            {
              type: 'urn:shopbell:problem:unknown_recipient',
              title: 'No such recipient',
              status: 422,
              detail: 'There is no such user.',
              code: 'unknown_recipient',
              request_id: '019e3f60-7a10-7c3e-8f5a-2b9d41c6e900',
              errors: [{ pointer: '/to', message: 'There is no such user.' }],
            },
          ],
        },
      },
    },
    errors: ['unavailable'],
  },
} satisfies Partial<Record<RouteName, RouteDescription>>
