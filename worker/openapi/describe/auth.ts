import {
  DevTokenRequest,
  LogoutBody,
  NewServiceKey,
  PageQuery,
  ServiceKeyBody,
  ServiceKeyList,
  TokenAnswer,
  TOKEN_EXCHANGE,
  TokenRequest,
} from '../../../protocol/api.ts'
import { MAX_TOKEN_SECONDS } from '../../../protocol/limits.ts'
import type { RouteName } from '../../auth/permissions.ts'
import type { RouteDescription } from '../description.ts'

const EXAMPLE_TOKEN = {
  access_token: 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJiZW4ifQ.c2lnbmF0dXJl',
  token_type: 'Bearer',
  expires_in: MAX_TOKEN_SECONDS,
}

const EXAMPLE_KEY = {
  client_id: '019e3f60-1b22-7d0f-9a61-3c5e7a9b1d02',
  name: 'Booking system',
  scopes: ['notifications:send'],
  created_at: '2026-11-20T09:00:00.000Z',
  last_used_at: null,
}

export const AUTH = {
  'POST /api/v1/auth/token': {
    id: 'issueToken',
    tag: 'auth',
    summary: 'Get an access token',
    text: 'A service shows its key (`client_credentials`). A person comes with a JWT of the platform’s own identity provider (token exchange, RFC 8693), and goes on with the cookie that it set (`refresh_token`): it is taken from pages on the allow-list only, and renewed each time. A refresh token that is shown twice ends its session.',
    takes: ['refreshCookie'],
    body: {
      schema: TokenRequest,
      examples: {
        'A service key': {
          grant_type: 'client_credentials',
          client_id: 'demo-booking',
          client_secret: 'demo-booking-secret',
        },
        'A person of the platform': {
          grant_type: TOKEN_EXCHANGE,
          subject_token: 'eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIn0.eyJzdWIiOiJiZW4ifQ.c2lnbmF0dXJl',
          subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        },
        'A browser, by its cookie': { grant_type: 'refresh_token' },
      },
    },
    answers: {
      200: {
        text: 'The token.',
        body: TokenAnswer,
        headers: ['Set-Cookie'],
        example: EXAMPLE_TOKEN,
      },
    },
    errors: [
      'unauthorized',
      'forbidden',
      'not_available',
      'unavailable',
      'archive_unavailable',
      'rate_limited',
    ],
  },
  'POST /api/v1/auth/logout': {
    id: 'logOut',
    tag: 'auth',
    summary: 'End the session',
    text: 'That of the cookie and of the access token, or with `everywhere` all of the person. Open sockets end within five seconds. Nothing left to end is as good as ended.',
    takes: ['refreshCookie', 'accessToken'],
    body: {
      schema: LogoutBody,
      optional: true,
      examples: { 'This device': {}, 'All devices': { everywhere: true } },
    },
    answers: { 204: { text: 'It has ended.', headers: ['Set-Cookie'] } },
    errors: ['unauthorized', 'forbidden', 'unavailable', 'archive_unavailable'],
  },
  'GET /api/v1/service-keys': {
    id: 'listServiceKeys',
    tag: 'auth',
    summary: 'The keys of services',
    text: 'Without their secrets: those are shown once.',
    query: PageQuery,
    queryExample: { limit: 10 },
    answers: {
      200: {
        text: 'A page of keys.',
        body: ServiceKeyList,
        example: { data: [EXAMPLE_KEY], page: { after: null, before: null, has_more: false } },
      },
    },
    errors: ['archive_unavailable'],
  },
  'POST /api/v1/service-keys': {
    id: 'addServiceKey',
    tag: 'auth',
    summary: 'Make a key for a service',
    text: 'The answer is the only place where the secret ever stands.',
    body: {
      schema: ServiceKeyBody,
      examples: { 'One that sends': { name: 'Booking system', scopes: ['notifications:send'] } },
    },
    answers: {
      201: {
        text: 'The key, with its secret.',
        body: NewServiceKey,
        example: { ...EXAMPLE_KEY, client_secret: 'shopbell_sk_of-43-letters-and-shown-once' },
      },
    },
    errors: ['archive_unavailable'],
  },
  'DELETE /api/v1/service-keys/:client_id': {
    id: 'revokeServiceKey',
    tag: 'auth',
    summary: 'Revoke a key',
    text: 'Within five seconds no token of it opens anything.',
    path: { client_id: 'demo-booking' },
    answers: { 204: { text: 'It is gone.' } },
    errors: ['not_found', 'archive_unavailable'],
  },
  'POST /api/v1/auth/dev': {
    id: 'issueDevToken',
    tag: 'development',
    summary: 'Get the access token of anybody',
    body: {
      schema: DevTokenRequest,
      examples: {
        'For Ben': { user_id: 'ben' },
        'A short one': { user_id: 'ana', expires_in: 60 },
      },
    },
    answers: {
      200: {
        text: 'The token.',
        body: TokenAnswer,
        headers: ['Set-Cookie'],
        example: EXAMPLE_TOKEN,
      },
    },
    errors: ['not_found', 'archive_unavailable'],
  },
} satisfies Partial<Record<RouteName, RouteDescription>>
