// What the player prints, and when it sends: text and figures from facts. Pure.
import type { Booking, Planned } from './plan.ts'

/** How one send went; times in milliseconds since it was sent, null: not (yet). */
export interface Outcome {
  planned: Planned
  id: string | null
  acceptedMs: number | null
  appearedMs: number | null
  /** Somebody listens for it. */
  isAwaited: boolean
  /** The server knew it already, so it rings nobody (CO5). */
  isReplay: boolean
  failure: string | null
}

/** How fast a calendar is played if nothing is asked for. */
const WHOLE_PLAY_MS = 50_000

/** When each is sent, in milliseconds from the start, by the times at which they were written. */
export function paceOf(planned: readonly Planned[], speed: number | null): number[] {
  const first = planned[0]?.at ?? 0
  const span = (planned.at(-1)?.at ?? 0) - first
  const factor = speed ?? Math.max(1, span / WHOLE_PLAY_MS)
  return planned.map(({ at }) => (at - first) / factor)
}

/** One line for one send. */
export function lineOf(outcome: Outcome, zone: string): string {
  const { what, userId, location, time, words } = outcome.planned
  const who = (userId ?? location).padEnd(9)
  const about = `${(time ? timeIn(zone, time) : '').padEnd(17)} ${clipped(words)}`
  return `  ${what.padEnd(9)} ${who} ${about} ${endOf(outcome)}`
}

const ABOUT_CHARS = 40

const clipped = (text: string) =>
  text.length <= ABOUT_CHARS ? text.padEnd(ABOUT_CHARS) : `${text.slice(0, ABOUT_CHARS - 1)}…`

function endOf({ failure, isReplay, acceptedMs, appearedMs }: Outcome): string {
  if (failure !== null) return `failed: ${failure}`
  const accepted = `accepted ${ms(acceptedMs)}`
  if (isReplay) return `${accepted}   already known`
  return appearedMs === null ? `${accepted}` : `${accepted}   on a socket ${ms(appearedMs)}`
}

const ms = (value: number | null) => `${Math.round(value ?? 0)} ms`.padStart(7)

function timeIn(zone: string, time: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  })
  return format.format(new Date(time)).replace(',', '')
}

/** The end of the play: how many, how fast, and what went wrong. */
export function summaryOf(outcomes: readonly Outcome[], listened: boolean): string[] {
  const sent = outcomes.filter((one) => one.failure === null)
  const count = (what: Booking['what']) => sent.filter((one) => one.planned.what === what).length
  const bookings = { booked: count('booked'), moved: count('moved'), cancelled: count('cancelled') }
  const ofTheDay = sent.length - bookings.booked - bookings.moved - bookings.cancelled
  const parts = Object.entries(bookings).map(([what, times]) => `${times} ${what}`)
  if (ofTheDay > 0) parts.push(`${ofTheDay} of what a day brings`)
  const lines = [
    `${sent.length} sent: ${parts.join(', ')}`,
    `  accepted     ${spread(sent.map((one) => one.acceptedMs))}`,
  ]
  if (listened) lines.push(`  on a socket  ${spread(sent.map((one) => one.appearedMs))}`)
  const known = sent.filter((one) => one.isReplay).length
  if (known > 0) lines.push(`  ${known} were known already; --again plays them as news`)
  const failed = outcomes.length - sent.length
  if (failed > 0) lines.push(`  ${failed} failed`)
  const missing = missingOf(outcomes).length
  if (missing > 0) lines.push(`  ${missing} accepted, but never seen on a socket`)
  return lines
}

/** What was accepted, and never appeared though somebody listened. */
export const missingOf = (outcomes: readonly Outcome[]): Outcome[] =>
  outcomes.filter((one) => one.isAwaited && one.appearedMs === null)

function spread(values: readonly (number | null)[]): string {
  const sorted = values.filter((value) => value !== null).toSorted((a, b) => a - b)
  if (sorted.length === 0) return 'none'
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0
  return `p50 ${ms(at(0.5))}   p95 ${ms(at(0.95))}   max ${ms(at(1))}   (${sorted.length})`
}
