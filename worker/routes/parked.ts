// [AR2] What the archive refused: admins see it, and have it tried again once the cause is gone.
import * as v from 'valibot'
import { knowsStream, listParked } from '../../db/parked.ts'
import { PageQuery, type ParkedList, type RetryAnswer } from '../../protocol/api.ts'
import { StreamName } from '../../protocol/ids.ts'
import { fromArchive } from '../archive.ts'
import type { RequestContext } from '../context.ts'
import { askStream } from '../hubs.ts'
import { readQuery } from '../input.ts'
import { pathParam } from '../path.ts'
import { HttpProblem, notFound } from '../problem.ts'

/** Longer than a hub waits for D1. */
const RETRY_DEADLINE_MS = 8_000

/** GET /archive/parked */
export async function listParkedEntries(c: RequestContext): Promise<Response> {
  const query = readQuery(c.req.url, PageQuery)
  const { data, page } = await fromArchive(c.env, (db) => listParked(db, query))
  const shown = data.map((one) => ({ ...one, parked_at: new Date(one.parked_at).toISOString() }))
  return c.json<ParkedList>({ data: shown, page })
}

/** POST /archive/parked/{stream}/{seq}/retry: 202 while D1 is away; the hub then goes on trying by itself. */
export async function retryParkedEntry(c: RequestContext): Promise<Response> {
  const stream = pathParam(c, 'stream')
  const seq = Number(pathParam(c, 'seq'))
  // A hub comes into being by being asked: only one that has begun is.
  if (!v.is(StreamName, stream) || !Number.isSafeInteger(seq)) throw notFound()
  if (!(await fromArchive(c.env, (db) => knowsStream(db, stream)))) throw notFound()
  const result = await askStream(c.env, stream, (hub) => hub.retryParked(seq), {
    deadlineMs: RETRY_DEADLINE_MS,
  })
  if (result.outcome === 'unknown') throw notFound('Nothing is parked there.')
  if (result.outcome === 'refused') {
    throw new HttpProblem('archive_refused', `The archive refuses it again: ${result.reason}.`)
  }
  const { epoch, id, kind } = result
  const archived = result.outcome === 'archived'
  return c.json<RetryAnswer>({ stream, epoch, seq, id, kind, archived }, archived ? 200 : 202)
}
