// The one error that the client throws or shows.
import { ERRORS, type ClientReaction, type ErrorCode, type FieldError } from '../protocol/errors.ts'

/** `network`: no answer came. `bad_answer`: one came that is not Shopbell's. */
export type ClientErrorCode = ErrorCode | 'network' | 'bad_answer'

export interface ShopbellErrorDetails {
  status?: number
  detail?: string
  fields?: FieldError[]
  retryAfterMs?: number
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
    return this.code === 'bad_answer' ? 'stop' : ERRORS[this.code].client
  }
}
