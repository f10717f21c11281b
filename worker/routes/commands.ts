// What a person does with their inbox (IN2). Commands go to the person's hub; D1 is asked only for what the hub no longer
// knows, and for the new counts.
import { countInbox, findForUser } from '../../db/inbox.ts'
import { now } from '../../durable-objects/clock.ts'
import type { BulkCommand, CommandResult, MarkOp, MarkTarget } from '../../durable-objects/rpc.ts'
import { BulkBody, BulkQuery, type CommandAnswer } from '../../protocol/api.ts'
import { fromArchive } from '../archive.ts'
import type { Handler, RequestContext } from '../context.ts'
import { askUser, HUB_DEADLINE_MS } from '../hubs.ts'
import { readBody, readQuery } from '../input.ts'
import { entryId, pathParam } from '../path.ts'
import { HttpProblem, notFound } from '../problem.ts'

/** The marks of a path, and what setting and unsetting them is. */
const MARKS = {
  read: { PUT: 'read', DELETE: 'unread' },
  seen: { PUT: 'seen', DELETE: 'unseen' },
  archived: { PUT: 'archived', DELETE: 'unarchived' },
  acknowledged: { PUT: 'acknowledged', DELETE: 'unacknowledged' },
} as const satisfies Record<string, Record<'PUT' | 'DELETE', MarkOp>>

/** PUT and DELETE /notifications/{id}/{mark} */
export function markEntry(method: 'PUT' | 'DELETE'): Handler {
  return (c) => {
    const mark = pathParam(c, 'mark') as keyof typeof MARKS
    return act(c, MARKS[mark][method])
  }
}

/** DELETE /notifications/{id} */
export const deleteEntry: Handler = (c) => act(c, 'deleted')

/** POST /notifications/read-all */
export const readAll: Handler = async (c) => bulk(c, 'read', await readBody(c.req.raw, BulkBody))

/** POST /notifications/seen-all: what the `seen` frame says, for who has no socket. */
export const seenAll: Handler = async (c) => bulk(c, 'seen', await readBody(c.req.raw, BulkBody))

/** DELETE /notifications: what to clear comes as query or as body, never as both. */
export const clear: Handler = async (c) => {
  const query = readQuery(c.req.url, BulkQuery)
  const body = await readBody(c.req.raw, BulkBody)
  if (Object.keys(query).length > 0 && Object.keys(body).length > 0) {
    const message = 'the query says already what to clear'
    throw new HttpProblem(
      'invalid',
      'Say what to clear in the query or in the body, not in both.',
      {
        errors: Object.keys(body).map((name) => ({ pointer: `/${name}`, message })),
      },
    )
  }
  return bulk(c, 'deleted', { ...query, ...body })
}

async function act(c: RequestContext, op: MarkOp): Promise<Response> {
  const id = entryId(c)
  const first = await askMark(c, op, { id })
  if (!first.unknown.includes(id)) return answer(c, first)
  // [IN2] Older than the hub's log: D1 knows where it stands, and the hub is asked again with the place.
  const found = await fromArchive(c.env, (db) => findForUser(db, c.var.identity.sub, id, now()))
  if (found === null) throw notFound()
  const { place, category } = found.row
  const second = await askMark(c, op, { id, found: { place, category } })
  if (second.unknown.includes(id)) throw notFound()
  return answer(c, second)
}

async function askMark(c: RequestContext, op: MarkOp, target: MarkTarget) {
  const { waitMs, deadlineMs } = waits(c)
  const command = { op, targets: [target] }
  return accepted(
    await askUser(c.env, c.var.identity.sub, (hub) => hub.mark(command, waitMs), { deadlineMs }),
  )
}

async function bulk(
  c: RequestContext,
  op: BulkCommand['op'],
  { category, location_id, up_to }: BulkBody,
): Promise<Response> {
  const { waitMs, deadlineMs } = waits(c)
  const command: BulkCommand = {
    op,
    ...(category !== undefined && { category }),
    ...(location_id !== undefined && { location_id }),
    ...(up_to !== undefined && { up_to }),
  }
  const result = await askUser(c.env, c.var.identity.sub, (hub) => hub.bulk(command, waitMs), {
    deadlineMs,
  })
  return answer(c, accepted(result))
}

function waits(c: RequestContext) {
  const waitMs = c.var.configuration.settings.ARCHIVE_WAIT_MS
  // A hub may first pull from the person's locations, or ask them for their heads (IN2).
  return { waitMs, deadlineMs: waitMs + 2 * HUB_DEADLINE_MS }
}

function accepted(result: CommandResult): CommandResult & { ok: true } {
  if (result.ok) return result
  throw new HttpProblem(result.code, result.detail)
}

/** [AR3] The command stands; that counting failed is no reason to say that it did not. */
async function answer(c: RequestContext, { archived }: { archived: boolean }): Promise<Response> {
  if (!archived) return c.json<CommandAnswer>({ archived }, 202)
  try {
    const counted = await fromArchive(c.env, (db) => countInbox(db, c.var.identity.sub, now()))
    const { counts, as_of, epochs } = counted
    return c.json<CommandAnswer>({ archived, counts, as_of, epochs }, 200)
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error
    return c.json<CommandAnswer>({ archived }, 202)
  }
}
