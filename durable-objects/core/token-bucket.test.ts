import { describe, expect, test } from 'vitest'
import type { BadFrames, BucketState } from './token-bucket.ts'
import {
  CALM_AFTER_MS,
  countBadFrame,
  OVER_LIMIT_CLOSE_MS,
  take,
  takeUpTo,
} from './token-bucket.ts'

const START = 1_000_000

/** Sends frames at the given times on one socket. */
function send(times: Iterable<number>) {
  let state: BucketState | null = null
  return [...times].map((at) => {
    const taken = take(state, at)
    state = taken.state
    return taken
  })
}

function* every(ms: number, count: number, from = START) {
  for (let index = 0; index < count; index += 1) yield from + index * ms
}

describe('the rate of a socket', () => {
  test('[WS10] a burst of 100 passes, the 101st frame is refused', () => {
    const taken = send(every(0, 101))
    expect(taken.slice(0, 100).every((each) => each.ok)).toBe(true)
    expect(taken[100]).toMatchObject({ ok: false, retryAfterMs: 50, close: false })
  })

  test('[WS10] retry_after_ms is when the next frame passes, not a millisecond earlier', () => {
    const spent = send(every(0, 101)).at(-1)?.state ?? null
    expect(take(spent, START + 49).ok).toBe(false)
    expect(take(spent, START + 50).ok).toBe(true)
  })

  test('[WS10] 20 frames a second pass for ever', () => {
    expect(send(every(50, 2_000)).every((each) => each.ok)).toBe(true)
  })

  test('[WS10] a rest fills the bucket up to the burst and no further', () => {
    const rested = send([...every(0, 100), ...every(0, 101, START + 3_600_000)])
    expect(rested.filter((each) => !each.ok)).toHaveLength(1)
  })

  test('[WS10] who keeps on over the limit is closed after 10 s, not before', () => {
    const times = [...every(40, 1_000)]
    const taken = send(times)
    const first = times[taken.findIndex((each) => !each.ok)] ?? NaN
    const closed = times[taken.findIndex((each) => each.close)] ?? NaN
    expect(closed - first).toBeGreaterThanOrEqual(OVER_LIMIT_CLOSE_MS)
    expect(closed - first).toBeLessThan(OVER_LIMIT_CLOSE_MS + 1_000)
  })

  test('[WS10] lapses with a calm between them close nothing', () => {
    const lapse = (index: number) => every(0, 110, START + index * (5_000 + CALM_AFTER_MS))
    const taken = send([0, 1, 2, 3, 4, 5].flatMap((index) => [...lapse(index)]))
    expect(taken.filter((each) => !each.ok)).toHaveLength(60)
    expect(taken.some((each) => each.close)).toBe(false)
  })

  test('[WS10] a clock that goes back neither refills nor blocks the bucket', () => {
    const spent = send(every(0, 101)).at(-1)?.state ?? null
    const back = take(spent, START - 60_000)
    expect(back).toMatchObject({ ok: false, retryAfterMs: 50, close: false })
    expect(take(back.state, START - 60_000 + 50).ok).toBe(true)
  })
})

describe('bad frames', () => {
  function bad(times: Iterable<number>) {
    let state: BadFrames = []
    return [...times].map((at) => {
      const counted = countBadFrame(state, at)
      state = counted.state
      return counted.close
    })
  }

  test('[WS9] ten bad frames in a minute are borne, the eleventh closes', () => {
    expect(bad(every(5_000, 11))).toEqual([...Array<boolean>(10).fill(false), true])
  })

  test('[WS9] the eleventh of a minute and a moment does not close', () => {
    expect(bad([...every(0, 10), START + 60_000])).not.toContain(true)
    expect(bad([...every(0, 10), START + 59_999]).at(-1)).toBe(true)
  })

  test('[WS9] what is remembered stays small', () => {
    let state: BadFrames = []
    for (const at of every(1, 500)) ({ state } = countBadFrame(state, at))
    expect(state).toHaveLength(11)
  })
})

describe('as many as there are', () => {
  const limits = { burst: 200, perSecond: 20 }

  test('[CO6] a full bucket gives its burst, and says when the rest will be there', () => {
    expect(takeUpTo(null, 250, START, limits)).toEqual({
      level: { tokens: 0, at: START },
      taken: 200,
      retryAfterMs: 2_500,
      fullAfterMs: 10_000,
    })
  })

  test('[CO6] after the time it named the rest is there, not a millisecond earlier', () => {
    const { level, retryAfterMs } = takeUpTo(null, 250, START, limits)
    expect(takeUpTo(level, 50, START + retryAfterMs - 1, limits).taken).toBe(49)
    expect(takeUpTo(level, 50, START + retryAfterMs, limits).taken).toBe(50)
  })

  test('[CO6] nobody is told to wait for more than a bucket holds', () => {
    expect(takeUpTo(null, 10_000, START, limits).retryAfterMs).toBe(10_000)
  })

  test('[CO6] asking for nothing takes nothing', () => {
    expect(takeUpTo({ tokens: 0, at: START }, 0, START, limits)).toMatchObject({
      level: { tokens: 0, at: START },
      taken: 0,
      retryAfterMs: 0,
    })
  })

  test('[CO6] in any hour at most the burst and what came in meanwhile passes', () => {
    let level = takeUpTo(null, 0, START, limits).level
    let passed = 0
    for (let at = START; at < START + 3_600_000; at += 700) {
      const taken = takeUpTo(level, 37, at, limits)
      level = taken.level
      passed += taken.taken
    }
    expect(passed).toBeLessThanOrEqual(200 + 3_600 * 20)
    expect(passed).toBeGreaterThan(3_599 * 20)
  })
})
