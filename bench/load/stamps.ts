// How entries are counted and timed. Every send of the bench carries the time it left in its `data`; a text on a socket is
// one frame or an array of frames, so what is counted is these marks, never texts. Pure, but for the clock.

/** In the JSON of a send: the name of the mark. */
const NAME = 'bench_at'
const MARK = Buffer.from(`"${NAME}":`)
/** What a body holds before it leaves. */
const UNSTAMPED = `"${NAME}":0`

/** Goes into the `data` of a send. */
export const STAMP = { [NAME]: 0 }

const DIGIT_0 = 48
const DIGIT_9 = 57

/** Microseconds of the system's own clock, the same for all processes of a machine. */
export function clockUs(): number {
  return performance.now() * 1_000 + OFFSET_US
}
const OFFSET_US = Number(process.hrtime.bigint() / 1_000n) - performance.now() * 1_000

/** A body as it leaves now: every mark in it says so. */
export function stamped(body: string, at: number): string {
  return body.replaceAll(UNSTAMPED, `"${NAME}":${Math.round(at)}`)
}

/** The marks in a text, in order: one for each entry. */
export function stampsIn(text: Buffer): number[] {
  const stamps: number[] = []
  let at = text.indexOf(MARK)
  while (at !== -1) {
    at += MARK.length
    let value = 0
    for (let digit = text[at] ?? 0; digit >= DIGIT_0 && digit <= DIGIT_9; digit = text[at] ?? 0) {
      value = value * 10 + (digit - DIGIT_0)
      at += 1
    }
    stamps.push(value)
    at = text.indexOf(MARK, at)
  }
  return stamps
}

/** The seq of the last frame in a text; null where there is none. On its home stream an entry's data says the same. */
export function lastSeqIn(text: string): number | null {
  const at = text.lastIndexOf('"seq":')
  const found = at === -1 ? null : /^\d+/.exec(text.slice(at + '"seq":'.length))
  return found ? Number(found[0]) : null
}
