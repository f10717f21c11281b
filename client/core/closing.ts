// What a lost socket means (WS8): come back, and how, or stay away, and why.
import { CLOSE_CODES, type CloseCode } from '../../protocol/errors.ts'
import type { ByeFrame } from '../../protocol/server-frames.ts'
import type { Millis, StopReason } from '../types.ts'

export type Verdict =
  | { kind: 'soon' }
  /** The token is what ended; with a new one there is nothing to wait for. */
  | { kind: 'after_refresh' }
  | { kind: 'slowly' }
  /** The hub named the time itself. */
  | { kind: 'at'; delayMs: Millis }
  | { kind: 'never'; reason: StopReason; code: number | null }

const STOP_REASONS: Record<string, StopReason> = {
  bad_client: 'bad_client',
  unauthorized: 'unauthorized',
  forbidden: 'forbidden',
  replaced: 'replaced',
  protocol_unsupported: 'protocol_unsupported',
}

/** A wish beyond this is a mistake somewhere; a person would think the app is broken. */
const MAX_WISH_MS = 3_600_000

const isOurs = (code: number): code is CloseCode => code in CLOSE_CODES

/** [WS8] The codes of a hub; who sits in between has none of them. */
export const isOfHub = (code: number): boolean => code >= 4000 && code <= 4999

/** [WS8] Codes that this build does not know follow the arithmetic: 4500 to 4999 do not come back. */
export function verdictOfClose(code: number): Verdict {
  if (isOurs(code)) {
    const row = CLOSE_CODES[code]
    if (row.retry !== 'never') return { kind: row.retry }
    return { kind: 'never', reason: STOP_REASONS[row.reason] ?? 'refused', code }
  }
  if (code >= 4500 && code <= 4999) return { kind: 'never', reason: 'refused', code }
  return { kind: 'soon' }
}

/** [WS8] The bye says it before the close does, and more precisely. */
export function verdictOfBye(bye: ByeFrame): Verdict {
  const verdict = verdictOfClose(bye.code)
  if (!bye.retry) {
    return verdict.kind === 'never' ? verdict : { kind: 'never', reason: 'refused', code: bye.code }
  }
  if (bye.retry_after_ms === undefined) return verdict.kind === 'never' ? { kind: 'soon' } : verdict
  return { kind: 'at', delayMs: Math.min(Math.max(0, bye.retry_after_ms), MAX_WISH_MS) }
}
