// [RE1][RE3] Where a person's devices are called when no socket reaches them.
import { checkEndpoint } from '../../durable-objects/push/endpoint.ts'
import { isPoint } from '../../durable-objects/push/vapid.ts'
import {
  PushSubscriptionBody,
  PushTestBody,
  type PushDevice,
  type PushDeviceList,
  type PushKey,
  type PushTestAnswer,
} from '../../protocol/push.ts'
import type { RequestContext } from '../context.ts'
import { askUser } from '../hubs.ts'
import { readBody } from '../input.ts'
import { pathDevice, pathParam } from '../path.ts'
import { HttpProblem, notFound } from '../problem.ts'
import { removeSubscription, saveSubscription, vapidOf } from '../push.ts'

/** Every push service has its five seconds; a payload that is too large takes two requests. */
const TEST_DEADLINE_MS = 12_000

/** GET /push/key */
export async function readPushKey(c: RequestContext): Promise<Response> {
  const { publicKey } = await vapidOf(c.var.configuration.settings)
  return c.json<PushKey>({ public_key: publicKey })
}

/** PUT /push/subscriptions/{device} */
export async function writeSubscription(c: RequestContext): Promise<Response> {
  await vapidOf(c.var.configuration.settings)
  const device = pathDevice(c, 'device')
  const { endpoint, keys } = await readBody(c.req.raw, PushSubscriptionBody)
  const checked = checkEndpoint(endpoint, c.env.PUSH_LOOPBACK ?? null)
  if (!checked.ok) throw wrong('/endpoint', checked.why)
  if (!(await isPoint(keys.p256dh))) throw wrong('/keys/p256dh', 'is not a point of P-256')
  const { sub, sid = null } = c.var.identity
  const { outcome, row } = await saveSubscription(c.env, {
    user_id: sub,
    device,
    endpoint: checked.endpoint,
    p256dh: keys.p256dh,
    auth: keys.auth,
    // A program is no page, and has none to be led to but ours.
    origin: c.req.header('Origin') ?? new URL(c.req.url).origin,
    session: sid,
  })
  if (row === null) throw notFound()
  // It stands in D1: a hub that is out of reach hears of it later, and only its notes are missing here.
  const known = (await devicesOf(c).catch(() => [])).find((one) => one.device === device)
  return c.json<PushDevice>(
    known ?? {
      device,
      service: new URL(checked.endpoint).hostname,
      since: new Date(row.created_at).toISOString(),
      last_success_at: null,
      last_error_at: null,
      last_error: null,
      gone_at: null,
    },
    outcome === 'created' ? 201 : 200,
  )
}

/** DELETE /push/subscriptions/{device} */
export async function endSubscription(c: RequestContext): Promise<Response> {
  const found = await removeSubscription(c.env, c.var.identity.sub, pathParam(c, 'device'))
  if (!found) throw notFound()
  return c.body(null, 204)
}

/** GET /push/subscriptions: asked of the hub, which sends to them and so knows how they are. */
export async function listSubscriptions(c: RequestContext): Promise<Response> {
  return c.json<PushDeviceList>({ data: await devicesOf(c) })
}

/** POST /push/test */
export async function testPush(c: RequestContext): Promise<Response> {
  await vapidOf(c.var.configuration.settings)
  const { device = null } = await readBody(c.req.raw, PushTestBody)
  const results = await askUser(c.env, c.var.identity.sub, (hub) => hub.testPush(device), {
    deadlineMs: TEST_DEADLINE_MS,
    again: false,
  })
  if (results === null) throw notFound('No such device of yours is subscribed.')
  return c.json<PushTestAnswer>({ results })
}

const devicesOf = (c: RequestContext): Promise<PushDevice[]> =>
  askUser(c.env, c.var.identity.sub, (hub) => hub.pushDevices())

const wrong = (pointer: string, message: string) =>
  new HttpProblem('invalid', 'See errors for what is wrong where.', {
    errors: [{ pointer, message }],
  })
