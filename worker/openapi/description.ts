// How a route is described: what its schemas and its row of the table of permissions cannot say.
import type { GenericSchema } from 'valibot'
import type { ErrorCode } from '../../protocol/errors.ts'

export const TAGS = {
  auth: 'Access tokens. Every other route takes one as `Authorization: Bearer`.',
  directory: 'Who works where: people, locations and members.',
  sending: 'Notifications to a person, a location or some of its roles.',
  inbox: 'The caller’s own inbox: lists, counts and marks.',
  push: 'Web Push: how the caller’s devices are called when no socket reaches them.',
  sockets: 'The live connection. Its frames are described by AsyncAPI.',
  operations: 'Health, public keys and these documents.',
  development: 'There only where `ENVIRONMENT=development`; elsewhere 404.',
  later: 'Specified, and not built yet: whoever may ask is told 501 `not_available`.',
} as const

export type Tag = keyof typeof TAGS

export interface AnswerDescription {
  text: string
  /** One of the components. Without one the answer has no body. */
  body?: GenericSchema
  /** Other than JSON. */
  type?: string
  /** Names of headers that HEADERS describes. */
  headers?: readonly HeaderName[]
  example?: unknown
}

export interface RouteDescription {
  /** The operationId: programs that are made from the document call the route so. */
  id: string
  tag: Tag
  summary: string
  text?: string
  /** An example for each name in the path; a test calls the route with them. */
  path?: Record<string, string>
  /** A strict object; its entries are the parameters. */
  query?: GenericSchema
  queryExample?: Record<string, string | number | boolean>
  body?: {
    schema: GenericSchema
    /** An empty body counts as `{}`. */
    optional?: true
    /** By what they show; a test sends each. */
    examples: Record<string, unknown>
  }
  /** On a public route: credentials that it takes where they come. */
  takes?: readonly ('accessToken' | 'refreshCookie')[]
  /** [CO5] Takes an Idempotency-Key. */
  idempotent?: true
  answers: Record<number, AnswerDescription>
  /** Those that neither the guard nor the reading of the body gives. */
  errors?: readonly ErrorCode[]
}

export const HEADERS = {
  'Idempotent-Replayed': {
    description: '`true` where the same key and body were answered before; nothing was done again.',
    schema: { type: 'string', const: 'true' },
  },
  'Retry-After': {
    description: 'Seconds after which asking again makes sense.',
    schema: { type: 'integer', minimum: 0 },
  },
  'WWW-Authenticate': {
    description: 'RFC 6750; names the error where a token was sent and refused.',
    schema: { type: 'string' },
  },
  Upgrade: { description: '`websocket`', schema: { type: 'string' } },
  'X-Request-Id': {
    description: 'On every answer: the id under which the server’s log has this request.',
    schema: { type: 'string' },
  },
  'Set-Cookie': {
    description:
      'For people: the refresh token, for `/api/v1/auth` alone (`HttpOnly`, `SameSite=Strict`). Renewed with each use, taken away at the end.',
    schema: { type: 'string' },
  },
  'RateLimit-Limit': {
    description: 'Where an exact count decides: how many there may be.',
    schema: { type: 'integer' },
  },
  'RateLimit-Remaining': { description: 'How many are left.', schema: { type: 'integer' } },
  'RateLimit-Reset': { description: 'Seconds until there are more.', schema: { type: 'integer' } },
  ETag: {
    description: 'Send it as `If-None-Match` to be answered 304 while nothing has changed.',
    schema: { type: 'string' },
  },
} as const

export type HeaderName = keyof typeof HEADERS
