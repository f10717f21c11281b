import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ACK_WAIT_MS,
  isOfDevice,
  pushTime,
  pushUntil,
  retryDelay,
  topicOf,
  ttlOf,
  urgencyOf,
  type PushFacts,
} from './push.ts'

const facts: PushFacts = {
  at: 1_000,
  sentAt: 1_000,
  expiresAt: null,
  isOver: false,
  isTheirs: true,
  isDone: false,
  isWatched: false,
}
const DAY_MS = 24 * 3_600_000

describe('pushTime', () => {
  test('[RE1] where nobody looks it goes out at once', () => {
    expect(pushTime(facts, 1_000)).toBe(1_000)
  })

  test('[RE1] where the app is on a screen, that device has five seconds', () => {
    expect(pushTime({ ...facts, isWatched: true }, 1_000)).toBe(6_000)
    expect(ACK_WAIT_MS).toBe(5_000)
  })

  test.each([
    ['replaced or cancelled', { isOver: true }],
    ['not theirs any more', { isTheirs: false }],
    ['seen, read or put away', { isDone: true }],
    ['expired', { expiresAt: 999 }],
  ])('[RE1][NO5] what is %s never goes out', (_what, change) => {
    expect(pushTime({ ...facts, ...change }, 1_000)).toBeNull()
  })

  test('[RE1] what was sent a day ago is no news, however late it came', () => {
    expect(pushTime({ ...facts, at: DAY_MS + 999 }, DAY_MS + 999)).not.toBeNull()
    expect(pushTime({ ...facts, at: DAY_MS + 1_000 }, DAY_MS + 1_000)).toBeNull()
  })

  test('[RE3] a push service keeps it until it expires, and never longer', () => {
    const ends = fc.option(fc.integer({ min: 0, max: 3 * DAY_MS }))
    fc.assert(
      fc.property(ends, fc.integer({ min: 1_000, max: 3 * DAY_MS }), (expiresAt, now) => {
        const one = { ...facts, expiresAt }
        const ttl = ttlOf(pushUntil(one), now)
        expect(Number.isInteger(ttl) && ttl >= 0 && ttl <= 86_400).toBe(true)
        if (pushTime(one, now) === null) expect(ttl).toBe(0)
        if (expiresAt !== null && ttl > 0) expect(now + ttl * 1_000).toBeLessThanOrEqual(expiresAt)
      }),
    )
  })
})

describe('devices', () => {
  test('[RE1] a window of a device is of that device, and a name that only begins alike is not', () => {
    expect(isOfDevice('phone', 'phone')).toBe(true)
    expect(isOfDevice('phone:tab-2', 'phone')).toBe(true)
    expect(isOfDevice('phone2', 'phone')).toBe(false)
    expect(isOfDevice('phone', 'phone:tab-2')).toBe(false)
    expect(isOfDevice(null, 'phone')).toBe(false)
  })

  test('[RE3] a topic has at most 32 characters of base64url', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        expect(topicOf(id)).toMatch(/^[A-Za-z0-9_-]{1,32}$/)
      }),
    )
  })
})

test('[RE3] how urgent it is follows from the priority', () => {
  const priorities = ['low', 'normal', 'high', 'urgent'] as const
  expect(priorities.map(urgencyOf)).toEqual(['low', 'normal', 'high', 'high'])
})

describe('retryDelay', () => {
  test('[RE3] doubles, with jitter, to a quarter of an hour, and never comes before it was asked to', () => {
    expect(retryDelay(1, null, 0)).toBe(2_500)
    expect(retryDelay(3, null, 0.999)).toBeGreaterThan(15_000)
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.option(fc.nat(DAY_MS)),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failures, afterMs, random) => {
          const delay = retryDelay(failures, afterMs, random)
          expect(delay).toBeGreaterThanOrEqual(Math.max(2_500, afterMs ?? 0))
          expect(delay).toBeLessThanOrEqual(Math.max(15 * 60_000, afterMs ?? 0))
        },
      ),
    )
  })
})
