// What went wrong with D1, in the four ways that somebody acts on. D1 says it in words only.

/** [AR8] D1 is made absent (development). */
export class ArchiveDown extends Error {
  override name = 'ArchiveDown'
  constructor() {
    super('D1 is down')
  }
}

/** [CO4] A list's cursor that this server did not make: 422. */
export class BadCursor extends Error {
  override name = 'BadCursor'
  /** Which of the two parameters is wrong. */
  readonly parameter: 'after' | 'before'

  constructor(message: string, parameter: 'after' | 'before') {
    super(message)
    this.parameter = parameter
  }
}

/**
 * [AR2] `fence`: the cursor was not where the batch expected it. `content`: D1 refuses these entries whenever they come.
 * `overloaded`: not to be retried at once. `unavailable`: everything else, worth trying again.
 */
export type D1Failure = 'fence' | 'content' | 'overloaded' | 'unavailable'

const FENCE = /NOT NULL constraint failed: archive_cursors\.seq/
const OVERLOADED = /overloaded|too many requests queued/i
// A missing table or column is none of these: it is our mistake, and no entry's fault.
const CONTENT =
  /constraint failed|too (?:big|large|long)|malformed JSON|datatype mismatch|D1_TYPE_ERROR/i

/** Our own tables and columns, as SQLite names them where one of their constraints fails. */
const CONSTRAINT =
  /\b(?:UNIQUE|NOT NULL|CHECK|PRIMARY KEY|FOREIGN KEY) constraint failed(?:: [a-z_]+(?:\.[a-z_]+)?(?:, [a-z_]+\.[a-z_]+)*)?/
const KNOWN = /too (?:big|large|long)|malformed JSON|datatype mismatch|constraint failed/i

/** [AR2] Why D1 refused an entry, in words of which none can be from the entry: the message itself may quote it. */
export function refusalReason(error: unknown): string {
  const message = innermost(error)
  return CONSTRAINT.exec(message)?.[0] ?? KNOWN.exec(message)?.[0] ?? 'refused'
}

/** Outer messages may quote the statement, and with it what people wrote. */
function innermost(error: unknown): string {
  let inner = error
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause
  return inner instanceof Error ? inner.message : String(inner)
}

/** What to do about a failure. */
export function classifyFailure(error: unknown): D1Failure {
  const message = innermost(error)
  if (FENCE.test(message)) return 'fence'
  if (OVERLOADED.test(message)) return 'overloaded'
  return CONTENT.test(message) ? 'content' : 'unavailable'
}
