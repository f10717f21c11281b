// [NO7] Live events: handed to the sockets that listen, and stored nowhere.
import type { EventResult } from '../../durable-objects/rpc.ts'
import { EventBody, type EventAnswer } from '../../protocol/events.ts'
import type { RequestContext } from '../context.ts'
import { askLocation, askUser } from '../hubs.ts'
import { readBody } from '../input.ts'
import { HttpProblem } from '../problem.ts'
import { clearanceFor } from '../send/clearance.ts'

/** POST /events */
export async function publishEvent(c: RequestContext): Promise<Response> {
  const { to, ...event } = await readBody(c.req.raw, EventBody)
  const caller = await clearanceFor(
    c.env,
    c.var.identity,
    'POST /api/v1/events',
  )({ to }, 'ephemeral events')
  const result: EventResult =
    to.user_id === undefined
      ? await askLocation(c.env, to.location_id ?? '', (hub) => hub.publish(event, caller))
      : await askUser(c.env, to.user_id, (hub) => hub.publish(event))
  if (!result.ok) {
    const { code, detail, pointer } = result
    const errors = pointer === undefined ? {} : { errors: [{ pointer, message: detail }] }
    throw new HttpProblem(code, detail, errors)
  }
  return c.json<EventAnswer>({ sockets: result.sockets })
}
