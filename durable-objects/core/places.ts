// Positions in streams. Everything compares (epoch, seq); epochs are UUIDv7 and sort by age (ST1).
import type { Head } from '../rpc.ts'

/** Negative: a lies before b. */
export function compareHeads(a: Head, b: Head): number {
  if (a.epoch !== b.epoch) return a.epoch < b.epoch ? -1 : 1
  return a.seq - b.seq
}

export const isAfter = (a: Head, b: Head): boolean => compareHeads(a, b) > 0
