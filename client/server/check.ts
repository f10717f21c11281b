// What is sent is checked here with the schema that the server checks it with, before it leaves.
import * as v from 'valibot'
import { EventBody } from '../../protocol/events.ts'
import type { FieldError } from '../../protocol/errors.ts'
import { IdempotencyKey, Send } from '../../protocol/notification.ts'
import { ShopbellError } from '../errors.ts'

/** [CO3] Throws what the server would answer, with pointers to the wrong fields, and without asking it. */
export function checkNotice(notice: unknown): void {
  const fields = faultsOf(Send, notice)
  if (fields.length > 0) throw invalid(fields)
}

export function checkEvent(event: unknown): void {
  const fields = faultsOf(EventBody, event)
  if (fields.length > 0) throw invalid(fields)
}

export function checkKey(key: string): void {
  const fields = faultsOf(IdempotencyKey, key)
  if (fields.length > 0) {
    throw invalid(fields.map(({ message }) => ({ pointer: '/idempotencyKey', message })))
  }
}

/** The first fault is in the words, all of them in `fields`. */
export function invalid(fields: FieldError[]): ShopbellError {
  const [first, ...others] = fields
  const more = others.length > 0 ? ` (and ${others.length} more in fields)` : ''
  const detail = first ? `not sent: ${first.pointer} ${first.message}${more}` : 'not sent'
  return new ShopbellError('invalid', { detail, fields })
}

function faultsOf(schema: v.GenericSchema, value: unknown): FieldError[] {
  const { issues = [] } = v.safeParse(schema, value)
  return issues.map((issue) => ({ pointer: pointerOf(issue), message: issue.message }))
}

/** RFC 6901 */
const pointerOf = (issue: v.BaseIssue<unknown>): string =>
  (issue.path ?? [])
    .map(({ key }) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')
