import {
  Location,
  LocationBody,
  Me,
  MemberBody,
  PageQuery,
  User,
  UserBody,
} from '../../../protocol/api.ts'
import type { ErrorCode } from '../../../protocol/errors.ts'
import type { RouteName } from '../../auth/permissions.ts'
import { MemberAnswer, MembersAnswer } from '../answers.ts'
import type { RouteDescription } from '../description.ts'

/** A write commits in the archive, and the hubs that must know are told at once. */
const WRITES: readonly ErrorCode[] = ['archive_unavailable', 'unavailable']
const READS: readonly ErrorCode[] = ['archive_unavailable']

const BEN = {
  id: 'ben',
  name: 'Ben Brooks',
  email: null,
  locale: 'en',
  time_zone: null,
  role: 'member',
}
const DOWNTOWN = { id: 'downtown', name: 'Downtown', time_zone: 'America/New_York', region: null }
const MEMBERSHIP = { location_id: 'downtown', user_id: 'cleo', role: 'manager' }
const GONE = { 204: { text: 'It is gone.' } }
const DELETES: readonly ErrorCode[] = ['not_found', ...WRITES]

export const DIRECTORY = {
  'GET /api/v1/me': {
    id: 'readMe',
    tag: 'directory',
    summary: 'Who am I here?',
    answers: {
      200: {
        text: 'The caller, and their role at each of their locations.',
        body: Me,
        example: {
          id: 'ben',
          name: 'Ben Brooks',
          role: 'member',
          locale: 'en',
          memberships: { downtown: 'staff' },
        },
      },
    },
    errors: READS,
  },
  'PUT /api/v1/users/:id': {
    id: 'writeUser',
    tag: 'directory',
    summary: 'Make or change a person',
    text: 'The id is your own. Doing it again changes nothing. `role` may be set by admins only.',
    path: { id: 'ben' },
    body: {
      schema: UserBody,
      examples: {
        'A name is enough': { name: 'Ben Brooks' },
        'All there is': {
          name: 'Ben Brooks',
          email: 'ben@shop.example',
          locale: 'es-MX',
          time_zone: 'America/Mexico_City',
          role: 'member',
        },
      },
    },
    answers: {
      200: { text: 'Changed.', body: User, example: BEN },
      201: { text: 'Made.', body: User, example: BEN },
    },
    errors: ['not_found', ...WRITES],
  },
  'GET /api/v1/users/:id': {
    id: 'readUser',
    tag: 'directory',
    summary: 'A person',
    path: { id: 'ben' },
    answers: { 200: { text: 'The person.', body: User, example: BEN } },
    errors: READS,
  },
  'DELETE /api/v1/users/:id': {
    id: 'removeUser',
    tag: 'directory',
    summary: 'Erase a person',
    text: 'Their inbox, memberships and marks go with them. In what others were sent the id stays as a pseudonym.',
    path: { id: 'ben' },
    answers: GONE,
    errors: DELETES,
  },
  'PUT /api/v1/locations/:id': {
    id: 'writeLocation',
    tag: 'directory',
    summary: 'Make or change a location',
    path: { id: 'downtown' },
    body: {
      schema: LocationBody,
      examples: {
        'A shop': { name: 'Downtown', time_zone: 'America/New_York' },
        'With a place for its hub': {
          name: 'Downtown',
          time_zone: 'America/New_York',
          region: 'enam',
        },
      },
    },
    answers: {
      200: { text: 'Changed.', body: Location, example: DOWNTOWN },
      201: { text: 'Made.', body: Location, example: DOWNTOWN },
    },
    errors: WRITES,
  },
  'GET /api/v1/locations/:id': {
    id: 'readLocation',
    tag: 'directory',
    summary: 'A location',
    path: { id: 'downtown' },
    answers: { 200: { text: 'The location.', body: Location, example: DOWNTOWN } },
    errors: READS,
  },
  'DELETE /api/v1/locations/:id': {
    id: 'removeLocation',
    tag: 'directory',
    summary: 'Erase a location',
    text: 'Its memberships, its stream and what members did with it go with it.',
    path: { id: 'harbour' },
    answers: GONE,
    errors: DELETES,
  },
  'GET /api/v1/locations/:id/members': {
    id: 'listMembers',
    tag: 'directory',
    summary: 'Who belongs to a location',
    path: { id: 'downtown' },
    query: PageQuery,
    queryExample: { limit: 10 },
    answers: {
      200: {
        text: 'A page of members.',
        body: MembersAnswer,
        example: {
          data: [{ user_id: 'ana', name: 'Ana Alvarez', role: 'manager' }],
          page: { after: null, before: null, has_more: false },
        },
      },
    },
    errors: READS,
  },
  'PUT /api/v1/locations/:id/members/:user_id': {
    id: 'writeMember',
    tag: 'directory',
    summary: 'Make somebody a member, or change their role',
    text: 'What was sent before somebody became a member is not shown to them. Setting the role already held changes nothing.',
    path: { id: 'downtown', user_id: 'cleo' },
    body: { schema: MemberBody, examples: { 'A manager': { role: 'manager' } } },
    answers: {
      200: { text: 'Changed, or as it was.', body: MemberAnswer, example: MEMBERSHIP },
      201: { text: 'Made.', body: MemberAnswer, example: MEMBERSHIP },
    },
    errors: ['not_found', ...WRITES],
  },
  'DELETE /api/v1/locations/:id/members/:user_id': {
    id: 'removeMember',
    tag: 'directory',
    summary: 'End a membership',
    text: 'Open sockets of the person lose the location at once.',
    path: { id: 'downtown', user_id: 'cleo' },
    answers: GONE,
    errors: DELETES,
  },
} satisfies Partial<Record<RouteName, RouteDescription>>
