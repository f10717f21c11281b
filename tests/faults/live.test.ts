// Seeded trouble on a server of our own, in worlds side by side. Then servers that are wrong on purpose, and clients that
// spoil what they hear: the judge must find each of those, or its silence about the others means nothing.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../e2e/server.ts'
import { CALM_DEFECTS, DEFECTS, ROUGH_DEFECTS, SLEEPY_DEFECTS, type Defect } from './defects.ts'
import { runSchedules, type Order, type Verdict } from './run-schedule.ts'
import type { SendPlan, Step, Timed } from './schedule.ts'
import { FaultServer } from './server.ts'
import { buildSick } from './sick-bundle.ts'
import { SPOILERS } from './spoilers.ts'

/** With what each of them brings: see the first test. */
const SEEDS = [11, 12, 13]
/** What does not hold by then is wrong. */
const SPOILED_MS = 4_000

const toShop: SendPlan = { from: 'service', to: { shop: 'a' }, collapseKey: null }
const toSam: SendPlan = { from: 'service', to: { person: 'sam' }, collapseKey: null }
const then = (step: Step, thenMs = 150): Timed => ({ step, thenMs })
const repeated = (times: number, steps: Timed[]) =>
  Array.from({ length: times }, () => steps).flat()

/** So calm that whatever goes wrong is the defect's work. */
const CALM = repeated(4, [
  then({ do: 'send', send: toShop, copies: 1 }),
  then({ do: 'batch', sends: [toShop, toShop, toShop] }),
  then({ do: 'send', send: toSam, copies: 3 }),
  then({ do: 'send', send: toShop, copies: 1 }),
])
/** Hubs leave memory while nothing happens, and come back for the next entry. */
const SLEEPY = [
  then({ do: 'batch', sends: [toShop, toSam, toShop] }, 800),
  ...repeated(2, [then({ do: 'evict', whose: 'everybody', sockets: 'hibernate' }, 800)]),
  then({ do: 'batch', sends: [toShop, toSam, toShop] }, 500),
]
/** Sockets are lost, and the process is killed while D1 is away. */
const ROUGH = [
  then({ do: 'batch', sends: [toShop, toSam, toShop] }, 600),
  ...[0, 1, 2, 4, 6].map((device) => then({ do: 'cut', device, how: 'reset' }, 0)),
  then({ do: 'batch', sends: [toShop, toSam, toShop, toSam] }, 1_000),
  then({ do: 'd1', d1: { down: true } }),
  then({ do: 'batch', sends: [toShop, toShop] }, 500),
  then({ do: 'kill', sends: [], afterMs: 0 }, 0),
  then({ do: 'd1', d1: {} }),
]

const told = ({ seed, violations, stuck }: Verdict) => ({ seed, violations, stuck })
const rulesOf = (verdict: Verdict | undefined) => [
  ...new Set(verdict?.violations.map(({ rule }) => rule)),
]

describe('the server as it is', () => {
  let honest: Verdict[]
  let spoiled: Verdict[]
  let server: FaultServer

  beforeAll(async () => {
    server = await FaultServer.start(await freePort())
    honest = await runSchedules(
      server,
      SEEDS.map((seed) => ({ seed })),
    )
    spoiled = await runSchedules(
      server,
      SPOILERS.map(({ spoil }) => ({
        seed: 7,
        schedule: CALM,
        patienceMs: SPOILED_MS,
        tamper: { device: 'sam-tablet', with: spoil() },
      })),
    )
  })
  afterAll(() => server?.stop())

  test('[ST3][ST5][ST7][CO5][AR5] whatever happens, what was answered is everywhere once', () => {
    for (const verdict of honest) {
      expect(told(verdict)).toEqual({ seed: verdict.seed, violations: [], stuck: [] })
    }
    const sum = (figure: (verdict: Verdict) => number) =>
      honest.reduce((total, verdict) => total + figure(verdict), 0)
    expect(sum(({ kills }) => kills)).toBeGreaterThan(0)
    expect(sum(({ resumes }) => resumes)).toBeGreaterThan(0)
    expect(sum(({ hibernated, closed }) => hibernated + closed)).toBeGreaterThan(0)
  })

  test.each(SPOILERS.map(({ says, breaks }, index) => [breaks, says, index] as const))(
    '[%s] a client that %s is found',
    (rule, _says, index) => expect(rulesOf(spoiled[index])).toContain(rule),
  )
})

describe('a server that is wrong on purpose', () => {
  const found = new Map<string, Verdict>()
  const healthy: Verdict[] = []
  let directory: string
  let server: FaultServer

  beforeAll(async () => {
    directory = await buildSick(DEFECTS)
    server = await FaultServer.start(await freePort(), join(directory, 'index.js'))
    const inWorlds = (defects: readonly Defect[], schedule: readonly Timed[]) =>
      defects.map(({ name }): Order => ({ seed: 7, tag: name, schedule, patienceMs: SPOILED_MS }))
    const groups = [
      [...inWorlds(CALM_DEFECTS.slice(0, 4), CALM), { seed: 7, schedule: CALM }],
      [
        ...inWorlds(CALM_DEFECTS.slice(4), CALM),
        ...inWorlds(SLEEPY_DEFECTS, SLEEPY),
        { seed: 7, schedule: SLEEPY },
      ],
      [...inWorlds(ROUGH_DEFECTS, ROUGH), { seed: 7, schedule: ROUGH }],
    ]
    for (const orders of groups) {
      for (const [index, verdict] of (await runSchedules(server, orders)).entries()) {
        const tag = orders[index]?.tag
        if (tag === undefined) healthy.push(verdict)
        else found.set(tag, verdict)
      }
    }
  })
  afterAll(async () => {
    await server?.stop()
    if (directory) rmSync(directory, { recursive: true, force: true })
  })

  test('worlds beside them, in which nothing is wrong, hold', () => {
    const fine = { seed: 7, violations: [], stuck: [] }
    expect(healthy.map(told)).toEqual([fine, fine, fine])
  })

  test.each(DEFECTS.map((one) => [one.breaks, one.says, one.name]))(
    '[%s] %s: found',
    (rule, _says, name) => expect(rulesOf(found.get(name))).toContain(rule),
  )
})
