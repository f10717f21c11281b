// Hubs reached past the worker: to look into their storage, and to take them from memory as the platform does.
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import type { LocationHub, UserHub } from '../../../worker/index.ts'
import { sqlOf, type Sql } from '../../../durable-objects/store/sql.ts'

export type Hub = DurableObjectStub<UserHub> | DurableObjectStub<LocationHub>

export const userHub = (id: string) => env.USER_HUB.getByName(`user:${id}`)
export const locationHub = (id: string) => env.LOCATION_HUB.getByName(`location:${id}`)

/** - hibernate: out of memory, sockets stay. - close: what a deploy, a crash or a move does; sockets are lost. */
export const EVICTIONS = ['hibernate', 'close'] as const
export type Eviction = (typeof EVICTIONS)[number]

export const evict = (hub: Hub, webSockets: Eviction) =>
  evictDurableObject(hub as DurableObjectStub, { webSockets })

/** Looks at a hub's tables. */
export const look = <T>(hub: Hub, work: (sql: Sql, state: DurableObjectState) => T): Promise<T> =>
  runInDurableObject(hub as DurableObjectStub, (_, state) => work(sqlOf(state.storage), state))

/** Waits until it holds. Only a failing test waits as long as this. */
export const eventually = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 15_000, interval: 20 })

/** Counts how often a hub is made: each life announces its heartbeat once. */
export function countLives(): { readonly lives: number } {
  const counter = { lives: 0 }
  class Counted extends WebSocketRequestResponsePair {
    constructor(request: string, response: string) {
      super(request, response)
      counter.lives += 1
    }
  }
  vi.stubGlobal('WebSocketRequestResponsePair', Counted)
  return counter
}
