// How far a snapshot reaches: everything compares by (epoch, seq), per stream (ST1, AR5).

import { parseStream } from '../../protocol/ids.ts'

export interface Head {
  epoch: string
  seq: number
}

/** Of an answer: `as_of` and `epochs`. Epochs sort by age; null: the archive has nothing of that stream. */
export interface Reach {
  asOf: Readonly<Record<string, number>>
  epochs: Readonly<Record<string, string | null>>
}

/** A place whose epoch may not be known (a stream that no welcome has named yet). */
export interface SeenPlace {
  stream: string
  epoch: string | null
  seq: number
}

/** Is this place at or below what the snapshot has? An unknown epoch counts as the snapshot's own. */
export function isCovered({ stream, epoch, seq }: SeenPlace, { asOf, epochs }: Reach): boolean {
  const archived = epochs[stream] ?? null
  if (epoch !== null && archived !== null && epoch !== archived) return epoch < archived
  if (epoch !== null && archived === null) return seq <= 0
  return seq <= (asOf[stream] ?? 0)
}

/** Does the snapshot reach these heads? Heads of streams that it does not name are not the person's any more. */
export const reachesHeads = (reach: Reach, heads: Readonly<Record<string, Head>>): boolean =>
  Object.entries(heads).every(
    ([stream, head]) => !(stream in reach.asOf) || isCovered({ stream, ...head }, reach),
  )

/** Is there nothing in `ground` that lies above `reach`? */
export const reachesAllOf = (reach: Reach, { asOf, epochs }: Reach): boolean =>
  Object.entries(asOf).every(([stream, seq]) =>
    isCovered({ stream, epoch: epochs[stream] ?? null, seq }, reach),
  )

/** Is `next` nowhere older than `last`? Answers may overtake each other. */
export const isNoOlder = (next: Reach, last: Reach): boolean =>
  Object.entries(last.asOf).every(
    ([stream, seq]) =>
      !(stream in next.asOf) ||
      isCovered({ stream, epoch: last.epochs[stream] ?? null, seq }, next),
  )

/**
 * [NO8] Do the two name other locations of the person, in a way that says that `next` is of before the newest word on
 * memberships? It lacks one that is still theirs, or has one that is theirs no more.
 */
export function isOfEarlierMemberships(
  next: Reach,
  last: Reach,
  memberships: Readonly<Record<string, unknown>> | null,
): boolean {
  if (!memberships) return false
  const streams = new Set([...Object.keys(next.asOf), ...Object.keys(last.asOf)])
  return [...streams].some((stream) => {
    const { kind, id } = parseStream(stream)
    const isIn = stream in next.asOf
    if (kind !== 'location' || isIn === stream in last.asOf) return false
    return isIn !== id in memberships
  })
}
