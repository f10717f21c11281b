// Seeded trouble on a server of our own, in worlds side by side. Then, in fair weather, clients that spoil what they hear:
// the judge must find each of those, or its silence about the others means nothing.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../e2e/server.ts'
import { runSchedules, type Verdict } from './run-schedule.ts'
import type { Timed } from './schedule.ts'
import { FaultServer } from './server.ts'

/** All have outages of D1; the first and the last are killed in mid-publish. */
const SEEDS = [11, 12, 13]

const isNews = (text: string) =>
  !text.includes('"welcome"') && text.includes('"type":"notification"')

/** Of two texts with entries the first is lost. The last one would come again: nothing above it was heard. */
function loser() {
  let texts = 0
  return (text: string) => (isNews(text) && ++texts % 2 === 1 ? [] : [text])
}

const doubler = () => (text: string) => (isNews(text) ? [text, text] : [text])

/** Every second text with an entry comes after the next one. */
function mixer() {
  let kept: string | null = null
  return (text: string) => {
    if (!isNews(text)) return [text]
    const texts = kept === null ? [] : [text, kept]
    kept = kept === null ? text : null
    return texts
  }
}

const SPOILERS = [loser(), doubler(), mixer()]
/** A long calm morning, so that what is spoiled is spoiled by the client alone. */
const CALM: Timed[] = Array.from({ length: 24 }, () => ({
  step: {
    do: 'send',
    send: { from: 'service', to: { shop: 'a' }, collapseKey: null },
    copies: 1,
  },
  thenMs: 250,
}))
const SPOILED = { seed: 7, schedule: CALM, patienceMs: 6_000 }

let server: FaultServer
let honest: Verdict[]
let spoiled: Verdict[]

beforeAll(async () => {
  server = await FaultServer.start(await freePort())
  honest = await runSchedules(
    server,
    SEEDS.map((seed) => ({ seed })),
  )
  spoiled = await runSchedules(
    server,
    SPOILERS.map((spoil) => ({ ...SPOILED, tamper: { device: 'sam-tablet', with: spoil } })),
  )
})
afterAll(() => server?.stop())

const rulesOf = (verdict: Verdict | undefined) => [
  ...new Set(verdict?.violations.map(({ rule }) => rule)),
]

test('[ST3][ST5][ST7][CO5][AR5] whatever happens, what was answered is everywhere once', () => {
  for (const { seed, violations, stuck } of honest) {
    expect({ seed, violations, stuck }).toEqual({ seed, violations: [], stuck: [] })
  }
  expect(honest[0]?.kills).toBeGreaterThan(0)
})

test('[ST7] a client that loses texts is found', () => {
  expect(rulesOf(spoiled[0])).toContain('ST7')
})

test('[ST3] a client that hears texts twice is found', () => {
  expect(rulesOf(spoiled[1])).toContain('ST3')
})

test('[ST3] a client that mixes texts up is found', () => {
  expect(rulesOf(spoiled[2])).toContain('ST3')
})
