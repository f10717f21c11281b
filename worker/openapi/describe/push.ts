import {
  PushDevice,
  PushDeviceList,
  PushKey,
  PushSubscriptionBody,
  PushTestAnswer,
  PushTestBody,
} from '../../../protocol/push.ts'
import type { ErrorCode } from '../../../protocol/errors.ts'
import type { RouteName } from '../../auth/permissions.ts'
import type { RouteDescription } from '../description.ts'

const WRITES: readonly ErrorCode[] = ['not_found', 'archive_unavailable', 'unavailable']

const PHONE = {
  device: 'phone-1',
  service: 'fcm.googleapis.com',
  since: '2026-11-20T09:00:00.000Z',
  last_success_at: null,
  last_error_at: null,
  last_error: null,
  gone_at: null,
}

const SUBSCRIPTION = {
  endpoint: 'https://fcm.googleapis.com/fcm/send/dGhlLXBob25l:APA91bExample',
  expirationTime: null,
  keys: {
    p256dh:
      'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
    auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  },
}

export const PUSH = {
  'GET /api/v1/push/key': {
    id: 'readPushKey',
    tag: 'push',
    summary: 'The key that a page subscribes with',
    text: 'The `applicationServerKey` of `pushManager.subscribe`. Whoever subscribed with another one must subscribe again.',
    answers: {
      200: {
        text: 'A point of P-256 as base64url.',
        body: PushKey,
        example: { public_key: SUBSCRIPTION.keys.p256dh },
      },
    },
    errors: ['not_available'],
  },
  'GET /api/v1/push/subscriptions': {
    id: 'listPushSubscriptions',
    tag: 'push',
    summary: 'The caller’s subscribed devices, and how they are doing',
    text: 'A device whose push service said that the subscription has ended is shown with `gone_at` until it subscribes again. `last_success_at` is noted at most once an hour.',
    answers: {
      200: { text: 'All of them.', body: PushDeviceList, example: { data: [PHONE] } },
    },
    errors: ['unavailable'],
  },
  'PUT /api/v1/push/subscriptions/:device': {
    id: 'writePushSubscription',
    tag: 'push',
    summary: 'Subscribe a device, or confirm that it still is',
    text: 'The body is a browser’s `PushSubscription` as JSON. Do it at each start of the app: addresses change without a word. The address is taken from whoever else had it. A seventeenth device ends the one that was confirmed longest ago. Signing out ends the subscriptions that were made in the session.',
    path: { device: 'phone-1' },
    body: { schema: PushSubscriptionBody, examples: { 'As a browser writes it': SUBSCRIPTION } },
    answers: {
      200: { text: 'Confirmed, or changed.', body: PushDevice, example: PHONE },
      201: { text: 'Subscribed.', body: PushDevice, example: PHONE },
    },
    errors: ['not_available', ...WRITES],
  },
  'POST /api/v1/push/test': {
    id: 'testPush',
    tag: 'push',
    summary: 'Send a test to the caller’s devices',
    text: 'To one, or without `device` to all. It is no entry of the inbox. `error` is null where the push service took it; whether the device shows it is for its owner to see.',
    body: {
      schema: PushTestBody,
      optional: true,
      examples: { 'Every device': {}, 'One of them': { device: 'phone-1' } },
    },
    answers: {
      200: {
        text: 'What the push services said.',
        body: PushTestAnswer,
        example: { results: [{ device: 'phone-1', error: null }] },
      },
    },
    errors: ['not_available', 'not_found', 'unavailable'],
  },
  'DELETE /api/v1/push/subscriptions/:device': {
    id: 'endPushSubscription',
    tag: 'push',
    summary: 'End a device’s subscription',
    path: { device: 'phone-1' },
    answers: { 204: { text: 'It is gone.' } },
    errors: WRITES,
  },
} satisfies Partial<Record<RouteName, RouteDescription>>
