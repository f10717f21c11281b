// Runs the chapters side by side and their checks one after the other, and says what became of each.
import { Access, type Credentials } from './access.ts'
import { type Chapter, type Check, RULES } from './check.ts'
import { Documents } from './documents.ts'
import { Http } from './http.ts'
import { Observer } from './observer.ts'
import { Broken, NotBuilt, NotChecked } from './outcome.ts'
import { Tester, type Wishes } from './tester.ts'
import { Trace } from './trace.ts'
import { asObject } from './wire.ts'
import { type Shop, World } from './world.ts'

export type Verdict = 'holds' | 'broken' | 'not_built' | 'not_checked'

export interface Finding {
  rule: string
  says: string
  verdict: Verdict
  /** Why not checked, or what the server said of what it does not have. */
  why?: string
  expected?: string
  came?: string
  /** The last that was said, oldest first. */
  said?: string[]
  ms: number
}

export interface Order {
  url: string
  given: Partial<Credentials>
  wishes: Partial<Wishes>
  /** Beginnings of rule ids; empty: all. */
  only: string[]
}

export interface Report {
  url: string
  version: string
  development: boolean
  findings: Finding[]
  /** What the run made and could not remove. */
  left: string[]
  ms: number
}

/** A live deployment is not to be hurried. */
const CHAPTERS_AT_ONCE = 4
/** Enough to see what came of what; the rest is noise. */
const SAID = 12

/** There is no Shopbell, or none that lets us in. */
export class NoServer extends Error {
  override name = 'NoServer'
}

/** Everything that the order asks for. Nothing is left behind that it could remove. */
export async function runConformance(chapters: readonly Chapter[], order: Order): Promise<Report> {
  const startedAt = performance.now()
  const base = order.url.replace(/\/+$/, '')
  const { version, isDevelopment } = await greet(base)
  const documents = await readDocuments(base)
  const observer = new Observer(documents)
  const http = new Http(base, observer)
  const given = { ...(isDevelopment ? DEMO : NOBODY), ...known(order.given) }
  const world = new World(http, new Access(http, given, isDevelopment))
  const wishes = { slow: false, faults: false, origin: base, ...known(order.wishes) }
  const isWanted = (rule: string) =>
    order.only.length === 0 || order.only.some((one) => rule.startsWith(one))
  const wanted = chapters
    .map((one) => ({ ...one, checks: one.checks.filter(({ rule }) => isWanted(rule)) }))
    .filter(({ checks }) => checks.length > 0)
  const findings: Finding[] = []
  try {
    const queue = wanted.filter(({ isAlone }) => !isAlone)
    const next = async (): Promise<void> => {
      for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
        findings.push(...(await runChapter(one, world, wishes, observer)))
      }
    }
    await Promise.all(Array.from({ length: CHAPTERS_AT_ONCE }, next))
    for (const one of wanted.filter(({ isAlone }) => isAlone)) {
      findings.push(...(await runChapter(one, world, wishes, observer)))
    }
  } finally {
    findings.push(...watched(observer).filter(({ rule }) => isWanted(rule)))
  }
  const left = await world.remove()
  return {
    url: base,
    version,
    development: isDevelopment,
    findings: inOrder(findings),
    left,
    ms: Math.round(performance.now() - startedAt),
  }
}

/** The demo shop's key and admin (spec, section 12). */
const DEMO: Credentials = {
  clientId: 'demo-booking',
  clientSecret: 'demo-booking-secret',
  tokenCommand: null,
  admin: 'olivia',
  metricsToken: null,
}
const NOBODY: Credentials = { ...DEMO, clientId: null, clientSecret: null, admin: null }

const known = <T extends object>(values: T): T =>
  Object.fromEntries(Object.entries(values).filter(([, one]) => one !== undefined)) as T

async function greet(base: string): Promise<{ version: string; isDevelopment: boolean }> {
  const http = new Http(base, null)
  const trace = new Trace()
  const health = await http.ask(trace, 'GET', '/healthz').catch((error: unknown) => {
    const why = error instanceof Broken ? error.came : String(error)
    throw new NoServer(`Nothing answers on ${base}: ${why}`)
  })
  const { version } = asObject(health.json)
  if (health.status !== 200 || typeof version !== 'string') {
    throw new NoServer(
      `${base}/healthz answers ${health.status}; this is not a Shopbell that is up.`,
    )
  }
  // [AU3] Elsewhere the path does not exist, for any method.
  const dev = await http.ask(trace, 'POST', '/api/v1/auth/dev', { body: {} })
  return { version, isDevelopment: dev.status !== 404 }
}

async function readDocuments(base: string): Promise<Documents> {
  const http = new Http(base, null)
  const read = async (path: string) => (await http.ask(new Trace(), 'GET', path)).json
  return new Documents(await read('/api/v1/openapi.json'), await read('/api/v1/asyncapi.json'))
}

async function runChapter(
  { checks }: Chapter,
  world: World,
  wishes: Wishes,
  observer: Observer,
): Promise<Finding[]> {
  let shop: Promise<Shop> | undefined
  const shared = () => (shop ??= world.shop(new Trace()))
  const findings: Finding[] = []
  for (const one of checks) {
    const tester = new Tester(world, wishes, observer, shared)
    findings.push(await runCheck(one, tester))
    tester.finish()
  }
  return findings
}

async function runCheck({ rule, says, run }: Check, tester: Tester): Promise<Finding> {
  const startedAt = performance.now()
  const about = (verdict: Verdict, more: Partial<Finding> = {}): Finding => ({
    rule,
    says,
    verdict,
    ...more,
    ms: Math.round(performance.now() - startedAt),
  })
  try {
    await run(tester)
    return about('holds')
  } catch (error) {
    if (error instanceof NotBuilt) return about('not_built', { why: error.message })
    if (error instanceof NotChecked) return about('not_checked', { why: error.message })
    const said = tester.trace.last(SAID)
    if (error instanceof Broken) {
      const { expected, came } = error
      return about('broken', { expected, came, said })
    }
    // An answer of another shape than the check can read.
    return about('broken', {
      expected: 'an answer of the described shape',
      came: String(error),
      said,
    })
  }
}

/** What was seen of everything on the way. */
const watched = (observer: Observer): Finding[] =>
  observer.watches.map(({ rule, says, seen, faults }) => {
    const text = `${says} (${seen} seen)`
    if (seen === 0) return { rule, says, verdict: 'not_checked', why: 'none came', ms: 0 }
    if (faults.length === 0) return { rule, says: text, verdict: 'holds', ms: 0 }
    const came = faults.slice(0, 5).join(' · ')
    return { rule, says: text, verdict: 'broken', expected: says, came, ms: 0 }
  })

const inOrder = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted((a, b) => RULES.indexOf(a.rule) - RULES.indexOf(b.rule))
