import { FaultsBody, PageQuery, ParkedList, RetryAnswer } from '../../../protocol/api.ts'
import type { RouteName } from '../../auth/permissions.ts'
import { Health, KeySet } from '../answers.ts'
import { EXAMPLE_ENTRY, EXAMPLE_EPOCH } from './examples.ts'
import type { AnswerDescription, RouteDescription } from '../description.ts'

const cached = (text: string, type: string): Record<number, AnswerDescription> => ({
  200: { text, type, headers: ['ETag'] },
  304: { text: 'As the caller has it.', headers: ['ETag'] },
})

const RETRIED = {
  stream: 'location:downtown',
  epoch: EXAMPLE_EPOCH,
  seq: 42,
  id: EXAMPLE_ENTRY,
  kind: 'notification',
  archived: true,
}

export const OPERATIONS = {
  'GET /healthz': {
    id: 'readHealth',
    tag: 'operations',
    summary: 'Is the server there?',
    text: 'In development it says 503 until the demo shop is set up.',
    answers: {
      200: { text: 'It is.', body: Health, example: { status: 'ok', version: '0.1.0' } },
    },
    errors: ['unavailable', 'archive_unavailable'],
  },
  'GET /metrics': {
    id: 'readMetrics',
    tag: 'operations',
    summary: 'The counters of the deployment, for Prometheus',
    text: 'With the token of the setting `METRICS_TOKEN` as bearer, not with an access token. Where none is set there is no such path.',
    answers: { 200: { text: 'The text format, 0.0.4.', type: 'text/plain' } },
    errors: ['unauthorized', 'not_found', 'archive_unavailable'],
  },
  'GET /.well-known/jwks.json': {
    id: 'readKeys',
    tag: 'operations',
    summary: 'The public keys that access tokens are signed with',
    text: 'Two may be live while keys are being changed.',
    answers: {
      200: {
        text: 'The keys.',
        body: KeySet,
        example: {
          keys: [
            {
              kty: 'EC',
              crv: 'P-256',
              x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
              y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
              kid: '2026-11',
              alg: 'ES256',
              use: 'sig',
            },
          ],
        },
      },
    },
  },
  'GET /api/v1/archive/parked': {
    id: 'listParkedEntries',
    tag: 'operations',
    summary: 'Entries that the archive refused for their content',
    text: 'They were delivered, and their hubs keep them; lists and counts lack them. The list is as fresh as the archive: an entry is in it from the moment at which the archive has gone past it.',
    query: PageQuery,
    queryExample: { limit: 50 },
    answers: {
      200: {
        text: 'A page of them, the longest parked first.',
        body: ParkedList,
        example: {
          data: [
            {
              stream: 'location:downtown',
              epoch: EXAMPLE_EPOCH,
              seq: 42,
              id: EXAMPLE_ENTRY,
              kind: 'notification',
              parked_at: '2026-11-20T09:12:46.020Z',
              reason: 'UNIQUE constraint failed: notifications.stream, notifications.place',
            },
          ],
          page: { after: null, before: null, has_more: false },
        },
      },
    },
    errors: ['archive_unavailable'],
  },
  'POST /api/v1/archive/parked/:stream/:seq/retry': {
    id: 'retryParkedEntry',
    tag: 'operations',
    summary: 'Have the archive take one of them',
    text: 'To be called once the cause is gone. It ends as if the entry had come in its turn: a newer one of its collapse key has replaced it, and what people did since stands.',
    path: { stream: 'location:downtown', seq: '42' },
    answers: {
      200: {
        text: 'The archive has it, and lists show it at its place.',
        body: RetryAnswer,
        example: RETRIED,
      },
      202: {
        text: 'The archive is away; the hub goes on trying each minute.',
        body: RetryAnswer,
        example: { ...RETRIED, archived: false },
      },
    },
    errors: ['not_found', 'archive_refused', 'unavailable', 'archive_unavailable'],
  },
  'GET /api/v1/openapi.json': {
    id: 'readOpenApi',
    tag: 'operations',
    summary: 'This document',
    answers: cached('OpenAPI 3.1.', 'application/json'),
  },
  'GET /api/v1/asyncapi.json': {
    id: 'readAsyncApi',
    tag: 'operations',
    summary: 'The frames of the sockets',
    answers: cached('AsyncAPI 3.0.', 'application/json'),
  },
  'GET /docs': {
    id: 'readDocs',
    tag: 'operations',
    summary: 'Both documents as a page',
    answers: cached('A page that works without a script.', 'text/html'),
  },
  'GET /docs/style.css': {
    id: 'readDocsStyle',
    tag: 'operations',
    summary: 'What the page looks like',
    answers: cached('The style sheet.', 'text/css'),
  },
  'PUT /__faults': {
    id: 'setFaults',
    tag: 'development',
    summary: 'Make the archive slow, absent or choosy, and move the clock',
    text: 'For the worker and all hubs at once. With `refuse` the archive refuses for its content whatever carries that text. Moving the clock is that time passing: tokens run out, deadlines are met.',
    body: {
      schema: FaultsBody,
      optional: true,
      examples: { 'Half a second per query': { d1: { delay_ms: 500 } }, 'All is well': {} },
    },
    answers: {
      200: {
        text: 'What holds now.',
        body: FaultsBody,
        example: { d1: { delay_ms: 500, down: false }, clock_ahead_ms: 0 },
      },
    },
    errors: ['not_found', 'unavailable'],
  },
} satisfies Partial<Record<RouteName, RouteDescription>>
