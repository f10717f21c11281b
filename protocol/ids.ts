// Ids and names of streams. Ids from outside are checked here, once; inside they are plain strings.
import * as v from 'valibot'
import { NoList } from './json.ts'

/** [CO2] User and location ids come from the shop platform. */
export const ExternalId = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 _ -'),
)
export const UserId = ExternalId
export const LocationId = ExternalId

/** [CO2] Ids that the server makes (RFC 9562). */
export const Uuid = v.pipe(
  v.string(),
  v.regex(
    /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    'must be a UUID',
  ),
)

/** [WS1] A client's own stable id for one of its windows or phones. */
export const DeviceId = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_.:-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 _ . : -'),
)

export const Seq = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(0),
  v.maxValue(Number.MAX_SAFE_INTEGER),
)

/** `user:<id>` (a person's own stream) or `location:<id>`. */
export const StreamName = v.pipe(
  v.string(),
  v.regex(/^(user|location):[A-Za-z0-9_-]{1,64}$/, 'must be user:<id> or location:<id>'),
)

/** A hub is named like its stream, so the two never disagree. */
export const userStream = (userId: string) => `user:${userId}`
export const locationStream = (locationId: string) => `location:${locationId}`

/** Splits a stream's name; the name was checked when it came in. */
export function parseStream(stream: string): { kind: 'user' | 'location'; id: string } {
  const at = stream.indexOf(':')
  return { kind: stream.slice(0, at) === 'user' ? 'user' : 'location', id: stream.slice(at + 1) }
}

/** One map of positions, as `up_to` and `as_of` carry it (IN2, AR5). */
export const SeqMap = v.pipe(NoList, v.record(StreamName, Seq))
export type SeqMap = v.InferOutput<typeof SeqMap>

/** Where an entry was first written: its home (spec, "Words"). */
export interface Place {
  stream: string
  epoch: string
  seq: number
}
