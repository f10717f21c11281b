// Reading one's inbox: lists, the count, one entry (IN1). Queries go to D1.
import type * as v from 'valibot'
import { countInbox, findForUser, pageInbox } from '../../db/inbox.ts'
import type { InboxRow, Reader } from '../../db/inbox.ts'
import { now } from '../../durable-objects/clock.ts'
import { present } from '../../durable-objects/core/present.ts'
import { InboxQuery, type CountAnswer, type InboxAnswer } from '../../protocol/api.ts'
import type { Notification } from '../../protocol/notification.ts'
import { fromArchive } from '../archive.ts'
import type { RequestContext } from '../context.ts'
import { readQuery } from '../input.ts'
import { entryId } from '../path.ts'
import { notFound } from '../problem.ts'

/** GET /notifications */
export const listInbox = (c: RequestContext) => answerPage(c, readQuery(c.req.url, InboxQuery))

/** GET /notifications/unread */
export const listUnread = (c: RequestContext) =>
  answerPage(c, { ...readQuery(c.req.url, InboxQuery), unread: true })

/** GET /notifications/unread/count */
export async function readCount(c: RequestContext): Promise<Response> {
  const { counts, as_of, epochs } = await fromArchive(c.env, (db) =>
    countInbox(db, c.var.identity.sub, now()),
  )
  return c.json<CountAnswer>({ ...counts, as_of, epochs })
}

/** GET /notifications/{id} */
export async function readEntry(c: RequestContext): Promise<Response> {
  const id = entryId(c)
  const found = await fromArchive(c.env, (db) => findForUser(db, c.var.identity.sub, id, now()))
  if (found === null) throw notFound()
  return c.json<Notification>(show(found.row, found.reader))
}

async function answerPage(
  c: RequestContext,
  { limit, after, before, ...filters }: v.InferOutput<typeof InboxQuery>,
): Promise<Response> {
  const { rows, page, counts, as_of, epochs, reader } = await fromArchive(c.env, (db) =>
    pageInbox(db, { user_id: c.var.identity.sub, now: now(), limit, after, before, filters }),
  )
  const data = rows.map((row) => show(row, reader))
  return c.json<InboxAnswer>({ data, page, counts, as_of, epochs })
}

/** [NO2] In the reader's language, with times in the zone of the entry's shop. */
function show({ stored, place, state }: InboxRow, reader: Reader): Notification {
  const { location_id } = stored
  const zone = (location_id === undefined ? null : reader.zones[location_id]) ?? reader.time_zone
  return present(stored, place, { locale: reader.locale, zone }, state)
}
