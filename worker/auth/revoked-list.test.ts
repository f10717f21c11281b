import { describe, expect, test } from 'vitest'
import { RevokedList } from './revoked-list.ts'

/** A list whose readings a test answers by hand, on a clock that a test moves. */
function setUp() {
  const at = { now: 1_000_000 }
  const readings: PromiseWithResolvers<readonly string[]>[] = []
  const kept: Promise<void>[] = []
  const failures: unknown[] = []
  const list = new RevokedList({
    read: () => {
      const reading = Promise.withResolvers<readonly string[]>()
      readings.push(reading)
      return reading.promise
    },
    now: () => at.now,
    within: (ms, promise) => {
      const late = Promise.withResolvers<never>()
      patience = { ms, end: () => late.reject(new Error('late')) }
      return Promise.race([promise, late.promise])
    },
    failed: (error) => failures.push(error),
  })
  let patience = { ms: 0, end: () => {} }
  const has = (...keys: (string | undefined)[]) => list.has(keys, (work) => void kept.push(work))
  const answer = async (keys: readonly string[]) => {
    readings.at(-1)?.resolve(keys)
    await kept.at(-1)
  }
  const fail = async () => {
    readings.at(-1)?.reject(new Error('D1 is down'))
    await kept.at(-1)
  }
  return { at, list, readings, failures, has, answer, fail, patience: () => patience }
}

/** A list that was read just now. */
async function holding(keys: readonly string[]) {
  const set = setUp()
  const first = set.has('x')
  await set.answer(keys)
  await first
  return set
}

describe('RevokedList', () => {
  test('[AU8] the first to ask waits for the list', async () => {
    const { has, answer } = setUp()
    const asked = has('service:booking', undefined)
    await answer(['service:booking'])
    expect(await asked).toBe(true)
  })

  test('[AU8] any of the keys is enough, and a key that is missing is none', async () => {
    const { has } = await holding(['session'])
    expect(await has('ben', 'session')).toBe(true)
    expect(await has('ben', undefined)).toBe(false)
  })

  test('[AU8] for four seconds nothing is read', async () => {
    const { at, has, readings } = await holding([])
    at.now += 3_999
    for (let count = 0; count < 100; count++) await has('ben')
    expect(readings).toHaveLength(1)
  })

  test('[AU8] after four it is read again, once, and nobody waits', async () => {
    const { at, has, readings, answer } = await holding([])
    at.now += 4_000
    expect(await Promise.all([has('ben'), has('ben'), has('ben')])).toEqual([false, false, false])
    expect(readings).toHaveLength(2)
    await answer(['ben'])
    expect(await has('ben')).toBe(true)
  })

  test('[AU8] after five everybody waits for the one reading', async () => {
    const { at, has, readings, answer } = await holding([])
    at.now += 5_000
    const asked = Promise.all([has('ben'), has('ben'), has('emi')])
    await answer(['ben'])
    expect(await asked).toEqual([true, true, false])
    expect(readings).toHaveLength(2)
  })

  test('[AU8] while D1 is away the last known list holds, and D1 is asked once in four seconds', async () => {
    const { at, has, readings, fail, failures } = await holding(['ben'])
    at.now += 60_000
    const asked = has('ben')
    await fail()
    expect(await asked).toBe(true)
    for (let count = 0; count < 100; count++) expect(await has('ben')).toBe(true)
    expect(readings).toHaveLength(2)
    expect(failures).toHaveLength(1)
    at.now += 4_000
    void has('ben')
    expect(readings).toHaveLength(3)
  })

  test('[AU8][AR4] before any list was read and with D1 away, nothing is revoked', async () => {
    const { has, fail } = setUp()
    const asked = has('ben')
    await fail()
    expect(await asked).toBe(false)
  })

  test('[AU8][AR4] a D1 that hangs holds one request up for half a second, and no later one', async () => {
    const { at, has, patience, answer } = await holding(['ben'])
    at.now += 5_000
    const asked = has('ben')
    expect(patience().ms).toBe(500)
    patience().end()
    expect(await asked).toBe(true)
    at.now += 500
    expect(await has('emi')).toBe(false)
    await answer(['emi'])
    expect(await has('emi')).toBe(true)
  })

  test('[AU8] what is revoked right here is known to the next who asks', async () => {
    const { list, has, readings, answer } = await holding([])
    list.readAgain()
    const asked = has('ben')
    await answer(['ben'])
    expect(await asked).toBe(true)
    expect(readings).toHaveLength(2)
  })

  test('[AU8] a reading that began before something was revoked here does not bring the old list back', async () => {
    const { at, list, has, readings, answer } = await holding([])
    at.now += 4_000
    await has('ben')
    list.readAgain()
    const asked = has('ben')
    await answer(['ben'])
    expect(await asked).toBe(true)
    readings[1]?.resolve([])
    await readings[1]?.promise
    expect(await has('ben')).toBe(true)
  })

  test('[AR8] a clock that goes back makes the list old, not young', async () => {
    const { at, has, readings, answer } = await holding([])
    at.now -= 60_000
    const asked = has('ben')
    await answer(['ben'])
    expect(await asked).toBe(true)
    expect(readings).toHaveLength(2)
  })
})
