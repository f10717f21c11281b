// [ST1] Where an entry stands in a stream, as one text that sorts: `<epoch>:<seq, 12 digits>`. Epochs are
// UUIDv7 and sort by age, so "compare (epoch, seq)" is a comparison of texts, and max() and indexes work.

const SEQ_DIGITS = 12
const MAX_SEQ = 10 ** SEQ_DIGITS - 1

/** Below every entry of every epoch. */
export const START = ''

/** The sortable text of a position. `seq` 0 is the position before the first entry. Throws RangeError beyond 12 digits. */
export function placeOf(epoch: string, seq: number): string {
  if (!Number.isInteger(seq) || seq < 0 || seq > MAX_SEQ) throw new RangeError(`no seq: ${seq}`)
  return `${epoch}:${String(seq).padStart(SEQ_DIGITS, '0')}`
}

/** The way back. {@link START} is epoch '' and seq 0. */
export function parsePlace(place: string): { epoch: string; seq: number } {
  const at = place.lastIndexOf(':')
  return { epoch: place.slice(0, Math.max(at, 0)), seq: Number(place.slice(at + 1)) }
}

/** Sorts after every place. */
export const END = '~'

/** A text between this place and the next one of its epoch, also above {@link START}. */
export const justAbove = (place: string) => `${place}!`
