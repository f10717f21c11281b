// [WS4] What a socket gets that says where it was: the entries after that, or the advice to take a snapshot.
import { MAX_RESUME_SEQS } from '../../protocol/limits.ts'

export interface StreamExtent {
  epoch: string
  head: number
  /** Everything up to here was trimmed; 0 while nothing was. */
  trimmed: number
  /** [ST7] A resume with `since` below it cannot be whole; 0 where there is none. */
  floor: number
}

export type Resume =
  | { recovered: true; after: number }
  | { recovered: false; reason: 'new' | 'other_epoch' | 'ahead' | 'too_far' | 'trimmed' | 'floor' }

/** Names the decision; the caller reads the entries. */
export function planResume(
  stream: StreamExtent,
  asked: { epoch: string | null; since: number | null },
): Resume {
  const { since } = asked
  if (since === null || asked.epoch === null) return { recovered: false, reason: 'new' }
  if (asked.epoch !== stream.epoch) return { recovered: false, reason: 'other_epoch' }
  if (since > stream.head) return { recovered: false, reason: 'ahead' }
  if (since < stream.floor) return { recovered: false, reason: 'floor' }
  if (since < stream.trimmed) return { recovered: false, reason: 'trimmed' }
  if (stream.head - since > MAX_RESUME_SEQS) return { recovered: false, reason: 'too_far' }
  return { recovered: true, after: since }
}
