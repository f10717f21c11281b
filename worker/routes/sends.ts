// Sending: one notification, or up to 500 that travel together (NO3).
import type { SendResult } from '../../durable-objects/rpc.ts'
import { now } from '../../durable-objects/clock.ts'
import * as v from 'valibot'
import { JsonObject } from '../../protocol/json.ts'
import { MAX_BATCH_BODY_BYTES } from '../../protocol/limits.ts'
import { Batch, IdempotencyKey } from '../../protocol/notification.ts'
import type { RouteName } from '../auth/permissions.ts'
import type { RequestContext } from '../context.ts'
import { parse, readBody } from '../input.ts'
import { grantItems, itemRefused } from '../middleware/rate-limit.ts'
import { HttpProblem, notNow, problemBody } from '../problem.ts'
import { checkSend } from '../send/check.ts'
import { clearanceFor } from '../send/clearance.ts'
import { acceptedAnswer, deliver, homeOf, refusalOf, type Outgoing } from '../send/deliver.ts'
import { idempotencyHeader, idempotencyOf } from '../send/idempotency.ts'

/** A batch may wake hundreds of hubs at once, and each waits its turn. */
const BATCH_DEADLINE_MS = 10_000

/** Turns one item from outside into something that may go, or throws why not. */
function preparation(c: RequestContext, route: RouteName) {
  const { identity } = c.var
  const receivedAt = now()
  const clear = clearanceFor(c.env, identity, route)
  return async (value: unknown, key: string | null): Promise<Outgoing> => {
    const send = checkSend(value, receivedAt)
    const caller = await clear(send)
    const item = {
      send,
      sender: identity.sub,
      created_at: new Date(receivedAt).toISOString(),
      idempotency: await idempotencyOf(identity, route, key, send),
    }
    return { stream: homeOf(send), item, caller }
  }
}

/** POST /notifications */
export async function sendOne(c: RequestContext): Promise<Response> {
  const key = idempotencyHeader(c.req.raw.headers)
  const body = await readBody(c.req.raw, v.unknown())
  const outgoing = await preparation(c, 'POST /api/v1/notifications')(body, key)
  const waitMs = c.var.configuration.settings.ARCHIVE_WAIT_MS
  const [result] = await deliver(c.env, [outgoing], { waitMs })
  if (result === undefined) throw notNow('unavailable')
  if (!result.ok) throw refusalOf(result)
  const answer = acceptedAnswer(result)
  const headers: Record<string, string> = result.replayed ? { 'Idempotent-Replayed': 'true' } : {}
  return c.json(answer.body, answer.status, headers)
}

/** POST /notifications/batch: each item for itself, one call per hub, all hubs side by side. */
export async function sendBatch(c: RequestContext): Promise<Response> {
  const header = idempotencyHeader(c.req.raw.headers)
  const { notifications } = await readBody(c.req.raw, Batch, MAX_BATCH_BODY_BYTES)
  const granted = grantItems(c, notifications.length)
  const prepare = preparation(c, 'POST /api/v1/notifications/batch')
  const prepared = await Promise.all(
    notifications.map((item, index) =>
      orProblem(() => {
        if (index >= granted) throw itemRefused()
        const { idempotency_key: own, ...send } = parse(JsonObject, item)
        const key =
          own === undefined ? null : parse(ItemKey, { idempotency_key: own }).idempotency_key
        return prepare(send, key ?? (header === null ? null : `${header}:${index}`))
      }),
    ),
  )
  const sent = await deliverAll(c, prepared)
  const results = sent.map((one) => {
    if (one instanceof HttpProblem) return problemBody(one, c.var.requestId)
    if (!one.ok) return problemBody(refusalOf(one), c.var.requestId)
    const { status, body } = acceptedAnswer(one)
    return { ...body, status, ...(one.replayed && { idempotent_replayed: true }) }
  })
  return c.json({ results }, 207)
}

const ItemKey = v.object({ idempotency_key: IdempotencyKey })

type Outcome = SendResult | HttpProblem

async function deliverAll(
  c: RequestContext,
  prepared: readonly (Outgoing | HttpProblem)[],
): Promise<Outcome[]> {
  const waitMs = c.var.configuration.settings.ARCHIVE_WAIT_MS
  const outcomes: Outcome[] = prepared.map((one) =>
    one instanceof HttpProblem ? one : notNow('unavailable'),
  )
  const places = [...prepared.entries()].flatMap(([index, one]) =>
    one instanceof HttpProblem ? [] : [{ index, one }],
  )
  const hubs = Map.groupBy(places, ({ one }) => one.stream)
  await Promise.all(
    Array.from(hubs.values(), async ([first, ...rest]) => {
      if (first === undefined) return
      const outgoing = [first.one, ...rest.map(({ one }) => one)] as const
      const results = await orProblem(() =>
        deliver(c.env, outgoing, { waitMs, deadlineMs: BATCH_DEADLINE_MS }),
      )
      for (const [position, { index }] of [first, ...rest].entries()) {
        const outcome = results instanceof HttpProblem ? results : results[position]
        if (outcome !== undefined) outcomes[index] = outcome
      }
    }),
  )
  return outcomes
}

/** One item's problem is that item's answer; any other error is the request's. */
async function orProblem<T>(attempt: () => Promise<T>): Promise<T | HttpProblem> {
  try {
    return await attempt()
  } catch (error) {
    if (error instanceof HttpProblem) return error
    throw error
  }
}
