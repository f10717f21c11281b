// Stands before the built bundle, which is served as it is, and counts what passes between our code and the platform.
// Nothing in the product knows of it. It relies on worker and hubs sharing one isolate, as they do locally.
import bundle, {
  LocationHub as RealLocationHub,
  UserHub as RealUserHub,
} from '../../worker/index.ts'
import { NO_METERS } from './meters.ts'

type Env = ConstructorParameters<typeof RealUserHub>[1]
type Call = (this: unknown, ...values: unknown[]) => unknown

const meters = { ...NO_METERS }

/** Every method of a hub that the platform may call, counted by what it is. */
const KINDS: Record<string, 'hub_alarms' | 'hub_messages' | 'hub_closes'> = {
  alarm: 'hub_alarms',
  webSocketMessage: 'hub_messages',
  webSocketClose: 'hub_closes',
  webSocketError: 'hub_closes',
}

export class UserHub extends RealUserHub {
  constructor(ctx: DurableObjectState, env: Env) {
    watch(ctx, env)
    super(ctx, env)
  }
}

export class LocationHub extends RealLocationHub {
  constructor(ctx: DurableObjectState, env: Env) {
    watch(ctx, env)
    super(ctx, env)
  }
}

countCalls(UserHub.prototype, RealUserHub.prototype)
countCalls(LocationHub.prototype, RealLocationHub.prototype)

export default {
  ...bundle,
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    if (new URL(request.url).pathname === '/api/__meters') return Response.json(meters)
    meterD1(env.DB)
    meters.worker_requests += 1
    return bundle.fetch(request, env, ctx)
  },
}

function watch(ctx: DurableObjectState, env: Env): void {
  meters.hub_wakes += 1
  meterStorage(ctx.storage)
  around(ctx, 'waitUntil', (waitUntil) => {
    return function (this: unknown, ...values) {
      const [work] = values
      timed(this as object, () => Promise.resolve(work).catch(() => undefined))
      return Reflect.apply(waitUntil, this, values) as unknown
    }
  })
  meterD1(env.DB)
}

function countCalls(metered: object, real: object): void {
  for (const name of Object.getOwnPropertyNames(real)) {
    const method: unknown = Reflect.get(real, name)
    if (name === 'constructor' || typeof method !== 'function') continue
    const call = function (this: object, ...values: unknown[]) {
      meters[KINDS[name] ?? 'hub_calls'] += 1
      const ctx = Reflect.get(this, 'ctx') as object
      return timed(ctx, () => Reflect.apply(method, this, values) as unknown)
    }
    Object.defineProperty(metered, name, { value: call, writable: true, configurable: true })
  }
}

interface Activity {
  underWay: number
  since: number
}
/** By what a hub and its methods have in common: the state that the platform gave it. */
const activities = new WeakMap<object, Activity>()

function timed(ctx: object, work: () => unknown): unknown {
  const activity = activities.get(ctx) ?? { underWay: 0, since: 0 }
  activities.set(ctx, activity)
  if (activity.underWay++ === 0) activity.since = Date.now()
  const end = () => {
    if (--activity.underWay === 0) meters.hub_ms += Date.now() - activity.since
  }
  const result = work()
  if (result instanceof Promise) return result.finally(end)
  end()
  return result
}

const metered = new WeakSet<object>()

/** Once for all hubs: the methods belong to the platform's prototypes. */
function meterStorage(storage: DurableObjectStorage): void {
  around(storage.sql, 'exec', (exec) => {
    return function (this: unknown, ...values) {
      const cursor = Reflect.apply(exec, this, values) as SqlStorageCursor<Record<string, never>>
      // Whole once the caller has read its rows, which it does at once.
      queueMicrotask(() => {
        meters.hub_rows_read += cursor.rowsRead
        meters.hub_rows_written += cursor.rowsWritten
      })
      return cursor
    }
  })
  around(storage, 'setAlarm', (setAlarm) => {
    return function (this: unknown, ...values) {
      meters.alarms_set += 1
      return Reflect.apply(setAlarm, this, values) as unknown
    }
  })
}

function around(target: object, name: string, wrap: (original: Call) => Call): void {
  const prototype = Object.getPrototypeOf(target) as Record<string, Call>
  const original = prototype[name]
  if (metered.has(prototype) || original === undefined) return
  prototype[name] = wrap(original)
  metered.add(prototype)
}

interface D1Answer {
  meta?: { rows_read?: number; rows_written?: number }
}
interface Fetching {
  fetch(...values: Parameters<typeof fetch>): Promise<Response>
}

/** All that a D1 binding sends goes through one fetcher, whatever method was called. */
function meterD1(binding: D1Database): void {
  if (metered.has(binding)) return
  metered.add(binding)
  const session = Reflect.get(binding, 'alwaysPrimarySession') as { fetcher: Fetching }
  const { fetcher } = session
  session.fetcher = {
    async fetch(...values) {
      const response = await fetcher.fetch(...values)
      const text = await response.text()
      const answers = [JSON.parse(text) as D1Answer | D1Answer[]].flat()
      const sum = (name: keyof NonNullable<D1Answer['meta']>) =>
        answers.reduce((total, { meta }) => total + (meta?.[name] ?? 0), 0)
      const written = sum('rows_written')
      meters.d1_calls += 1
      meters.d1_reads += written === 0 ? 1 : 0
      meters.d1_rows_read += sum('rows_read')
      meters.d1_rows_written += written
      return new Response(text, response)
    },
  }
}
