// Requests over connections that stay open, with little between the clock and the wire: node:http, not fetch.
import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { spreadOf, type Spread } from '../report/statistics.ts'
import { mapAtOnce } from './at-once.ts'
import { clockUs, stamped } from './stamps.ts'

export interface Ask {
  method: string
  url: string
  headers?: Record<string, string>
  body?: string
}

export interface AskPlan {
  /** Taken in turn. */
  asks: readonly Ask[]
  count: number
  /** So many wait for their answers at once. */
  inFlight: number
  /** One begins every so many milliseconds, whatever the others do; `inFlight` is then not looked at. */
  everyMs?: number
  /** Each gets an Idempotency-Key of its own that begins with this, as our SDK does it. */
  keys?: string
}

export interface Asked {
  /** Clock, microseconds. */
  from: number
  to: number
  /** From sending to the whole answer, milliseconds. */
  latency: Spread
  /** How often each status was answered. */
  statuses: Record<string, number>
  /** Of the last answer. */
  lastBody: string
}

const agent = new Agent({ keepAlive: true, maxSockets: 512 })

export async function ask(plan: AskPlan): Promise<Asked> {
  const latencies: number[] = []
  const statuses: Record<string, number> = {}
  let lastBody = ''
  const from = clockUs()
  const one = async (index: number) => {
    const chosen = plan.asks[index % plan.asks.length]
    if (chosen === undefined) return
    const at = clockUs()
    const answer = await askOnce(chosen, at, plan.keys && `${plan.keys}-${index}`)
    latencies.push((clockUs() - at) / 1_000)
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
    lastBody = answer.body
  }
  const indexes = Array.from({ length: plan.count }, (_, index) => index)
  if (plan.everyMs === undefined) await mapAtOnce(indexes, plan.inFlight, one)
  else await atPace(indexes, plan.everyMs, one)
  return { from, to: clockUs(), latency: spreadOf(latencies), statuses, lastBody }
}

/** Who is late does not make the next one late. */
async function atPace(
  indexes: readonly number[],
  everyMs: number,
  one: (index: number) => Promise<void>,
): Promise<void> {
  const from = performance.now()
  const running: Promise<void>[] = []
  for (const index of indexes) {
    const early = from + index * everyMs - performance.now()
    if (early > 0) await wait(early)
    running.push(one(index))
  }
  await Promise.all(running)
}

function askOnce(
  { method, url, headers, body }: Ask,
  at: number,
  key: string | undefined,
): Promise<{ status: number; body: string }> {
  const text = body === undefined ? null : Buffer.from(stamped(body, at))
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method,
        agent,
        timeout: 60_000,
        headers: {
          ...headers,
          ...(key !== undefined && { 'Idempotency-Key': key }),
          ...(text && { 'Content-Type': 'application/json', 'Content-Length': text.length }),
        },
      },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        )
      },
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${url} took too long`)))
    outgoing.on('error', reject)
    outgoing.end(text)
  })
}
