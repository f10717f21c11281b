// What happens in one run, and in which order: the seed decides it all.
import type { Role } from '../../protocol/notification.ts'
import type { Weather } from './fault-proxy.ts'
import type { MarkOp } from './history.ts'
import { diceOf, type Dice } from './random.ts'

export type Person = 'mia' | 'sam' | 'sue' | 'tim'
export type Shop = 'a' | 'b'

export interface SendPlan {
  from: 'service' | 'mia'
  to: { person: Person } | { shop: Shop; roles?: Role[] }
  collapseKey: string | null
}

export type Step =
  /** `copies`: the same request, so often side by side. */
  | { do: 'send'; send: SendPlan; copies: number }
  | { do: 'batch'; sends: SendPlan[] }
  /** `which`: 0 up to 1, of the entries that were sent so far. */
  | { do: 'mark'; person: Person; op: MarkOp; which: number }
  | { do: 'weather'; device: number; weather: Weather }
  | { do: 'cut'; device: number; how: 'drop' | 'reset' | 'halfOpen' }
  | { do: 'sender_weather'; weather: Weather }
  | { do: 'expire'; device: number }
  | { do: 'd1'; d1: { down?: boolean; delay_ms?: number } }
  /** While these are on their way. */
  | { do: 'kill'; sends: SendPlan[]; afterMs: number }
  | { do: 'clock'; byMs: number }
  | { do: 'member'; person: 'sue' | 'tim'; shop: Shop; role: Role | null }

export interface Timed {
  step: Step
  thenMs: number
}

const MOST_KILLS = 1

/** `devices`: how many there are to make trouble for. */
export function scheduleOf(seed: number, devices: number): Timed[] {
  const dice = diceOf(seed)
  const length = dice.between(25, 45)
  let kills = 0
  return Array.from({ length }, () => {
    let step = anyStep(dice, devices)
    if (step.do === 'kill' && ++kills > MOST_KILLS) step = oneSend(dice)
    return { step, thenMs: dice.chance(0.4) ? 0 : dice.between(5, 180) }
  })
}

const WEIGHTS: readonly (readonly [number, (dice: Dice, devices: number) => Step])[] = [
  [12, oneSend],
  [4, (dice) => ({ do: 'batch', sends: manySends(dice, dice.between(2, 25)) })],
  [8, oneMark],
  [6, (dice, n) => ({ do: 'weather', device: dice.between(0, n - 1), weather: anyWeather(dice) })],
  [5, oneCut],
  [2, (dice) => ({ do: 'sender_weather', weather: anyWeather(dice) })],
  [2, (dice, n) => ({ do: 'expire', device: dice.between(0, n - 1) })],
  [4, (dice) => oneOutage(dice)],
  [2, oneKill],
  [2, (dice) => ({ do: 'clock', byMs: dice.pick([5_000, 70_000, 600_000, 1_000_000]) })],
  [4, oneChange],
]
const TOTAL = WEIGHTS.reduce((sum, [weight]) => sum + weight, 0)

function anyStep(dice: Dice, devices: number): Step {
  let left = dice.roll() * TOTAL
  for (const [weight, make] of WEIGHTS) {
    left -= weight
    if (left < 0) return make(dice, devices)
  }
  return oneSend(dice)
}

function anySend(dice: Dice): SendPlan {
  const collapseKey = dice.chance(0.2) ? dice.pick(['tea', 'till']) : null
  const from = dice.chance(0.3) ? 'mia' : 'service'
  // A manager sends to her own shop and its people.
  const shop: Shop = from === 'mia' || dice.chance(0.7) ? 'a' : 'b'
  if (dice.chance(0.3)) {
    const person = dice.pick(['mia', 'sam', 'sue', 'tim'] as const)
    return { from, to: { person }, collapseKey }
  }
  if (dice.chance(0.7)) return { from, to: { shop }, collapseKey }
  return { from, to: { shop, roles: [dice.pick(['manager', 'staff'] as const)] }, collapseKey }
}

const manySends = (dice: Dice, count: number) => Array.from({ length: count }, () => anySend(dice))

function oneSend(dice: Dice): Step {
  return { do: 'send', send: anySend(dice), copies: dice.chance(0.2) ? dice.between(2, 40) : 1 }
}

function oneMark(dice: Dice): Step {
  const person = dice.pick(['mia', 'sam', 'sue', 'tim'] as const)
  const op = dice.pick([
    'read',
    'read',
    'read',
    'unread',
    'archived',
    'deleted',
    'read_all',
  ] as const)
  return { do: 'mark', person, op, which: dice.roll() }
}

function oneCut(dice: Dice, devices: number): Step {
  const how = dice.pick(['drop', 'reset', 'halfOpen'] as const)
  return { do: 'cut', device: dice.between(0, devices - 1), how }
}

const anyWeather = (dice: Dice): Weather =>
  dice.pick<Weather>([
    {},
    { latencyMs: dice.between(20, 300) },
    { sliceBytes: dice.between(1, 40) },
    { blackHole: true },
    { closeAfterBytes: dice.between(100, 6_000) },
  ])

const oneOutage = (dice: Dice): Step => ({
  do: 'd1',
  d1: dice.pick([{}, {}, { down: true }, { delay_ms: dice.between(50, 900) }]),
})

function oneKill(dice: Dice): Step {
  return { do: 'kill', sends: manySends(dice, dice.between(3, 25)), afterMs: dice.between(0, 60) }
}

function oneChange(dice: Dice): Step {
  const person = dice.pick(['sue', 'tim'] as const)
  const role = dice.pick([null, 'staff', 'staff', 'manager'] as const)
  return { do: 'member', person, shop: dice.pick(['a', 'b'] as const), role }
}
