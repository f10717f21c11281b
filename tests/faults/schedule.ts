// What happens in one run, and in which order: fast-check makes it from a seed, and shrinks it when it fails.
import * as fc from 'fast-check'
import type { Role } from '../../protocol/notification.ts'
import type { Weather } from './fault-proxy.ts'
import type { MarkOp } from './history.ts'
import type { Eviction } from './server.ts'

export const PEOPLE = ['mia', 'sam', 'sue', 'tim'] as const
export const SHOPS = ['a', 'b'] as const
export type Person = (typeof PEOPLE)[number]
export type Shop = (typeof SHOPS)[number]

/** Recording devices: two on the same stream, two that look at a shop. */
export const DEVICES: readonly (readonly [Person, string, Shop?])[] = [
  ['mia', 'desk'],
  ['sam', 'phone'],
  ['sam', 'tablet'],
  ['sam', 'wall', 'a'],
  ['sue', 'phone'],
  ['sue', 'wall', 'a'],
  ['tim', 'phone'],
]
/** Windows that run our own client; those of one person are tabs of one browser. */
export const APPS: readonly (readonly [Person, string])[] = [
  ['mia', 'app'],
  ['tim', 'app'],
  ['sam', 'window'],
  ['sam', 'tab'],
  ['sue', 'window'],
]
/** Those with a network of their own that can be spoiled: devices, then apps. */
const TROUBLED = DEVICES.length + APPS.length

export interface SendPlan {
  from: 'service' | 'mia'
  to: { person: Person } | { shop: Shop; roles?: Role[] }
  collapseKey: string | null
}

export type WindowAct = 'hide' | 'show' | 'offline' | 'online' | 'focus' | 'reload'

export type Step =
  /** `copies`: the same request, so often side by side. */
  | { do: 'send'; send: SendPlan; copies: number }
  | { do: 'batch'; sends: SendPlan[] }
  /** Over REST. `which`: 0 up to 999, of the entries that were sent so far. */
  | { do: 'mark'; person: Person; op: MarkOp; which: number }
  /** By the client in a window. `which`: of the entries that it shows. */
  | { do: 'app_mark'; app: number; op: MarkOp; which: number }
  | { do: 'window'; app: number; act: WindowAct }
  | { do: 'weather'; device: number; weather: Weather }
  | { do: 'sender_weather'; weather: Weather }
  | { do: 'cut'; device: number; how: 'drop' | 'reset' | 'halfOpen' }
  /** Away while these are sent; coming back it hears so many bytes in each try. */
  | { do: 'broken_burst'; device: number; sends: SendPlan[]; weather: Weather }
  | { do: 'expire'; device: number }
  | { do: 'd1'; d1: { down?: boolean; delay_ms?: number } }
  /** While these are on their way. */
  | { do: 'kill'; sends: SendPlan[]; afterMs: number }
  | { do: 'evict'; whose: Person | Shop | 'everybody'; sockets: Eviction }
  | { do: 'clock'; byMs: number }
  /** Long enough for a ping to find a dead socket; the longest also for hubs to hibernate by themselves. */
  | { do: 'silence'; ms: number }
  | { do: 'member'; person: 'sue' | 'tim'; shop: Shop; role: Role | null }

export interface Timed {
  step: Step
  thenMs: number
}

/** So often in one schedule at most: each costs seconds. */
const AT_MOST: Partial<Record<Step['do'], number>> = { kill: 1, silence: 2 }

/** The runtime lets a hub hibernate after ten seconds without an event. */
const HIBERNATES_MS = 11_500

const pick = <const T>(...from: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...from)
const between = (min: number, max: number) => fc.integer({ min, max })

const collapseKeys = fc.oneof(
  { weight: 8, arbitrary: fc.constant(null) },
  { weight: 2, arbitrary: pick('tea', 'till') },
)
const people = pick(...PEOPLE)
const shops = fc.oneof(
  { weight: 7, arbitrary: fc.constant('a' as const) },
  { weight: 3, arbitrary: fc.constant('b' as const) },
)
const roles: fc.Arbitrary<{ roles?: Role[] }> = fc.oneof(
  { weight: 7, arbitrary: fc.constant({}) },
  { weight: 3, arbitrary: pick<Role>('manager', 'staff').map((role) => ({ roles: [role] })) },
)

/** A manager sends to her own shop and its people. */
const sendBy = (from: SendPlan['from'], shop: fc.Arbitrary<Shop>): fc.Arbitrary<SendPlan> =>
  fc.record({
    from: fc.constant(from),
    to: fc.oneof(
      {
        weight: 7,
        arbitrary: fc.tuple(shop, roles).map(([at, for_]) => ({ shop: at, ...for_ })),
      },
      { weight: 3, arbitrary: people.map((person) => ({ person })) },
    ),
    collapseKey: collapseKeys,
  })

const oneSend = fc.oneof(
  { weight: 7, arbitrary: sendBy('service', shops) },
  { weight: 3, arbitrary: sendBy('mia', fc.constant('a')) },
)
const manySends = (minLength: number, maxLength: number) =>
  fc.array(oneSend, { minLength, maxLength, size: 'max' })

const troubled = between(0, TROUBLED - 1)
const apps = between(0, APPS.length - 1)
const ops = pick<MarkOp>('read', 'read', 'read', 'unread', 'archived', 'deleted', 'read_all')
const which = between(0, 999)

const weathers: fc.Arbitrary<Weather> = fc.oneof(
  fc.constant({}),
  fc.record({ latencyMs: between(20, 300) }),
  fc.record({ sliceBytes: between(1, 40) }),
  fc.constant({ blackHole: true }),
  fc.record({ blackHoleAfterBytes: between(100, 6_000) }),
  fc.record({ closeAfterBytes: between(100, 6_000) }),
)
/** A token and a welcome take about so many bytes; what comes after them is cut. */
const brokenBursts: fc.Arbitrary<Weather> = fc.oneof(
  fc.record({ closeAfterBytes: between(900, 5_000) }),
  fc.record({ blackHoleAfterBytes: between(900, 5_000) }),
)

const STEPS: readonly (readonly [number, fc.Arbitrary<Step>])[] = [
  [
    36,
    fc.record({
      do: fc.constant('send'),
      send: oneSend,
      copies: fc.oneof(
        { weight: 8, arbitrary: fc.constant(1) },
        { weight: 2, arbitrary: between(2, 40) },
      ),
    }),
  ],
  [12, fc.record({ do: fc.constant('batch'), sends: manySends(2, 25) })],
  [20, fc.record({ do: fc.constant('mark'), person: people, op: ops, which })],
  [18, fc.record({ do: fc.constant('app_mark'), app: apps, op: ops, which })],
  [
    14,
    fc.record({
      do: fc.constant('window'),
      app: apps,
      act: pick<WindowAct>('show', 'hide', 'hide', 'offline', 'online', 'focus', 'reload'),
    }),
  ],
  [18, fc.record({ do: fc.constant('weather'), device: troubled, weather: weathers })],
  [6, fc.record({ do: fc.constant('sender_weather'), weather: weathers })],
  [
    14,
    fc.record({
      do: fc.constant('cut'),
      device: troubled,
      how: pick('drop', 'reset', 'halfOpen'),
    }),
  ],
  [
    6,
    fc.record({
      do: fc.constant('broken_burst'),
      device: troubled,
      sends: manySends(3, 20),
      weather: brokenBursts,
    }),
  ],
  [6, fc.record({ do: fc.constant('expire'), device: between(0, DEVICES.length - 1) })],
  [
    12,
    fc.record({
      do: fc.constant('d1'),
      d1: fc.oneof(
        { weight: 2, arbitrary: fc.constant({}) },
        { weight: 1, arbitrary: fc.constant({ down: true }) },
        { weight: 1, arbitrary: fc.record({ delay_ms: between(50, 900) }) },
      ),
    }),
  ],
  [5, fc.record({ do: fc.constant('kill'), sends: manySends(3, 25), afterMs: between(0, 60) })],
  [
    20,
    fc.record({
      do: fc.constant('evict'),
      whose: pick<Person | Shop | 'everybody'>(...PEOPLE, ...SHOPS, 'everybody', 'everybody'),
      sockets: pick('hibernate', 'close'),
    }),
  ],
  [6, fc.record({ do: fc.constant('clock'), byMs: pick(5_000, 70_000, 600_000, 1_000_000) })],
  [
    3,
    fc.record({
      do: fc.constant('silence'),
      ms: fc.oneof(
        { weight: 5, arbitrary: between(2_600, 3_400) },
        { weight: 1, arbitrary: fc.constant(HIBERNATES_MS) },
      ),
    }),
  ],
  [
    12,
    fc.record({
      do: fc.constant('member'),
      person: pick('sue', 'tim'),
      shop: pick(...SHOPS),
      role: pick<Role | null>(null, 'staff', 'staff', 'manager'),
    }),
  ],
]

const timed: fc.Arbitrary<Timed> = fc.record({
  step: fc.oneof(...STEPS.map(([weight, arbitrary]) => ({ weight, arbitrary }))),
  thenMs: fc.oneof(
    { weight: 2, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: between(5, 180) },
  ),
})

/** Three of them are seldom all short or all long, and each may shrink to nothing. */
const part = fc.array(timed, { maxLength: 22, size: 'max' })

/** One run, from nothing at all to some sixty steps. */
export const schedules: fc.Arbitrary<Timed[]> = fc.noBias(
  fc.tuple(part, part, part).map((parts) => withinLimits(parts.flat())),
)

function withinLimits(steps: readonly Timed[]): Timed[] {
  const counts = new Map<string, number>()
  return steps.filter(({ step }) => {
    const count = (counts.get(step.do) ?? 0) + 1
    counts.set(step.do, count)
    return count <= (AT_MOST[step.do] ?? Infinity)
  })
}

/** The schedule of a seed; `path` leads to one that fast-check has shrunk it to. */
export function scheduleOf(seed: number, path?: string): Timed[] {
  const [schedule] = fc.sample(schedules, { seed, numRuns: 1, ...(path !== undefined && { path }) })
  if (!schedule) throw new Error(`there is no schedule at ${path}`)
  return schedule
}
