import { expect, test } from 'vitest'
import { ArchiveDown, classifyFailure, type D1Failure, refusalReason } from './errors.ts'

const constraint = (what: string) => new Error(`D1_ERROR: ${what}: SQLITE_CONSTRAINT`)
const quoting = (text: string, cause: Error) => new Error(`Failed query: ${text}`, { cause })

test.each<[string, unknown, D1Failure]>([
  [
    '[AR2] a cursor that was elsewhere is the fence',
    constraint('NOT NULL constraint failed: archive_cursors.seq'),
    'fence',
  ],
  [
    '[AR2] another missing value is the content',
    constraint('NOT NULL constraint failed: notifications.type'),
    'content',
  ],
  [
    '[AR2] a place that is taken is the content',
    constraint('UNIQUE constraint failed: notifications.stream, notifications.place'),
    'content',
  ],
  [
    '[AR2] a row too big is the content',
    new Error('string or blob too big: SQLITE_TOOBIG'),
    'content',
  ],
  [
    '[AR2] broken JSON is the content',
    new Error('D1_ERROR: malformed JSON: SQLITE_ERROR'),
    'content',
  ],
  [
    '[AR2] overloaded is not to be retried at once',
    new Error('D1_ERROR: D1 DB is overloaded. Requests queued for too long.'),
    'overloaded',
  ],
  [
    '[AR4] a lost connection is worth another try',
    new Error('Network connection lost.'),
    'unavailable',
  ],
  ['[AR8] D1 made absent is unavailable', new ArchiveDown(), 'unavailable'],
  [
    '[AR2] a table that is missing is nobody’s entry',
    new Error('D1_ERROR: no such table: inbox_marks: SQLITE_ERROR'),
    'unavailable',
  ],
  [
    '[AR2] what people wrote decides nothing: the innermost message does',
    quoting('overloaded, constraint failed', new Error('Network connection lost.')),
    'unavailable',
  ],
  ['[AR2] what is thrown need not be an error', 'overloaded', 'overloaded'],
])('%s', (_rule, error, failure) => {
  expect(classifyFailure(error)).toBe(failure)
})

test.each<[unknown, string]>([
  [
    quoting(
      "'Nora Lind'",
      constraint('UNIQUE constraint failed: notifications.stream, notifications.place'),
    ),
    'UNIQUE constraint failed: notifications.stream, notifications.place',
  ],
  [
    constraint('NOT NULL constraint failed: notifications.type'),
    'NOT NULL constraint failed: notifications.type',
  ],
  [constraint('CHECK constraint failed: Nora Lind'), 'CHECK constraint failed'],
  [new Error("D1_TYPE_ERROR: Type 'object' not supported for value 'Nora Lind'"), 'refused'],
  [new Error('string or blob too big: Nora Lind'), 'too big'],
  [constraint('Nora Lind: constraint failed'), 'constraint failed'],
  ['Nora Lind', 'refused'],
])('[AR2] the reason of a refusal has no word of the entry: %s', (error, reason) => {
  expect(refusalReason(error)).toBe(reason)
})
