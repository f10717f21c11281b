// People (DI1).
import { getMe, getUser, mayReadUser } from '../../db/directory.ts'
import { UserBody, type Me, type User } from '../../protocol/api.ts'
import { fromArchive } from '../archive.ts'
import { demand, refused } from '../auth/guard.ts'
import { permits } from '../auth/permissions.ts'
import type { RequestContext } from '../context.ts'
import { eraseUser, saveUser } from '../directory.ts'
import { readBody } from '../input.ts'
import { pathId, pathParam } from '../path.ts'
import { notFound } from '../problem.ts'

/** GET /me */
export async function readMe(c: RequestContext): Promise<Response> {
  const me = await fromArchive(c.env, (db) => getMe(db, c.var.identity.sub))
  if (me === null) throw notFound()
  return c.json<Me>(me)
}

/** PUT /users/{id} */
export async function writeUser(c: RequestContext): Promise<Response> {
  const id = pathId(c, 'id')
  const body = await readBody(c.req.raw, UserBody)
  if (body.role !== undefined) {
    demand('PUT /api/v1/users/:id', 'write roles of users', c.var.identity, {})
  }
  const outcome = await saveUser(c.env, id, body)
  // Read back: the role may be one that was there before.
  const user = await fromArchive(c.env, (db) => getUser(db, id))
  if (user === null) throw notFound()
  return c.json<User>(user, outcome === 'created' ? 201 : 200)
}

/** GET /users/{id} */
export async function readUser(c: RequestContext): Promise<Response> {
  const { identity } = c.var
  const id = pathParam(c, 'id')
  const user = await fromArchive(c.env, async (db) => {
    const may =
      permits('read users', identity, { self: id === identity.sub }) ||
      (await mayReadUser(db, identity.sub, id))
    return may ? getUser(db, id) : null
  })
  if (user === null) throw refused('GET /api/v1/users/:id')
  return c.json<User>(user)
}

/** DELETE /users/{id} */
export async function removeUser(c: RequestContext): Promise<Response> {
  if (!(await eraseUser(c.env, pathParam(c, 'id')))) throw notFound()
  return c.body(null, 204)
}
