// [AR2][AR3] What the archiver does after D1 answered or failed. The shell reads entries and calls D1; this decides.

/** [AR1] One batch. */
export const MAX_BATCH_ENTRIES = 100
export const MAX_BATCH_BYTES = 1_000_000

const MAX_DELAY_MS = 60_000
const FIRST_DELAY_MS = 1_000
const FIRST_DELAY_OVERLOADED_MS = 5_000

export interface ArchiveState {
  /** D1 has everything of the stream up to here; after a wake that is a belief, and the fence refuses a batch that builds on a wrong one. */
  archived: number
  /** And this far for sure. Below `archived` only until D1 was heard of in this life. */
  sure: number
  /** Entries the next batch may hold: halved while an entry that D1 refuses is being found. */
  batchLimit: number
  /** Failed tries in a row; 0 means that D1 answers. */
  failures: number
  /** Nothing is tried before; null: no wait. */
  retryAt: number | null
}

/**
 * A hub wakes. `sure` was written down, seldom; `newest` is the newest entry that D1 must have. Where nothing had failed D1 was
 * left with all of it, or the process died over it; then the alarm that was set with the entry still rings, and asks D1.
 */
export const startArchive = (sure: number, newest: number, failures: number): ArchiveState => ({
  archived: failures === 0 ? Math.max(sure, newest) : sure,
  sure,
  batchLimit: MAX_BATCH_ENTRIES,
  failures,
  retryAt: null,
})

/** A batch landed: the limit grows again, the back-off is forgotten. */
export const onArchived = (state: ArchiveState, to: number): ArchiveState => ({
  archived: Math.max(state.archived, to),
  sure: Math.max(state.archived, to),
  batchLimit: Math.min(MAX_BATCH_ENTRIES, state.batchLimit * 2),
  failures: 0,
  retryAt: null,
})

/** The fence refused: D1 is elsewhere than we thought (a late batch of ours landed); go on from where it is. */
export const onCursorRead = (state: ArchiveState, cursor: number): ArchiveState => ({
  ...state,
  archived: cursor,
  sure: cursor,
})

/** D1 was asked where it is, and answered. */
export const onHeard = (state: ArchiveState, cursor: number): ArchiveState => ({
  ...onCursorRead(state, cursor),
  failures: 0,
  retryAt: null,
})

export type Refused = { kind: 'halve'; state: ArchiveState } | { kind: 'park' }

/** D1 refused a batch for its content: halve until one entry is left, and park that one. */
export function onContentRefused(state: ArchiveState, entries: number): Refused {
  if (entries <= 1) return { kind: 'park' }
  return { kind: 'halve', state: { ...state, batchLimit: Math.ceil(entries / 2) } }
}

/** D1 is away or busy: full jitter up to a minute; `random` is in [0, 1). */
export function onUnavailable(
  state: ArchiveState,
  cause: 'overloaded' | 'unavailable',
  now: number,
  random: number,
): ArchiveState {
  const first = cause === 'overloaded' ? FIRST_DELAY_OVERLOADED_MS : FIRST_DELAY_MS
  const ceiling = Math.min(MAX_DELAY_MS, first * 2 ** Math.min(state.failures, 10))
  // Never less than half of the first delay: a jitter near zero would hammer a database that just fell over.
  const delay = Math.max(first / 2, Math.floor(random * ceiling))
  return { ...state, failures: state.failures + 1, retryAt: now + delay }
}
