import {
  BulkBody,
  BulkQuery,
  CommandAnswer,
  CountAnswer,
  InboxAnswer,
  InboxQuery,
} from '../../../protocol/api.ts'
import type { ErrorCode } from '../../../protocol/errors.ts'
import { Notification } from '../../../protocol/notification.ts'
import type { RouteName } from '../../auth/permissions.ts'
import type { AnswerDescription, RouteDescription } from '../description.ts'
import { EXAMPLE_AS_OF, EXAMPLE_COUNTS, EXAMPLE_ENTRY, EXAMPLE_NOTIFICATION } from './examples.ts'

const READS: readonly ErrorCode[] = ['archive_unavailable']
const COMMANDS: readonly ErrorCode[] = ['archive_unavailable', 'unavailable']

/** [AR3] */
const COMMANDED: Record<number, AnswerDescription> = {
  200: {
    text: 'Done, and in the archive; the counts are those of now.',
    body: CommandAnswer,
    example: { archived: true, counts: EXAMPLE_COUNTS, ...EXAMPLE_AS_OF },
  },
  202: {
    text: 'Done. The archive lags behind, so there are no counts.',
    body: CommandAnswer,
    example: { archived: false },
  },
}

const PAGE: AnswerDescription = {
  text: 'A page, newest first.',
  body: InboxAnswer,
  example: {
    data: [EXAMPLE_NOTIFICATION],
    page: { after: null, before: null, has_more: false },
    counts: EXAMPLE_COUNTS,
    ...EXAMPLE_AS_OF,
  },
}

const entry = { id: EXAMPLE_ENTRY }
const mark = { ...entry, mark: 'read' }

export const INBOX = {
  'GET /api/v1/notifications': {
    id: 'listNotifications',
    tag: 'inbox',
    summary: 'The inbox',
    text: 'Open a socket first and ask for the list then: what comes on the socket above `as_of` is new.',
    query: InboxQuery,
    queryExample: { limit: 10, category: 'appointment', unread: true },
    answers: { 200: PAGE },
    errors: READS,
  },
  'GET /api/v1/notifications/unread': {
    id: 'listUnread',
    tag: 'inbox',
    summary: 'What is unread in the inbox',
    query: InboxQuery,
    queryExample: { location_id: 'downtown' },
    answers: { 200: PAGE },
    errors: READS,
  },
  'GET /api/v1/notifications/unread/count': {
    id: 'countUnread',
    tag: 'inbox',
    summary: 'How much is unread, unseen, or asks for something',
    answers: {
      200: {
        text: 'The counts of the whole inbox.',
        body: CountAnswer,
        example: { ...EXAMPLE_COUNTS, ...EXAMPLE_AS_OF },
      },
    },
    errors: READS,
  },
  'GET /api/v1/notifications/:id': {
    id: 'readNotification',
    tag: 'inbox',
    summary: 'One notification',
    text: 'Reading it here does not mark it.',
    path: entry,
    answers: {
      200: { text: 'The notification.', body: Notification, example: EXAMPLE_NOTIFICATION },
    },
    errors: READS,
  },
  'POST /api/v1/notifications/read-all': {
    id: 'readAll',
    tag: 'inbox',
    summary: 'Mark everything as read',
    text: '`up_to` is a list’s `as_of`, so that what came since stays unread; a stream that it does not name is left alone.',
    body: {
      schema: BulkBody,
      optional: true,
      examples: {
        Everything: {},
        'One category': { category: 'team' },
        'What was on the screen': { up_to: { 'location:downtown': 42 } },
      },
    },
    answers: COMMANDED,
    errors: COMMANDS,
  },
  'POST /api/v1/notifications/seen-all': {
    id: 'seenAll',
    tag: 'inbox',
    summary: 'Mark everything as seen',
    text: 'What the frame `seen` says, for a client that has no socket. `up_to` is as in `read-all`.',
    body: {
      schema: BulkBody,
      optional: true,
      examples: {
        Everything: {},
        'What was on the screen': { up_to: { 'location:downtown': 42 } },
      },
    },
    answers: COMMANDED,
    errors: COMMANDS,
  },
  'DELETE /api/v1/notifications': {
    id: 'clearInbox',
    tag: 'inbox',
    summary: 'Clear the inbox',
    text: 'What to clear comes as query or as body, never as both.',
    query: BulkQuery,
    queryExample: { category: 'training' },
    body: {
      schema: BulkBody,
      optional: true,
      examples: { 'One location': { location_id: 'downtown' } },
    },
    answers: COMMANDED,
    errors: COMMANDS,
  },
  'DELETE /api/v1/notifications/:id': {
    id: 'deleteNotification',
    tag: 'inbox',
    summary: 'Delete one notification',
    path: entry,
    answers: COMMANDED,
    errors: COMMANDS,
  },
  'PUT /api/v1/notifications/:id/:mark{read|seen|archived|acknowledged}': {
    id: 'markNotification',
    tag: 'inbox',
    summary: 'Set a mark',
    text: 'Acknowledged and archived imply read; read implies seen. Setting it again changes nothing. The caller’s other devices hear of it.',
    path: mark,
    answers: COMMANDED,
    errors: COMMANDS,
  },
  'DELETE /api/v1/notifications/:id/:mark{read|seen|archived|acknowledged}': {
    id: 'unmarkNotification',
    tag: 'inbox',
    summary: 'Take a mark away',
    text: 'It takes no other mark with it.',
    path: mark,
    answers: COMMANDED,
    errors: COMMANDS,
  },
} satisfies Partial<Record<RouteName, RouteDescription>>
