// The one error that the client throws or shows.
import * as v from 'valibot'
import { ERRORS, type ClientReaction, type ErrorCode, type FieldError } from '../protocol/errors.ts'

/**
 * - network: no answer came
 * - bad_answer: one came that is not Shopbell's
 * - outbox_full: too much waits for the network already (TR6)
 */
export type ClientErrorCode = ErrorCode | 'network' | 'bad_answer' | 'outbox_full'

export interface ShopbellErrorDetails {
  status?: number
  detail?: string
  fields?: FieldError[]
  retryAfterMs?: number | undefined
  requestId?: string
  cause?: unknown
}

/** A problem+json answer (CO3), or what kept one from coming. Compare `code`, never the words. */
export class ShopbellError extends Error {
  override readonly name = 'ShopbellError'
  readonly code: ClientErrorCode
  /** Null when no answer came. */
  readonly status: number | null
  /** What is wrong with which field, as RFC 6901 pointers. */
  readonly fields: readonly FieldError[]
  readonly retryAfterMs: number | null
  /** For the words to support: which request it was. */
  readonly requestId: string | null

  constructor(code: ClientErrorCode, details: ShopbellErrorDetails = {}) {
    super(details.detail ?? code, { cause: details.cause })
    this.code = code
    this.status = details.status ?? null
    this.fields = details.fields ?? []
    this.retryAfterMs = details.retryAfterMs ?? null
    this.requestId = details.requestId ?? null
  }

  /** What a program should do about it. */
  get reaction(): ClientReaction {
    if (this.code === 'network') return 'retry'
    if (this.code === 'bad_answer' || this.code === 'outbox_full') return 'stop'
    return ERRORS[this.code].client
  }

  /** The same request may succeed later: no answer came, or the server asked for patience. */
  get retryable(): boolean {
    return this.reaction === 'retry'
  }
}

/** No answer came: no network, no server, or it took too long. */
export const networkError = (cause: unknown): ShopbellError =>
  new ShopbellError('network', { detail: 'no answer from the server', cause })

/** What of a problem this side uses; everything may be missing, since a proxy may have written it. */
const ProblemFields = v.object({
  code: v.fallback(v.optional(v.string()), undefined),
  detail: v.fallback(v.optional(v.string()), undefined),
  request_id: v.fallback(v.optional(v.string()), undefined),
  errors: v.fallback(
    v.optional(v.array(v.object({ pointer: v.string(), message: v.string() }))),
    undefined,
  ),
})

/** [CO3] The error of an answer that is not 2xx, whoever wrote it. */
export function problemOf(response: Response, body: unknown): ShopbellError {
  const parsed = v.safeParse(ProblemFields, body)
  const { code, detail, request_id, errors } = parsed.success ? parsed.output : {}
  return new ShopbellError(knownCode(code) ?? codeOfStatus(response.status), {
    status: response.status,
    retryAfterMs: retryAfterMs(response.headers.get('retry-after')),
    ...(detail !== undefined && { detail }),
    ...(request_id !== undefined && { requestId: request_id }),
    ...(errors && { fields: errors }),
  })
}

const knownCode = (code: string | undefined): ErrorCode | undefined =>
  code !== undefined && Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : undefined

const CODES_OF_STATUS: Record<number, ErrorCode> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  413: 'too_large',
  422: 'invalid',
  429: 'rate_limited',
  503: 'unavailable',
}

const codeOfStatus = (status: number): ErrorCode =>
  CODES_OF_STATUS[status] ?? (status >= 500 ? 'internal' : 'bad_request')

/** Only the form in seconds, which is ours; the other one needs clocks that agree. */
function retryAfterMs(header: string | null): number | undefined {
  const seconds = header === null || header.trim() === '' ? Number.NaN : Number(header)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined
}

export type Asked<T> = { ok: true; answer: T } | { ok: false; error: ShopbellError }

/** The outcome as a value. What is thrown and is not ours is a bug, and goes on being thrown. */
export async function settled<T>(call: Promise<T>): Promise<Asked<T>> {
  try {
    return { ok: true, answer: await call }
  } catch (error) {
    if (error instanceof ShopbellError) return { ok: false, error }
    throw error
  }
}
