// [TR6] The rules of the outbox: what a person did leaves in its order, one at a time, until the server has taken or
// refused it. It knows neither disk nor network nor other tabs; time and the roll of the dice are passed in.
import type { Millis, Operation, Outcome, Queued } from '../types.ts'
import { assertNever } from './assert-never.ts'
import { backoffMs, type DelayRange } from './backoff.ts'

/** Who taps this often without a network is told that no more is kept. */
export const MAX_WAITING = 1_000

/** What somebody wanted a month ago they hardly want now; most entries are gone by then. */
export const MAX_AGE_MS = 30 * 24 * 3_600_000

const RANGE: DelayRange = { min: 500, max: 60_000 }

export interface Outbox {
  /** In the order of the store; what it does not have yet comes last. */
  queue: readonly Queued[]
  /** The one that is on its way, from this tab or another. */
  sent: string | null
  /** Tries in a row that nobody could answer. */
  failures: number
  retryAt: Millis
  /** The server asked for this much patience; no network that is back shortens it. */
  notBefore: Millis
  /** Settled, but the last reading of the store still had them. */
  gone: ReadonlySet<string>
}

export const EMPTY_OUTBOX: Outbox = {
  queue: [],
  sent: null,
  failures: 0,
  retryAt: 0,
  notBefore: 0,
  gone: new Set(),
}

export type OutboxEvent =
  | { type: 'wished'; operation: Operation }
  | { type: 'kept'; key: string; place: number }
  /** Everything that the store has of this person. */
  | { type: 'read'; rows: readonly Queued[] }
  | { type: 'sent'; key: string }
  /** A settled one is off the disk. */
  | { type: 'removed'; key: string }
  | { type: 'tried'; key: string; outcome: Outcome; roll: number }
  /** The network may be back, or the person looks again. */
  | { type: 'wake' }
  /** All of it is given up: the person wants nothing of theirs to stay. */
  | { type: 'forgotten' }

/** Somebody who waits for it, and the view, are told. */
export interface Settled {
  key: string
  outcome: Exclude<Outcome, { kind: 'later' }>
}

export interface OutboxStep {
  outbox: Outbox
  settled: Settled[]
}

/** What happens next. */
export function outboxStep(outbox: Outbox, event: OutboxEvent, now: Millis): OutboxStep {
  switch (event.type) {
    case 'wished':
      return wished(outbox, event.operation)
    case 'kept':
      return { outbox: { ...outbox, queue: placed(outbox.queue, event) }, settled: [] }
    case 'read':
      return read(outbox, event.rows)
    case 'sent':
      return { outbox: { ...outbox, sent: event.key }, settled: [] }
    case 'removed':
      return { outbox: { ...outbox, gone: without(outbox.gone, event.key) }, settled: [] }
    case 'tried':
      return tried(outbox, event, now)
    case 'wake':
      return { outbox: { ...outbox, failures: 0, retryAt: 0 }, settled: [] }
    case 'forgotten':
      return settle(outbox, outbox.queue, { kind: 'done', answer: null })
    default:
      return assertNever(event)
  }
}

/** When the first in the queue may go; null: there is none on the disk. What another tab sends, it may not survive. */
export function dueAt({ queue, retryAt, notBefore }: Outbox): Millis | null {
  const first = queue[0]
  return !first || first.place === null ? null : Math.max(retryAt, notBefore)
}

/** Too old to be what anybody still wants. */
export const isExpired = ({ at }: Operation, now: Millis): boolean => now - at > MAX_AGE_MS

/** Nothing is lost silently: the one that finds no room is refused. */
function wished(outbox: Outbox, operation: Operation): OutboxStep {
  const queue = [...outbox.queue, { ...operation, place: null }]
  if (outbox.queue.length < MAX_WAITING) return { outbox: { ...outbox, queue }, settled: [] }
  const outcome = { kind: 'refused', code: 'outbox_full', status: null, detail: FULL } as const
  return { outbox, settled: [{ key: operation.key, outcome }] }
}

const FULL = `${MAX_WAITING} changes wait for the network already`

const without = (keys: ReadonlySet<string>, key: string): ReadonlySet<string> =>
  new Set([...keys].filter((one) => one !== key))

const inOrder = (queue: readonly Queued[]): Queued[] =>
  queue.toSorted((a, b) => (a.place ?? Infinity) - (b.place ?? Infinity) || 0)

const placed = (queue: readonly Queued[], { key, place }: { key: string; place: number }) =>
  inOrder(queue.map((one) => (one.key === key ? { ...one, place } : one)))

/** The store is right about what was written to it: what is missing there was settled by another tab. */
function read(outbox: Outbox, rows: readonly Queued[]): OutboxStep {
  const there = new Set(rows.map(({ key }) => key))
  const missing = outbox.queue.filter(({ key, place }) => place !== null && !there.has(key))
  const waiting = outbox.queue.filter(({ key, place }) => place === null && !there.has(key))
  const queue = [...inOrder(rows.filter(({ key }) => !outbox.gone.has(key))), ...waiting]
  const gone = new Set([...outbox.gone].filter((key) => there.has(key)))
  const { settled } = settle(outbox, missing, { kind: 'done', answer: null })
  const sent = queue.some(({ key }) => key === outbox.sent) ? outbox.sent : null
  return { outbox: { ...outbox, queue, gone, sent }, settled }
}

function tried(
  outbox: Outbox,
  { key, outcome, roll }: Extract<OutboxEvent, { type: 'tried' }>,
  now: Millis,
): OutboxStep {
  if (outcome.kind === 'later') {
    const { failures } = outbox
    const next: Outbox = {
      ...outbox,
      sent: null,
      failures: failures + 1,
      retryAt: now + backoffMs(failures, RANGE, roll),
      notBefore: now + outcome.retryAfterMs,
    }
    return { outbox: next, settled: [] }
  }
  const step = settle(outbox, [{ key }], outcome)
  return { ...step, outbox: { ...step.outbox, failures: 0, retryAt: 0, notBefore: 0 } }
}

function settle(
  outbox: Outbox,
  operations: readonly Pick<Queued, 'key'>[],
  outcome: Settled['outcome'],
): OutboxStep {
  const keys = new Set(operations.map(({ key }) => key))
  return {
    outbox: {
      ...outbox,
      queue: outbox.queue.filter(({ key }) => !keys.has(key)),
      sent: outbox.sent !== null && keys.has(outbox.sent) ? null : outbox.sent,
      gone: new Set([...outbox.gone, ...keys]),
    },
    settled: [...keys].map((key) => ({ key, outcome })),
  }
}
