// [CO8] What the specification names and a later part brings: whoever is signed in is told so, in one way.
import type { Handler } from '../context.ts'
import { notBuiltYet } from '../problem.ts'

/** Answered without a token, like the routes that will stand here. */
export const LATER_PUBLIC_ROUTES = [
  'POST /api/v1/hooks/:vendor{square|calcom|calendly|generic}',
] as const

export const LATER_ROUTES = [
  'PUT /api/v1/notifications/:id/snoozed',
  'DELETE /api/v1/notifications/:id/snoozed',
  'PUT /api/v1/notifications/:id/actions/:action',
  'DELETE /api/v1/notifications/:id/actions/:action',
  'GET /api/v1/notifications/:id/receipts',
  'GET /api/v1/notifications/:id/receipts.csv',
  'GET /api/v1/notifications/:id/trace',
  'GET /api/v1/notifications/sent',
  'GET /api/v1/notifications/scheduled',
  'PATCH /api/v1/notifications/scheduled/:id',
  'DELETE /api/v1/notifications/scheduled/:id',
  'POST /api/v1/notifications/preview',
  'GET /api/v1/broadcasts/:id',
  'GET /api/v1/preferences',
  'PUT /api/v1/preferences',
  'GET /api/v1/locations/:id/preferences',
  'PUT /api/v1/locations/:id/preferences',
  'PUT /api/v1/mutes/:type',
  'DELETE /api/v1/mutes/:type',
  'GET /api/v1/locations/:id/channels',
  'POST /api/v1/locations/:id/channels',
  'GET /api/v1/channels/:id/messages',
  'POST /api/v1/channels/:id/messages',
  'POST /api/v1/locations/:id/displays',
  'DELETE /api/v1/locations/:id/displays/:display_id',
  'GET /api/v1/hooks/:vendor/mapping',
  'PUT /api/v1/hooks/:vendor/mapping',
  'GET /api/v1/webhooks',
  'POST /api/v1/webhooks',
  'DELETE /api/v1/webhooks/:id',
  'GET /api/v1/webhooks/:id/deliveries',
  'POST /api/v1/webhooks/:id/deliveries/:delivery/replay',
  'GET /api/v1/sessions',
  'DELETE /api/v1/sessions',
  'DELETE /api/v1/sessions/:id',
] as const

export const answerLater: Handler = () => {
  throw notBuiltYet('This')
}
