// What stands in the path of a request. A read or a delete of an impossible id finds nothing, and says so; a write is told
// what is wrong with it.
import * as v from 'valibot'
import { DeviceId, ExternalId, Uuid } from '../protocol/ids.ts'
import type { RequestContext } from './context.ts'
import { fieldErrors } from './pointers.ts'
import { HttpProblem, notFound } from './problem.ts'

/** A part of the path that the route's pattern names. */
export function pathParam(c: RequestContext, name: string): string {
  const value = c.req.param(name)
  if (value === undefined) throw new TypeError(`the route has no :${name}`)
  return value
}

/** [CO2] The id of a user or a location that is to be written. */
export const pathId = (c: RequestContext, name: string): string => written(c, name, ExternalId)

/** [WS1] The name of a device that is to be written. */
export const pathDevice = (c: RequestContext, name: string): string => written(c, name, DeviceId)

function written(
  c: RequestContext,
  name: string,
  schema: typeof ExternalId | typeof DeviceId,
): string {
  const result = v.safeParse(schema, pathParam(c, name))
  if (result.success) return result.output
  const [{ message }] = result.issues
  throw new HttpProblem('invalid', `The id in the path ${message}.`, {
    errors: fieldErrors(result.issues).map((error) => ({ ...error, pointer: `/${name}` })),
  })
}

/** The id of an entry; what cannot be one is nobody's. */
export function entryId(c: RequestContext): string {
  const id = pathParam(c, 'id')
  if (!v.is(Uuid, id)) throw notFound()
  return id
}
