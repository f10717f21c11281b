// What a handler finds in its context: bindings, and what middleware has worked out before it.
import type { Context, MiddlewareHandler } from 'hono'
import type { Identity } from '../durable-objects/rpc.ts'
import type { Configuration, Env } from './env.ts'
import type { Grant } from './rate-limits.ts'

export interface Variables {
  requestId: string
  configuration: Configuration
  /** Set where a route asks for a token; public routes do not read it. */
  identity: Identity
  /** What was left after the items of a batch, where they were counted (CO6). */
  grant?: Grant
}

export interface AppEnv {
  Bindings: Env
  Variables: Variables
}

export type RequestContext = Context<AppEnv>
export type Handler = (c: RequestContext) => Response | Promise<Response>
export type Middleware = MiddlewareHandler<AppEnv>
