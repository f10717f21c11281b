import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fakeSql } from '../../tests/fakes/sql.ts'
import type { Hub } from '../hub/hub.ts'
import { LogStore } from '../store/log.ts'
import type { Sql } from '../store/sql.ts'
import { openMeta } from '../store/meta.ts'
import { WatcherStore } from '../store/roster.ts'
import { Nudger } from './nudger.ts'

const PEOPLE = ['ana', 'ben', 'cleo']

/** How a user hub takes a nudge: after so many ms, never, or not at all. */
type Manner = number | 'hangs' | 'fails'

/** A location hub reduced to what it nudges with, and the hubs of three people who watch. */
function world() {
  const sql = fakeSql()
  const log = new LogStore(sql)
  const manners = new Map<string, Manner>()
  /** How far each has taken the stream; a nudge makes them take all of it. */
  const has = new Map(PEOPLE.map((name) => [name, 0]))
  let life = 0
  const nudge = async (name: string) => {
    const manner = manners.get(name) ?? 0
    const born = life
    if (manner === 'fails') throw new Error('the call was lost')
    if (manner === 'hangs') return new Promise<never>(() => {})
    has.set(name, log.head)
    if (manner > 0) await new Promise((resolve) => setTimeout(resolve, manner))
    // To a process that is dead nobody answers.
    if (born !== life) return new Promise<never>(() => {})
    return { nobody: false }
  }
  const wake = () => {
    life += 1
    const born = life
    // A process that is dead writes nothing any more, whatever its timers would do.
    const own: Sql = {
      ...sql,
      run: (query, ...values) => {
        if (born === life) sql.run(query, ...values)
      },
    }
    const watchers = new WatcherStore(own)
    const meta = openMeta(own)
    const call = async (name: string) =>
      born === life ? nudge(name) : new Promise<never>(() => {})
    const hub = {
      stream: 'location:x',
      log,
      meta,
      ctx: { waitUntil: () => undefined },
      env: {
        USER_HUB: {
          getByName: (name: string) => ({ nudge: () => call(name.slice('user:'.length)) }),
        },
      },
    } as unknown as Hub
    return { nudger: new Nudger(hub, watchers), watchers, meta }
  }
  const first = wake()
  for (const name of PEOPLE) first.watchers.watch(name, 1)
  const write = () => log.append({ kind: 'notification', at: 1, body: '{}' }).seq
  /** What storage says of a person: they have at least this. */
  const claimed = (name: string) => {
    const [row] = sql.all<{ untold: number | null }>(
      'SELECT untold FROM watchers WHERE user_id = ?',
      name,
    )
    const [nudged] = sql.all<{ value: string }>("SELECT value FROM meta WHERE key = 'nudged'")
    return row?.untold ?? Number(nudged?.value ?? 0)
  }
  return { ...first, wake, write, manners, has, claimed, log }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('one who hangs', () => {
  test('[ST7] keeps the others from the next entry for a moment only, and not again from those after', async () => {
    const { nudger, manners, has, write } = world()
    manners.set('ana', 'hangs')
    write()
    void nudger.run()
    await vi.advanceTimersByTimeAsync(0)
    write()
    await vi.advanceTimersByTimeAsync(299)
    expect([has.get('ben'), has.get('cleo')]).toEqual([1, 1])
    await vi.advanceTimersByTimeAsync(1)
    expect([has.get('ben'), has.get('cleo')]).toEqual([2, 2])
    write()
    await nudger.run()
    expect([has.get('ben'), has.get('cleo'), has.get('ana')]).toEqual([3, 3, 0])
  })

  test('[ST7][ST4] is a row before the cursor moves on, and told by the alarm of another life', async () => {
    const { nudger, watchers, manners, has, write, wake } = world()
    write()
    await nudger.run()
    manners.set('ana', 'hangs')
    write()
    void nudger.run()
    await vi.advanceTimersByTimeAsync(300)
    expect([watchers.get('ana')?.untold, nudger.told]).toEqual([1, 1])
    expect(nudger.nextAt()).not.toBeNull()
    manners.delete('ana')
    const woken = wake()
    expect(woken.nudger.told).toBe(1)
    await woken.nudger.retry()
    expect([has.get('ana'), woken.watchers.get('ana')?.untold, woken.nudger.told]).toEqual([
      2,
      null,
      2,
    ])
    expect(woken.nudger.nextAt()).toBeNull()
  })

  test('[ST7] and answers late has heard of all that came meanwhile, without the alarm', async () => {
    const { nudger, watchers, manners, has, write } = world()
    manners.set('ana', 500)
    write()
    void nudger.run()
    await vi.advanceTimersByTimeAsync(300)
    write()
    await nudger.run()
    expect([has.get('ana'), has.get('ben')]).toEqual([1, 2])
    await vi.advanceTimersByTimeAsync(200)
    expect(has.get('ana')).toBe(2)
    await vi.advanceTimersByTimeAsync(500)
    expect([watchers.get('ana')?.untold, nudger.nextAt()]).toEqual([null, null])
  })

  test('[ST6] leaves no timer behind', async () => {
    const { nudger, manners, write } = world()
    manners.set('ana', 'hangs')
    write()
    void nudger.run()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('[ST7] whatever hubs do and whenever the process dies, nobody is thought to have what they have not', async () => {
  const manner = fc.constantFrom<Manner>(0, 0, 0, 100, 400, 900, 'hangs', 'fails')
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('turns' as const),
        who: fc.constantFrom(...PEOPLE),
        manner,
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('passes' as const),
        ms: fc.constantFrom(0, 1, 99, 299, 301, 700, 2_100),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('alarm' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('dies' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('comes' as const), who: fc.constantFrom(...PEOPLE) }),
    },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const place = world()
      let { nudger, watchers } = place
      let number = 1
      for (const one of steps) {
        if (one.do === 'write') {
          place.write()
          void nudger.run()
        } else if (one.do === 'turns') place.manners.set(one.who, one.manner)
        else if (one.do === 'passes') await vi.advanceTimersByTimeAsync(one.ms)
        else if (one.do === 'alarm') void nudger.retry()
        else if (one.do === 'dies') ({ nudger, watchers } = place.wake())
        else {
          // Somebody registers anew, and takes everything with it.
          watchers.watch(one.who, ++number)
          place.has.set(one.who, place.log.head)
        }
        for (const name of PEOPLE) {
          expect(place.has.get(name)).toBeGreaterThanOrEqual(place.claimed(name))
        }
      }
      place.manners.clear()
      await vi.advanceTimersByTimeAsync(3_000)
      const ring = nudger.retry()
      await vi.advanceTimersByTimeAsync(3_000)
      await ring
      for (const name of PEOPLE) expect(place.has.get(name)).toBe(place.log.head)
      expect([nudger.told, nudger.nextAt()]).toEqual([place.log.head, null])
    }),
    { numRuns: Number(process.env['RUNS'] ?? 150) },
  )
})
