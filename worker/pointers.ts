// [CO3] From what a schema found to what a caller is told: an RFC 6901 pointer and a sentence for each wrong field.
// Values that came in are never repeated: one of them may be a secret in the wrong place.
import type * as v from 'valibot'
import type { FieldError } from '../protocol/errors.ts'

/** Enough to mend a request by; an array of thousands of wrong items is not listed in full. */
const MAX_FIELD_ERRORS = 20

type Issue = v.BaseIssue<unknown>

/** `a/b` and `a~b` are keys too (RFC 6901, section 3). */
const escapeKey = (key: unknown) => String(key).replaceAll('~', '~0').replaceAll('/', '~1')

/** The pointer to the value that an issue is about; the empty one is the whole input. */
export const pointerOf = (issue: Issue): string =>
  (issue.path ?? []).map((step) => `/${escapeKey(step.key)}`).join('')

/** The wrong fields of an input, the first ones if there are very many. */
export const fieldErrors = (issues: readonly Issue[]): FieldError[] =>
  issues.slice(0, MAX_FIELD_ERRORS).map((issue) => ({
    pointer: pointerOf(issue),
    message: messageOf(issue),
  }))

function messageOf(issue: Issue): string {
  // Messages of our own schemas say it already; the library's begin like this and hold the value.
  if (!issue.message.startsWith('Invalid ')) return issue.message
  if (issue.received === 'undefined') return 'is required'
  if (issue.expected === 'never') return 'is not a known field'
  const requirement: unknown = Reflect.get(issue, 'requirement')
  switch (issue.type) {
    case 'min_length':
      return `must have at least ${String(requirement)}`
    case 'max_length':
      return `must have at most ${String(requirement)}`
    case 'min_value':
      return `must be at least ${String(requirement)}`
    case 'max_value':
      return `must be at most ${String(requirement)}`
    default:
      return issue.expected === null ? 'is not valid' : `must be ${issue.expected}`
  }
}
