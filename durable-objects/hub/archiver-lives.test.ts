// Another life of a hub has not heard of D1 yet: it believes that nothing was left behind, and is never wrong for long.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { hubOf, START, upTo } from '../../tests/fakes/archiving-hub.ts'

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('another life', () => {
  test('[WS13] goes on where the last one was, without asking', async () => {
    const { archiver, sink, wake, write } = hubOf()
    write(3)
    await archiver.kick()
    const woken = wake()
    expect([woken.nextAt(), woken.isBehind]).toEqual([null, false])
    write(2)
    expect(woken.nextAt()).toBe(START + 2_000)
    await woken.kick()
    expect([sink.kept, sink.tried.length, woken.archived]).toEqual([upTo(5), 2, 5])
  })

  test('[AR1] whose alarm rings asks D1, and sends what a killed process left', async () => {
    const { sink, wake, write } = hubOf()
    write(2)
    const woken = wake()
    expect(woken.archived).toBe(0)
    await woken.kick()
    expect([sink.kept, woken.archived, woken.nextAt()]).toEqual([[1, 2], 2, null])
  })

  test('[AR2] that writes before its alarm rings sends what was left before it', async () => {
    const { sink, wake, write } = hubOf()
    write(2)
    const woken = wake()
    write(1)
    await woken.kick()
    expect([sink.kept, woken.archived]).toEqual([[1, 2, 3], 3])
  })

  test('[AR3] says of an entry that it is archived once D1 said so', async () => {
    const { archiver, sink, wake, write } = hubOf()
    await archiver.waitFor(write(1), 1_000)
    const woken = wake()
    expect(woken.archived).toBe(0)
    expect(await woken.waitFor(1, 1_000)).toBe(true)
    // Killed before it was sent: nobody is told that it was.
    write(1)
    const again = wake()
    sink.outcomes.push('unavailable')
    expect(await again.waitFor(2, 1_000)).toBe(false)
    expect([again.archived, sink.kept]).toEqual([1, [1]])
  })

  test('[AR2] asks again while D1 does not say where it is', async () => {
    const { sink, clock, wake, write } = hubOf()
    write(1)
    const woken = wake()
    sink.outcomes.push('unavailable')
    await woken.kick()
    expect(woken.nextAt()).toBe(START + 500)
    clock.now += 500
    await woken.kick()
    expect([sink.kept, woken.nextAt()]).toEqual([[1], null])
  })

  test('[ST6] that arms for something else arms for what it does not know, too', async () => {
    const { wake, write } = hubOf()
    expect(wake().checkAt()).toBeNull()
    write(1)
    const woken = wake()
    expect([woken.nextAt(), woken.checkAt()]).toEqual([null, START + 2_000])
    await woken.kick()
    expect(woken.checkAt()).toBeNull()
  })
})
