// [RE3] Brings pushes to one device, one after the other, and notes how its service takes them. Lanes of different devices run
// side by side: a service that hangs holds up nobody else's.
import { now } from '../clock.ts'
import { retryDelay } from '../core/push.ts'
import { logLine } from '../hub/log-line.ts'
import type { Outcome } from '../push/outcome.ts'
import { barePayload, pushPayload } from '../push/payload.ts'
import { sendPush, type PushDeps } from '../push/send.ts'
import type { PushDeviceRow } from '../store/push.ts'
import type { PushJob } from './push-jobs.ts'

export interface LaneResult {
  row: PushDeviceRow
  /** Done with, well or not. */
  done: number[]
  /** To be tried again at the row's `wait_until`. */
  later: number[]
}

/** Noted at most so often while all is well: it is for people to see, and each note is a write. */
const NOTE_SUCCESS_MS = 3_600_000

/** Never rejects. */
export async function runLane(
  stream: string,
  device: PushDeviceRow,
  jobs: readonly PushJob[],
  deps: PushDeps,
): Promise<LaneResult> {
  const result: LaneResult = { row: device, done: [], later: [] }
  for (const job of jobs) {
    const { row } = result
    if (row.gone_at !== null) result.done.push(job.seq)
    else if ((row.wait_until ?? 0) > now()) result.later.push(job.seq)
    else {
      const outcome = await sendJob(device, job, deps)
      result.row = rowAfter(row, outcome)
      if (outcome.kind === 'later') result.later.push(job.seq)
      else result.done.push(job.seq)
      if (outcome.kind !== 'sent') report(stream, device, outcome)
    }
  }
  return result
}

/** What is too large for the service goes once more, as short as it can be. */
export async function sendJob(
  device: PushDeviceRow,
  job: PushJob,
  deps: PushDeps,
): Promise<Outcome> {
  const outcome = await sendPush(device, { ...job, payload: pushPayload(job.shown) }, deps)
  if (outcome.kind !== 'too_large') return outcome
  return sendPush(device, { ...job, payload: barePayload(job.shown) }, deps)
}

/** In plain words, for the person; null: it was taken. */
export function errorOf(outcome: Outcome): string | null {
  switch (outcome.kind) {
    case 'sent':
      return null
    case 'gone':
      return 'the subscription has ended'
    case 'too_large':
      return 'the push was too large for the push service'
    default:
      return outcome.error
  }
}

/** How the device is doing after a push. */
export function rowAfter(row: PushDeviceRow, outcome: Outcome): PushDeviceRow {
  const at = now()
  const error = errorOf(outcome)
  if (error === null) {
    const isNoted = row.failures === 0 && at - (row.success_at ?? 0) < NOTE_SUCCESS_MS
    return isNoted ? row : { ...row, success_at: at, failures: 0, wait_until: null }
  }
  const failed = { ...row, error_at: at, error, failures: row.failures + 1 }
  if (outcome.kind === 'gone') return { ...failed, gone_at: at }
  if (outcome.kind !== 'later') return { ...failed, wait_until: null }
  const delay = retryDelay(failed.failures, outcome.afterMs, Math.random())
  return { ...failed, wait_until: at + delay }
}

/** Never the address: whoever has it could be anybody's phone. */
function report(stream: string, { device, endpoint }: PushDeviceRow, outcome: Outcome): void {
  const service = URL.canParse(endpoint) ? new URL(endpoint).hostname : 'none'
  logLine(`push.${outcome.kind}`, { stream, device, service, error: errorOf(outcome) ?? '' })
}
