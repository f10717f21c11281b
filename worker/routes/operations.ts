// Health, public keys, and in development the faults of AR8.
import { setD1Faults } from '../../db/faults.ts'
import { now, setClockAhead } from '../../durable-objects/clock.ts'
import { FaultsBody } from '../../protocol/api.ts'
import type { RequestContext } from '../context.ts'
import { askStream } from '../hubs.ts'
import { readBody } from '../input.ts'
import { HttpProblem } from '../problem.ts'
import { isSeeded } from '../seed.ts'
import { VERSION } from '../version.ts'

/** GET /healthz. In development the shop opens when the demo people are in it. */
export async function readHealth(c: RequestContext): Promise<Response> {
  if (c.var.configuration.development && !(await isSeeded(c.env))) {
    throw new HttpProblem('unavailable', 'The demo shop is not set up yet.', {
      headers: { 'Retry-After': '1' },
    })
  }
  return c.json({ status: 'ok', version: VERSION })
}

/** GET /.well-known/jwks.json */
export function readKeys(c: RequestContext): Response {
  return c.json({ keys: [...c.var.configuration.keyring.public.values()] })
}

const HUBS_SIDE_BY_SIDE = 50
/** A hub that wakes archives what waits, and D1 may have just been made slow. */
const WAKE_DEADLINE_MS = 30_000

/** PUT /__faults: development only (app.ts). What is missing in the body is off. */
export async function setFaults(c: RequestContext): Promise<Response> {
  const { d1 = {}, clock_ahead_ms = 0 } = await readBody(c.req.raw, FaultsBody)
  const { delay_ms = 0, down = false, refuse } = d1
  const faults = { delay_ms, down, ...(refuse !== undefined && { refuse }) }
  setD1Faults(faults)
  const moved = Math.abs(now() - (Date.now() + clock_ahead_ms)) > 1
  setClockAhead(clock_ahead_ms)
  if (moved) await wakeAllHubs(c)
  return c.json({ d1: faults, clock_ahead_ms })
}

/** Deadlines were armed by the clock as it was before. */
async function wakeAllHubs(c: RequestContext): Promise<void> {
  // Asked of the binding itself: the list is needed also while D1 plays dead.
  const { results } = await c.env.DB.prepare(
    `SELECT 'user:' || id AS stream FROM users UNION ALL SELECT 'location:' || id FROM locations`,
  ).all<{ stream: string }>()
  for (let at = 0; at < results.length; at += HUBS_SIDE_BY_SIDE) {
    const group = results.slice(at, at + HUBS_SIDE_BY_SIDE)
    await Promise.all(
      group.map(({ stream }) =>
        askStream(c.env, stream, (hub) => hub.wake(), { deadlineMs: WAKE_DEADLINE_MS }),
      ),
    )
  }
}
