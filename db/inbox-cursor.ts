// [CO4] Where a page of the inbox ends. The list runs over several streams, so a cursor is one bound per stream: entries
// below it are older than the cut, entries at or above it are newer. One bound serves both directions.
import * as v from 'valibot'
import type { Page } from '../protocol/api.ts'
import { locationStream, parseStream, userStream } from '../protocol/ids.ts'
import { decodeCursor, encodeCursor, pageOf } from './cursor.ts'
import type { InboxRecord, StreamRecord } from './inbox-rows.ts'
import { rowsOf } from './open.ts'
import { justAbove, placeOf, START } from './place.ts'

/** Stream to bound. A stream that a cursor does not name was joined later: all of it is newer. */
export type Bounds = Map<string, string>

const Bound = v.pipe(v.string(), v.regex(/^(?:[A-Za-z0-9-]{1,64}:\d{12}!?)?$/))
/** The own stream is '', a location its id: thirty shops still fit in a query. */
const BoundsCursor = v.strictObject({ b: v.array(v.tuple([v.string(), Bound])) })

/** Throws BadCursor. */
export function readBounds(cursor: string, userId: string, back: boolean): Bounds {
  const { b } = decodeCursor(cursor, BoundsCursor, back)
  return new Map(b.map(([id, at]) => [id === '' ? userStream(userId) : locationStream(id), at]))
}

function writeBounds(bounds: Bounds): string {
  const b = [...bounds].map(([stream, at]) => {
    const { kind, id } = parseStream(stream)
    return [kind === 'user' ? '' : id, at]
  })
  return encodeCursor({ b })
}

interface Shown {
  userId: string
  /** What the page shows, newest first. */
  shown: InboxRecord[]
  more: boolean
  back: boolean
  bounds: Bounds | null
  streams: D1Result | undefined
}

/** The page's two cursors: under its last entry and above its first. */
export function inboxPage({ shown, more, back, bounds, streams }: Shown): Page {
  const highest = new Map<string, string>()
  const lowest = new Map<string, string>()
  for (const { stream, place } of shown) {
    if (!highest.has(stream)) highest.set(stream, place)
    lowest.set(stream, place)
  }
  const known = rowsOf<StreamRecord>(streams)
  // Nothing of this stream on the page: the cut stays where it was, or lies above all that D1 has.
  const unmoved = ({ stream, epoch, seq }: StreamRecord) => {
    if (bounds !== null) return bounds.get(stream) ?? START
    return epoch === null ? START : justAbove(placeOf(epoch, seq ?? 0))
  }
  const above = (one: StreamRecord) => {
    const place = highest.get(one.stream)
    return place === undefined ? unmoved(one) : justAbove(place)
  }
  // Going back, the page starts right above the cut that was given.
  const below = (one: StreamRecord) =>
    back ? unmoved(one) : (lowest.get(one.stream) ?? unmoved(one))
  const cut = (edge: (one: StreamRecord) => string) =>
    writeBounds(new Map(known.map((one) => [one.stream, edge(one)])))
  return pageOf({
    given: bounds !== null,
    back,
    more,
    first: () => cut(above),
    last: () => cut(below),
  })
}
