// Shops and who belongs to them (DI1).
import { getLocation } from '../../db/directory.ts'
import { getMembership, listMembers } from '../../db/members.ts'
import type { Database } from '../../db/open.ts'
import { LocationBody, MemberBody, PageQuery, type Location } from '../../protocol/api.ts'
import { fromArchive } from '../archive.ts'
import { demand } from '../auth/guard.ts'
import type { RouteName, Rule } from '../auth/permissions.ts'
import type { RequestContext } from '../context.ts'
import { endMembership, eraseLocation, saveLocation, saveMember } from '../directory.ts'
import { readBody, readQuery } from '../input.ts'
import { pathId, pathParam } from '../path.ts'
import { notFound } from '../problem.ts'

/** PUT /locations/{id} */
export async function writeLocation(c: RequestContext): Promise<Response> {
  const id = pathId(c, 'id')
  const body = await readBody(c.req.raw, LocationBody)
  const outcome = await saveLocation(c.env, id, body)
  const { name, time_zone, region = null } = body
  return c.json<Location>({ id, name, time_zone, region }, outcome === 'created' ? 201 : 200)
}

/** GET /locations/{id} */
export async function readLocation(c: RequestContext): Promise<Response> {
  const location = await fromArchive(c.env, async (db) => {
    await demandHere(c, db, 'GET /api/v1/locations/:id', 'read locations')
    return getLocation(db, pathParam(c, 'id'))
  })
  if (location === null) throw notFound()
  return c.json<Location>(location)
}

/** DELETE /locations/{id} */
export async function removeLocation(c: RequestContext): Promise<Response> {
  if (!(await eraseLocation(c.env, pathParam(c, 'id')))) throw notFound()
  return c.body(null, 204)
}

/** GET /locations/{id}/members */
export async function readMembers(c: RequestContext): Promise<Response> {
  const id = pathParam(c, 'id')
  const query = readQuery(c.req.url, PageQuery)
  const members = await fromArchive(c.env, async (db) => {
    await demandHere(c, db, 'GET /api/v1/locations/:id/members', 'read members')
    return (await getLocation(db, id)) && listMembers(db, id, query)
  })
  if (members === null) throw notFound()
  return c.json(members)
}

/** PUT /locations/{id}/members/{user_id} */
export async function writeMember(c: RequestContext): Promise<Response> {
  const location_id = pathId(c, 'id')
  const user_id = pathId(c, 'user_id')
  const { role } = await readBody(c.req.raw, MemberBody)
  await fromArchive(c.env, (db) =>
    demandHere(c, db, 'PUT /api/v1/locations/:id/members/:user_id', 'write members'),
  )
  const outcome = await saveMember(c.env, { location_id, user_id, role })
  if (outcome === 'unknown_location') throw notFound('There is no such location.')
  if (outcome === 'unknown_user') throw notFound('There is no such user.')
  return c.json({ location_id, user_id, role }, outcome === 'created' ? 201 : 200)
}

/** DELETE /locations/{id}/members/{user_id} */
export async function removeMember(c: RequestContext): Promise<Response> {
  await fromArchive(c.env, (db) =>
    demandHere(c, db, 'DELETE /api/v1/locations/:id/members/:user_id', 'write members'),
  )
  const found = await endMembership(c.env, pathParam(c, 'id'), pathParam(c, 'user_id'))
  if (!found) throw notFound()
  return c.body(null, 204)
}

/** [AU7] For a member it is their membership in D1 that decides, never the claim. */
async function demandHere(
  c: RequestContext,
  db: Database,
  route: RouteName,
  rule: Rule,
): Promise<void> {
  const { identity } = c.var
  if (identity.role !== 'member') return demand(route, rule, identity, {})
  const membership = await getMembership(db, pathParam(c, 'id'), identity.sub)
  demand(route, rule, identity, { role: membership?.role ?? null })
}
