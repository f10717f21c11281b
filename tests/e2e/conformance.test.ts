// The conformance suite against the served build: nothing is broken. Then against proxies that lie, one lie each: the suite must
// find every one of them, or its silence about the server means nothing.
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHAPTERS } from '../../conformance/chapters.ts'
import { RULES } from '../../conformance/check.ts'
import { linesOf } from '../../conformance/report.ts'
import { NoServer, type Order, type Report, runConformance } from '../../conformance/run.ts'
import { inRoot } from '../../scripts/lib/paths.ts'
import { LIES } from './lies.ts'
import { type Lie, startLyingProxy } from './lying-proxy.ts'
import { startServer, type Server } from './server.ts'

/** Half a minute on a quiet machine. */
const RUN_MS = 600_000
const METRICS_TOKEN = 'the-token-of-the-metrics'

let server: Server

const order = (more: Partial<Order> = {}): Order => ({
  url: server.origin,
  given: { metricsToken: METRICS_TOKEN },
  wishes: { origin: server.origin },
  only: [],
  ...more,
})

const brokenIn = ({ findings }: Report) =>
  findings.filter(({ verdict }) => verdict === 'broken').map((one) => ({ ...one, ms: 0 }))

beforeAll(async () => {
  server = await startServer({ WS_HEARTBEAT_INTERVAL: '1', RATE_LIMITS: 'on', METRICS_TOKEN })
})
afterAll(() => server?.stop())

test(
  'the served build breaks no rule, and leaves nothing behind',
  { timeout: RUN_MS },
  async () => {
    const wishes = { origin: server.origin, faults: true }
    const report = await runConformance(CHAPTERS, order({ wishes }))
    expect(brokenIn(report)).toEqual([])
    expect(report.left).toEqual([])
    const holding = report.findings.filter(({ verdict }) => verdict === 'holds')
    expect(holding.length).toBeGreaterThan(250)
    const named = new Set(report.findings.map(({ rule }) => rule))
    expect(RULES.filter((rule) => !named.has(rule))).toEqual([])
  },
)

describe.concurrent('a lie is found', () => {
  test.each(LIES.map((one) => [one.what, one] as const))(
    '%s',
    { timeout: RUN_MS },
    async (_what, { breaks, lie }) => {
      const proxy = await startLyingProxy(server.origin, lie)
      const report = await runConformance(CHAPTERS, order({ url: proxy.origin, only: breaks }))
      await proxy.stop()
      const found = new Set(brokenIn(report).map(({ rule }) => rule))
      expect(breaks.filter((rule) => !found.has(rule))).toEqual([])
    },
  )
})

describe('where there is no development sign-in', () => {
  /** A provider whose subject tokens are the ids of its people, in front of a server that has none. */
  const provider: Lie = {
    ask: (asked) => {
      const isDevelopment = /^\/(api\/v1\/auth\/dev|__faults)/.test(asked.path)
      if (isDevelopment) return void (asked.path = '/api/v1/no-such-path')
      if (!asked.body.includes('subject_token')) return
      const { subject_token } = JSON.parse(asked.body) as { subject_token: string }
      if (subject_token === 'nonsense') return
      Object.assign(asked, {
        path: '/api/v1/auth/dev',
        body: JSON.stringify({ user_id: subject_token }),
      })
    },
  }
  const key = { clientId: 'demo-booking', clientSecret: 'demo-booking-secret' }
  const runWith = async (given: Order['given'], only: string[]) => {
    const proxy = await startLyingProxy(server.origin, provider)
    const report = await runConformance(CHAPTERS, order({ url: proxy.origin, given, only }))
    await proxy.stop()
    expect(report.development).toBe(false)
    expect(report.left).toEqual([])
    return report.findings
  }
  const verdictsOf = (findings: Report['findings']) => [
    ...new Set(findings.map(({ verdict }) => verdict)),
  ]

  test(
    'a service key, a token command and an admin open every door',
    { timeout: RUN_MS },
    async () => {
      const given = { ...key, tokenCommand: 'printf %s "$SHOPBELL_USER"', admin: 'olivia' }
      const findings = await runWith(given, ['AU3', 'AR8', 'NO4', 'DI2', 'TR1'])
      const whys = findings.flatMap(({ verdict, why, rule }) =>
        verdict === 'holds' ? [] : [rule + why],
      )
      expect(whys.filter((why) => !/--slow|development server/.test(why))).toEqual([])
      expect(
        findings.find(({ rule, verdict }) => rule === 'AU3' && verdict === 'holds'),
      ).toBeDefined()
    },
  )

  test('what was not given is never said to hold', { timeout: RUN_MS }, async () => {
    const people = await runWith(key, ['ST3', 'NO4', 'IN2'])
    expect(verdictsOf(people)).toEqual(['not_checked'])
    expect(people[0]?.why).toBe("needs people's tokens: --token-command")
    const nothing = await runWith({}, ['DI2', 'OP1'])
    expect(verdictsOf(nothing)).toEqual(['not_checked'])
  })
})

describe('the command', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [inRoot('scripts', 'conformance.ts'), ...args], {
      encoding: 'utf8',
      timeout: RUN_MS,
    })

  test('prints a line for each rule, and ends well where nothing is broken', () => {
    const { stdout, status } = run('--url', server.origin, '--only', 'OP2,st6')
    expect(stdout).toContain('✓ OP2  holds')
    expect(stdout).toContain('– ST6  not checked (nothing of it can be seen from outside)')
    expect(stdout).toMatch(/1 rules? holds?, 0 broken, 0 not built, 1 not checked/)
    expect(status).toBe(0)
  })

  test('says what was sent, what came and what was expected of a broken one, and ends with 1', async () => {
    const lie = LIES.find(({ breaks }) => breaks.includes('CO5'))?.lie ?? {}
    const proxy = await startLyingProxy(server.origin, lie)
    const report = await runConformance(CHAPTERS, order({ url: proxy.origin, only: ['CO5'] }))
    const text = linesOf(report, false).join('\n')
    expect(text).toContain('✗ CO5  broken')
    expect(text).toContain('expected: Idempotent-Replayed: true')
    expect(text).toContain('→ POST /api/v1/notifications')
    expect(text).not.toMatch(/eyJ|demo-booking-secret/)
    await proxy.stop()
  })

  test('where nothing answers it says so in a sentence', async () => {
    await expect(runConformance(CHAPTERS, order({ url: 'http://127.0.0.1:1' }))).rejects.toThrow(
      NoServer,
    )
    const { stderr, status } = run('--url', 'http://127.0.0.1:1')
    expect([status, stderr.split('\n').length]).toEqual([1, 2])
  })
})
