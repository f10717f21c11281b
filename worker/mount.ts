// Puts routes on the app: each behind the guard of its row and the caller's limits, and every other method on its path is
// refused by name.
import type { Hono } from 'hono'
import { guard } from './auth/guard.ts'
import { ROUTES, type RouteName } from './auth/permissions.ts'
import type { AppEnv, Handler, Middleware } from './context.ts'
import { limited } from './middleware/rate-limit.ts'
import { HttpProblem } from './problem.ts'

type App = Hono<AppEnv>

/** One handler for every row of the table: a route without a row, or a row without a route, does not compile. */
export type Handlers = Record<RouteName, Handler>

export function mount(app: App, handlers: Handlers): void {
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    register(app, name, [guard(name), limited(name)], handlers[name])
  }
}

/** Routes that are not in the table, all with one guard and one handler. */
export function mountAlike(
  app: App,
  names: readonly string[],
  handler: Handler,
  guarded?: Middleware,
): void {
  for (const name of names) register(app, name, guarded ? [guarded] : [], handler)
}

/** Comes after all routes: what still gets here has a path that exists, and a method that does not. */
export function refuseOtherMethods(app: App): void {
  const methods = Map.groupBy(
    app.routes.filter(({ method }) => method !== 'ALL'),
    ({ path }) => path,
  )
  for (const [path, routes] of methods) {
    const allow = [...new Set(routes.map(({ method }) => method))].join(', ')
    app.all(path, () => {
      throw new HttpProblem('method_not_allowed', `Here only: ${allow}.`, {
        headers: { Allow: allow },
      })
    })
  }
}

function register(app: App, name: string, before: Middleware[], handler: Handler): void {
  const [method = '', path = ''] = name.split(' ')
  app.on(method, [path], ...before, handler)
}
