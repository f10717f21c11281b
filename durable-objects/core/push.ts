// [RE1] Which entries become pushes, and when. The shell reads the facts; this decides.
import type { Priority } from '../../protocol/notification-types.ts'

/** So long a device that shows the app has to acknowledge an entry before the others ring. */
export const ACK_WAIT_MS = 5_000

/** An entry without an end of its own is news for so long. */
const NEWS_MS = 24 * 3_600_000

export interface PushFacts {
  /** When it came into the person's own stream. */
  at: number
  sentAt: number
  expiresAt: number | null
  /** Replaced or cancelled. */
  isOver: boolean
  /** [NO8] The person may see it now. */
  isTheirs: boolean
  /** Seen, read, put away or deleted, on whatever device. */
  isDone: boolean
  /** Some open socket shows the app. */
  isWatched: boolean
}

/**
 * Should this go out now? The one place that decides it: answers from when on, or null for never. Whoever asks again
 * later is told by how things are then.
 */
export function pushTime(facts: PushFacts, now: number): number | null {
  if (facts.isOver || !facts.isTheirs || facts.isDone) return null
  if (now >= pushUntil(facts)) return null
  return facts.isWatched ? facts.at + ACK_WAIT_MS : facts.at
}

/** [NO5] From then on it is not worth a push. */
export const pushUntil = ({ sentAt, expiresAt }: Pick<PushFacts, 'sentAt' | 'expiresAt'>): number =>
  Math.min(sentAt + NEWS_MS, expiresAt ?? Infinity)

/** Whole seconds (RFC 8030); what ends within a second is for who is there now. */
export const ttlOf = (until: number, now: number): number =>
  Math.max(0, Math.floor((until - now) / 1_000))

const URGENCIES = {
  low: 'low',
  normal: 'normal',
  high: 'high',
  urgent: 'high',
} as const satisfies Record<Priority, string>

export const urgencyOf = (priority: Priority) => URGENCIES[priority]

/** A UUID without its dashes is 32 characters of base64url, the most that a topic may have. */
export const topicOf = (id: string): string => id.replaceAll('-', '')

/** A socket is of a subscribed device if it names it, alone or with a window of it behind a colon (WS7). */
export const isOfDevice = (socketDevice: string | null, device: string): boolean =>
  socketDevice === device || socketDevice?.startsWith(`${device}:`) === true

const FIRST_RETRY_MS = 5_000
const LONGEST_RETRY_MS = 15 * 60_000

/** Doubling with jitter, never before the service asked for; `failures` counts this one, `random` is in [0, 1). */
export function retryDelay(failures: number, afterMs: number | null, random: number): number {
  const ceiling = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20))
  const delay = Math.floor(ceiling / 2 + (random * ceiling) / 2)
  return Math.max(delay, afterMs ?? 0)
}
