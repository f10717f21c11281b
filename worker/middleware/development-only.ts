import type { Middleware } from '../context.ts'
import { notFound } from '../problem.ts'

/** Outside development such a path does not exist: not for any method, and before anything else is looked at. */
export const developmentOnly: Middleware = async (c, next) => {
  if (!c.var.configuration.development) throw notFound('There is no such path.')
  await next()
}
