// The local runtime fires no crons, so whoever serves locally calls the scheduled handler.

/** As in wrangler.toml. */
const EACH_MINUTE = '* * * * *'
const DAILY = '17 3 * * *'
const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
const DAILY_AT_MS = (3 * 60 + 17) * MINUTE_MS

export type CallScheduled = (cron: string) => Promise<void>

export interface Crons {
  /** Calls the minute's cron now; a call that is under way is waited for instead. */
  tick(): Promise<void>
  stop(): void
}

export function startCrons(call: CallScheduled, onError: (error: unknown) => void): Crons {
  let underWay: Promise<void> | null = null
  const tick = () => {
    underWay ??= call(EACH_MINUTE).finally(() => (underWay = null))
    return underWay
  }
  let lastDay = dayOf(Date.now())
  const timer = setInterval(() => {
    tick().catch(onError)
    const today = dayOf(Date.now())
    if (today === lastDay) return
    lastDay = today
    call(DAILY).catch(onError)
  }, MINUTE_MS)
  return { tick, stop: () => clearInterval(timer) }
}

/** A day begins when the daily cron is due. */
const dayOf = (now: number) => Math.floor((now - DAILY_AT_MS) / DAY_MS)
