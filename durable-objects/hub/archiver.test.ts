import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { hubOf, START, upTo } from '../../tests/fakes/archiving-hub.ts'
import type { Outcome } from '../../tests/fakes/sink.ts'

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('while D1 answers', () => {
  test('[AR1] everything goes, in order, a hundred entries a batch', async () => {
    const { archiver, sink, write } = hubOf()
    write(250)
    await archiver.kick()
    expect(sink.kept).toEqual(upTo(250))
    expect(sink.tried.map((batch) => batch.entries.length)).toEqual([100, 100, 50])
    expect(archiver.nextAt()).toBeNull()
  })

  test('[AR1] a batch holds at most a megabyte, counted in bytes', async () => {
    const { archiver, sink, write } = hubOf()
    write(30, { body: 'é'.repeat(24_000) })
    await archiver.kick()
    expect(sink.kept).toEqual(upTo(30))
    expect(sink.tried.map((batch) => batch.entries.length)).toEqual([20, 10])
  })

  test('[AR1] an entry that is too large for any batch goes alone', async () => {
    const { archiver, sink, write } = hubOf()
    write(1)
    write(1, { body: 'x'.repeat(1_200_000) })
    write(1)
    await archiver.kick()
    expect(sink.tried.map((batch) => batch.entries.length)).toEqual([1, 1, 1])
  })

  test('[ST7] copies travel in no batch, and the cursor passes them with the next entry', async () => {
    const { archiver, sink, write } = hubOf()
    write(3, { kind: 'copy' })
    await archiver.kick()
    expect([sink.tried.length, archiver.isBehind]).toEqual([0, false])
    write(1)
    write(2, { kind: 'copy' })
    await archiver.kick()
    expect([sink.kept, sink.cursor, archiver.isBehind]).toEqual([[4], 4, false])
  })

  test('[AR1] what is written while a batch is under way goes together with the next one', async () => {
    const { archiver, sink, write } = hubOf()
    sink.outcomes.push('hangs')
    const first = archiver.waitFor(write(1), 1_000)
    const rest = upTo(20).map(() => archiver.waitFor(write(1), 1_000))
    sink.release()
    expect(await Promise.all([first, ...rest])).toEqual(Array(21).fill(true))
    expect(sink.tried.map((batch) => batch.entries.length)).toEqual([1, 20])
  })

  test('[AR3] what is written at the very end of a batch does not wait for the alarm', async () => {
    const { archiver, sink, write } = hubOf()
    write(1)
    // As soon as the first is archived, and before the run has ended.
    expect(await archiver.waitFor(1, 1_000)).toBe(true)
    expect(await archiver.waitFor(write(1), 1_000)).toBe(true)
    expect(sink.kept).toEqual([1, 2])
  })

  test('[ST6] no timer is left when everybody was answered', async () => {
    const { archiver, write } = hubOf()
    await archiver.waitFor(write(1), 1_000)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('an entry is archived without a row written for it', async () => {
    const { archiver, sql, write } = hubOf()
    await archiver.waitFor(write(1), 1_000)
    expect(sql.all('SELECT * FROM meta')).toEqual([])
    for (let more = 0; more < 130; more += 1) await archiver.waitFor(write(1), 1_000)
    expect(sql.all("SELECT value FROM meta WHERE key = 'archived'")).toEqual([{ value: '128' }])
  })
})

describe('the wait of an answer', () => {
  test('[AR3] ends when D1 has the entry, or after its time', async () => {
    const { archiver, sink, write } = hubOf()
    expect(await archiver.waitFor(0, 1_000)).toBe(true)
    sink.outcomes.push('hangs')
    const answer = archiver.waitFor(write(1), 1_000)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await answer).toBe(false)
    sink.release()
    await archiver.kick()
    expect(await archiver.waitFor(1, 1_000)).toBe(true)
  })

  test('[AR3] ends at once when the try fails, and does not begin while D1 is known to fail', async () => {
    const { archiver, sink, clock, write } = hubOf()
    sink.outcomes.push('unavailable')
    expect(await archiver.waitFor(write(1), 1_000)).toBe(false)
    expect(await archiver.waitFor(write(1), 1_000)).toBe(false)
    expect([sink.tried.length, vi.getTimerCount()]).toEqual([1, 0])
    clock.now += 60_000
    // Due again: the send starts the next try, but does not stake its own answer on it.
    expect(await archiver.waitFor(write(1), 1_000)).toBe(false)
    await archiver.kick()
    expect(sink.kept).toEqual(upTo(3))
  })
})

describe('while D1 does not answer', () => {
  test('[AR2][AR3] it is asked again by the alarm, ever more rarely', async () => {
    const { archiver, sink, clock, write } = hubOf()
    write(1)
    expect(archiver.nextAt()).toBe(START + 2_000)
    const waits: number[] = []
    for (let tries = 0; tries < 8; tries += 1) {
      sink.outcomes.push('unavailable')
      await archiver.kick()
      await archiver.kick()
      const next = archiver.nextAt() ?? 0
      waits.push(next - clock.now)
      clock.now = next
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
    expect(sink.tried).toHaveLength(8)
    await archiver.kick()
    expect([sink.kept, archiver.nextAt()]).toEqual([[1], null])
  })

  test('[AR2] an overloaded one is left alone for longer', async () => {
    const { archiver, sink, clock, write } = hubOf()
    write(1)
    clock.random = 0.999
    sink.outcomes.push('overloaded')
    await archiver.kick()
    expect((archiver.nextAt() ?? 0) - clock.now).toBe(4_995)
  })

  test('[AR2] a woken hub still knows how often it failed', async () => {
    const { archiver, sink, clock, wake, write } = hubOf()
    write(1)
    for (let tries = 0; tries < 3; tries += 1) {
      sink.outcomes.push('unavailable')
      await archiver.kick()
      clock.now = archiver.nextAt() ?? 0
    }
    const woken = wake()
    sink.outcomes.push('unavailable')
    await woken.kick()
    expect((woken.nextAt() ?? 0) - clock.now).toBe(4_000)
  })

  test('[AR8] after the clock was moved, back or forth, it is asked at once', async () => {
    const { archiver, sink, clock, write } = hubOf()
    write(1)
    clock.now += 86_400_000
    sink.outcomes.push('unavailable')
    await archiver.kick()
    clock.now -= 86_400_000
    archiver.forgetWait()
    await archiver.kick()
    expect(sink.kept).toEqual([1])
  })

  test('[AR2] a batch that never answers is given up, and what lands late changes nothing', async () => {
    const { archiver, sink, clock, write } = hubOf()
    write(2)
    sink.outcomes.push('hangs')
    const run = archiver.kick()
    await vi.advanceTimersByTimeAsync(30_000)
    await run
    expect(archiver.archived).toBe(0)
    clock.now = archiver.nextAt() ?? 0
    write(1)
    await archiver.kick()
    expect(sink.kept).toEqual([1, 2, 3])
    sink.release()
    await vi.advanceTimersByTimeAsync(0)
    expect([sink.kept, sink.cursor]).toEqual([[1, 2, 3], 3])
  })
})

describe('behind the fence', () => {
  test('[AR2] a batch that landed though its answer was lost is not written twice', async () => {
    const { archiver, sink, clock, write } = hubOf()
    write(3)
    sink.outcomes.push('lost')
    await archiver.kick()
    write(2)
    clock.now = archiver.nextAt() ?? 0
    await archiver.kick()
    expect([sink.kept, archiver.archived]).toEqual([upTo(5), 5])
  })

  test('[AR2] a cursor that D1 does not have is opened', async () => {
    const { archiver, sink, write } = hubOf()
    write(2)
    await archiver.kick()
    sink.cursor = null
    sink.kept.length = 0
    write(1)
    await archiver.kick()
    expect([sink.kept, sink.cursor]).toEqual([[1, 2, 3], 3])
  })

  test('[AR2] and so is one at 0, without waiting for the alarm', async () => {
    const { archiver, sink, write } = hubOf()
    sink.cursor = null
    write(1)
    await archiver.kick()
    expect([sink.kept, sink.cursor, archiver.nextAt()]).toEqual([[1], 1, null])
  })

  test('[AR2] a cursor that cannot be read is read at the next try', async () => {
    const { archiver, sink, clock, write } = hubOf()
    write(1)
    sink.outcomes.push('lost')
    await archiver.kick()
    clock.now = archiver.nextAt() ?? 0
    sink.outcomes.push('ok', 'unavailable')
    await archiver.kick()
    expect(archiver.isBehind).toBe(true)
    clock.now = archiver.nextAt() ?? 0
    await archiver.kick()
    expect([sink.kept, archiver.isBehind]).toEqual([[1], false])
  })
})

describe('an entry that D1 refuses', () => {
  test('[AR2] is found by halving, parked and reported, and the stream goes on', async () => {
    const { archiver, log, sink, write } = hubOf()
    sink.poisoned.add(37)
    await archiver.waitFor(write(120), 1_000)
    await archiver.kick()
    expect(sink.kept).toEqual(upTo(120).filter((seq) => seq !== 37))
    expect(log.since(0, 200).flatMap((one) => (one.parked === 1 ? one.seq : []))).toEqual([37])
    expect(console.warn).toHaveBeenCalledTimes(1)
    expect(console.warn).toHaveBeenCalledWith(expect.stringContaining('"seq":37'))
  })

  test('[AR2] and is still refused when it holds nothing: the stream waits like for any failure', async () => {
    const { archiver, sink, write } = hubOf()
    write(1)
    sink.apply = () => Promise.reject(new Error('x'))
    sink.classify = () => 'content'
    await archiver.kick()
    expect(archiver.nextAt()).toBeGreaterThan(START)
  })
})

test('[ST5][AR2] whatever happens between hub and D1, each entry is kept once, in order', async () => {
  const outcome = fc.constantFrom<Outcome>('ok', 'ok', 'lost', 'unavailable', 'overloaded')
  const step = fc.oneof(
    fc.record({ do: fc.constant('write' as const), count: fc.integer({ min: 1, max: 150 }) }),
    fc.record({ do: fc.constant('copy' as const), count: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ do: fc.constant('alarm' as const), outcomes: fc.array(outcome, { maxLength: 9 }) }),
    fc.record({ do: fc.constant('restart' as const) }),
    fc.record({ do: fc.constant('cut off' as const) }),
  )
  const poisoned = fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), poisoned, async (steps, refused) => {
      const hub = hubOf()
      for (const seq of refused) hub.sink.poisoned.add(seq)
      let { archiver } = hub
      const written: number[] = []
      const ring = async () => {
        hub.clock.now = Math.max(hub.clock.now, archiver.nextAt() ?? 0)
        await archiver.kick()
      }
      for (const one of steps) {
        if (one.do === 'write') written.push(...upTo(one.count).map(() => hub.write(1)))
        else if (one.do === 'copy') hub.write(one.count, { kind: 'copy' })
        else if (one.do === 'alarm') {
          hub.sink.outcomes.splice(0, Infinity, ...one.outcomes)
          await ring()
        } else if (one.do === 'restart') archiver = hub.wake()
        else {
          // Killed in the middle of a batch, which lands all the same.
          hub.sink.outcomes.splice(0, Infinity, 'hangs')
          void ring()
          archiver = hub.wake()
          hub.sink.release()
          await vi.advanceTimersByTimeAsync(0)
        }
        // Never more than D1 has: answers and trimming go by it.
        expect(archiver.archived).toBeLessThanOrEqual(hub.sink.cursor ?? 0)
      }
      hub.sink.outcomes.length = 0
      for (let rings = 0; archiver.checkAt() !== null && rings < 5; rings += 1) await ring()
      expect([archiver.checkAt(), archiver.nextAt()]).toEqual([null, null])
      expect(hub.sink.kept).toEqual(written.filter((seq) => !refused.includes(seq)))
      const parked = hub.sql.all<{ seq: number }>(
        'SELECT seq FROM log JOIN parked USING (seq) WHERE log.parked = 1',
      )
      expect(parked.map((row) => row.seq)).toEqual(written.filter((seq) => refused.includes(seq)))
    }),
    { numRuns: 60 },
  )
})
