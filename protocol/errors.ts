// Every error that leaves Shopbell is a row here: REST answers it as problem+json with `status` (CO3),
// a socket as an `error` frame with `temporary` (WS9). `client` says what a program should do with it.

/**
 * - fix: the request is wrong; do not send it again unchanged
 * - reauth: get a new access token, then send again
 * - retry: nothing was changed (or sending again is safe); send again after `Retry-After` or a back-off
 * - forget: what it names is not there for this caller; drop it
 * - stop: this caller may not do this at all
 */
export type ClientReaction = 'fix' | 'reauth' | 'retry' | 'forget' | 'stop'

interface ErrorRow {
  status: number
  title: string
  client: ClientReaction
  temporary: boolean
}

export const ERRORS = {
  bad_request: {
    status: 400,
    title: 'The request cannot be read',
    client: 'fix',
    temporary: false,
  },
  invalid: { status: 422, title: 'Some values are not valid', client: 'fix', temporary: false },
  unauthorized: { status: 401, title: 'No valid access token', client: 'reauth', temporary: false },
  forbidden: { status: 403, title: 'Not allowed', client: 'stop', temporary: false },
  origin_not_allowed: {
    status: 403,
    title: 'This origin is not on the allow-list',
    client: 'stop',
    temporary: false,
  },
  not_found: { status: 404, title: 'Not found', client: 'forget', temporary: false },
  method_not_allowed: { status: 405, title: 'Method not allowed', client: 'fix', temporary: false },
  too_large: { status: 413, title: 'Too large', client: 'fix', temporary: false },
  unknown_recipient: { status: 422, title: 'No such recipient', client: 'fix', temporary: false },
  idempotency_mismatch: {
    status: 422,
    title: 'This Idempotency-Key was used with another body',
    client: 'fix',
    temporary: false,
  },
  archive_refused: {
    status: 409,
    title: 'The archive refuses this entry',
    client: 'stop',
    temporary: false,
  },
  upgrade_required: {
    status: 426,
    title: 'This is a WebSocket route',
    client: 'fix',
    temporary: false,
  },
  rate_limited: { status: 429, title: 'Too many requests', client: 'retry', temporary: true },
  internal: {
    status: 500,
    title: 'Something went wrong on our side',
    client: 'retry',
    temporary: true,
  },
  not_available: {
    status: 501,
    title: 'Specified, but not built yet',
    client: 'stop',
    temporary: false,
  },
  unavailable: { status: 503, title: 'Not reachable right now', client: 'retry', temporary: true },
  archive_unavailable: {
    status: 503,
    title: 'The archive is not reachable right now',
    client: 'retry',
    temporary: true,
  },
  bad_frame: { status: 400, title: 'The frame is not valid', client: 'fix', temporary: false },
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof ERRORS

/** One wrong field: an RFC 6901 pointer into the body or the query, and what is wrong with it. */
export interface FieldError {
  pointer: string
  message: string
}

/** [CO3] RFC 9457. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code: ErrorCode
  request_id: string
  errors?: FieldError[]
}

/** The stable URI of an error; `code` is the part a program compares. */
export const problemType = (code: ErrorCode) => `urn:shopbell:problem:${code}`

interface CloseRow {
  reason: string
  /** May the client come back by itself, and on which ladder (WS8)? */
  retry: 'soon' | 'after_refresh' | 'slowly' | 'never'
}

/** [WS8] 4000 to 4499 = come back, 4500 to 4999 = do not come back by yourself. */
export const CLOSE_CODES = {
  4001: { reason: 'going_away', retry: 'soon' },
  4008: { reason: 'slow_consumer', retry: 'soon' },
  4009: { reason: 'stale', retry: 'soon' },
  4010: { reason: 'token_expired', retry: 'after_refresh' },
  4029: { reason: 'rate_limited', retry: 'slowly' },
  4500: { reason: 'bad_client', retry: 'never' },
  4501: { reason: 'unauthorized', retry: 'never' },
  4503: { reason: 'forbidden', retry: 'never' },
  4509: { reason: 'replaced', retry: 'never' },
  4526: { reason: 'protocol_unsupported', retry: 'never' },
} as const satisfies Record<number, CloseRow>

export type CloseCode = keyof typeof CLOSE_CODES
