// [WS3][WS9] A text from a client, parsed once: frames to act on, and refusals that name what was wrong.
import * as v from 'valibot'
import { ClientFrame, LATER_FRAMES } from '../../protocol/client-frames.ts'
import { ERRORS, type ErrorCode } from '../../protocol/errors.ts'
import { MAX_FRAME_BYTES } from '../../protocol/limits.ts'
import type { ErrorFrame } from '../../protocol/server-frames.ts'

export type Incoming =
  | { kind: 'frame'; frame: ClientFrame }
  | { kind: 'refused'; code: ErrorCode; message: string; re?: string }

const refused = (code: ErrorCode, message: string, re?: string): Incoming => ({
  kind: 'refused',
  code,
  message,
  ...(re !== undefined && { re }),
})

const isTooLong = (text: string): boolean =>
  text.length > MAX_FRAME_BYTES ||
  (text.length * 3 > MAX_FRAME_BYTES && new TextEncoder().encode(text).length > MAX_FRAME_BYTES)

/** One entry per frame of the text, in order; a text that holds none is one refusal. */
export function readText(data: string | ArrayBuffer): Incoming[] {
  if (typeof data !== 'string') return [refused('bad_frame', 'binary frames are not used')]
  if (isTooLong(data)) return [refused('too_large', `a text may have ${MAX_FRAME_BYTES} bytes`)]
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    return [refused('bad_frame', 'not JSON')]
  }
  if (!Array.isArray(value)) return [readFrame(value)]
  return value.length === 0 ? [refused('bad_frame', 'an empty array')] : value.map(readFrame)
}

function readFrame(value: unknown): Incoming {
  const head = v.safeParse(v.looseObject({ type: v.string(), id: v.optional(v.unknown()) }), value)
  if (!head.success) return refused('bad_frame', 'a frame is an object with a type')
  const re = typeof head.output.id === 'string' ? head.output.id : undefined
  if (LATER_FRAMES.has(head.output.type)) {
    return refused('not_available', `${head.output.type} is not built yet`, re)
  }
  const parsed = v.safeParse(ClientFrame, value)
  if (parsed.success) return { kind: 'frame', frame: parsed.output }
  const issue = parsed.issues[0]
  const field = issue.path?.map((step) => String(step.key)).join('/') ?? ''
  return refused('bad_frame', field ? `${field}: ${issue.message}` : issue.message, re)
}

/** The answer to a refusal. */
export const errorFrame = (
  code: ErrorCode,
  message: string,
  more: { re?: string; retry_after_ms?: number } = {},
): ErrorFrame => ({ type: 'error', code, message, temporary: ERRORS[code].temporary, ...more })
