// [CO6] How much a caller may ask of this isolate: a bucket for each kind of request and each key or person, never for an
// address, behind which a whole shop may sit. Exact here; the platform may run several isolates, each with buckets of its
// own, and forgets them with the isolate. OPERATIONS says what a deployment can put in front.
import { takeUpTo, type BucketLimits, type Level } from '../durable-objects/core/token-bucket.ts'
import type { Identity } from '../durable-objects/rpc.ts'

/** `sends`: each notification and event. `upgrades`: each try to open a socket. `requests`: everything else. */
export type Budget = 'sends' | 'upgrades' | 'requests'

const SENDS_OF_A_SERVICE: BucketLimits = { burst: 20_000, perSecond: 2_000 }

const LIMITS: Record<Budget, BucketLimits> = {
  sends: { burst: 200, perSecond: 20 },
  requests: { burst: 500, perSecond: 50 },
  // 30 in 10 s.
  upgrades: { burst: 30, perSecond: 3 },
}

/** Some three megabytes. Who is forgotten has not asked for the longest time, and begins with a full bucket. */
const MAX_CALLERS = 20_000

/** What a caller got of a budget, and how it stands now. */
export interface Grant {
  /** How many of those asked for may pass. */
  granted: number
  limit: number
  remaining: number
  /** 0 when everything may pass. */
  retryAfterMs: number
  fullAfterMs: number
}

export class RateLimits {
  /** Who asked last stands last. */
  #levels = new Map<string, Level>()
  readonly #maxCallers: number

  constructor(maxCallers = MAX_CALLERS) {
    this.#maxCallers = maxCallers
  }

  get size(): number {
    return this.#levels.size
  }

  /** Takes `count` of a budget, or as many as are left. */
  take(budget: Budget, caller: Pick<Identity, 'sub' | 'role'>, count: number, now: number): Grant {
    const isService = budget === 'sends' && caller.role === 'service'
    const limits = isService ? SENDS_OF_A_SERVICE : LIMITS[budget]
    const key = `${budget} ${caller.sub}`
    const taken = takeUpTo(this.#levels.get(key) ?? null, count, now, limits)
    this.#levels.delete(key)
    this.#levels.set(key, taken.level)
    this.#forget()
    return {
      granted: taken.taken,
      limit: limits.burst,
      remaining: Math.floor(taken.level.tokens),
      retryAfterMs: taken.retryAfterMs,
      fullAfterMs: taken.fullAfterMs,
    }
  }

  #forget(): void {
    if (this.#levels.size <= this.#maxCallers) return
    const [oldest] = this.#levels.keys()
    if (oldest !== undefined) this.#levels.delete(oldest)
  }
}
