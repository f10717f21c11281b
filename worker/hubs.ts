// How the worker talks to hubs: by the name of their stream, never without a deadline, and with one failure for
// everything that can go wrong on the way: 503, come back (AR4 keeps hubs out of D1's troubles).
import type { LocationHubRpc, UserHubRpc } from '../durable-objects/rpc.ts'
import type { Region } from '../protocol/api.ts'
import { locationStream, parseStream, userStream } from '../protocol/ids.ts'
import { within } from '../durable-objects/timeouts.ts'
import type { Env } from './env.ts'
import { logFailure } from './log.ts'
import { notNow, type HttpProblem } from './problem.ts'

/** An answer takes milliseconds; a cold hub on another continent takes some hundred. */
export const HUB_DEADLINE_MS = 2_000
/** An upgrade may wait a second for pulls (WS4) and once for D1 (ST1). */
const UPGRADE_DEADLINE_MS = 5_000

type Bindings = Pick<Env, 'USER_HUB' | 'LOCATION_HUB'>

/**
 * The platform's types rewrite arguments and answers for stubs and streams, which we never pass; ours say it plainly.
 * That a hub class has these methods is checked where the class is written.
 */
const asUserHub = (stub: unknown) => stub as UserHubRpc & Pick<Fetcher, 'fetch'>
const asLocationHub = (stub: unknown) => stub as LocationHubRpc & Pick<Fetcher, 'fetch'>

const userStub = (env: Bindings, userId: string) =>
  asUserHub(env.USER_HUB.getByName(userStream(userId)))

/** `region` places a hub near its people when it is made; later it changes nothing (design: "near their people"). */
const locationStub = (env: Bindings, locationId: string, region?: Region | null) =>
  asLocationHub(
    env.LOCATION_HUB.getByName(
      locationStream(locationId),
      region ? { locationHint: region } : undefined,
    ),
  )

interface AskOptions {
  deadlineMs?: number
  /** Asked again once where the platform says that it helps; only for what does the same thing twice. */
  again?: boolean
}

/** Asks one person's hub. */
export const askUser = <T>(
  env: Bindings,
  userId: string,
  call: (hub: UserHubRpc) => Promise<T>,
  options?: AskOptions,
): Promise<T> => ask(userStream(userId), () => call(userStub(env, userId)), options)

/** Asks one location's hub. */
export const askLocation = <T>(
  env: Bindings,
  locationId: string,
  call: (hub: LocationHubRpc) => Promise<T>,
  options?: AskOptions & { region?: Region | null },
): Promise<T> =>
  ask(
    locationStream(locationId),
    () => call(locationStub(env, locationId, options?.region)),
    options,
  )

/** Asks a hub of either kind what both kinds know. */
export function askStream<T>(
  env: Bindings,
  stream: string,
  call: (
    hub: Pick<UserHubRpc & LocationHubRpc, 'refreshDirectory' | 'retryParked' | 'wake'>,
  ) => Promise<T>,
  options?: AskOptions & { region?: Region | null },
): Promise<T> {
  const { kind, id } = parseStream(stream)
  return kind === 'user' ? askUser(env, id, call, options) : askLocation(env, id, call, options)
}

async function ask<T>(
  stream: string,
  call: () => Promise<T>,
  { deadlineMs = HUB_DEADLINE_MS, again = true }: AskOptions = {},
): Promise<T> {
  try {
    return await within(deadlineMs, call())
  } catch (error) {
    if (!again || !isWorthAsking(error)) throw unreachable(stream, error)
  }
  try {
    // A stub that has failed stays broken: `call` takes a new one.
    return await within(deadlineMs, call())
  } catch (error) {
    throw unreachable(stream, error)
  }
}

/** What a hub says as it ends, having erased itself: the next call finds a new one, which knows that it is nobody's. */
const ERASED = 'erased'

/** `overloaded` is never asked again: that is how an overload becomes an outage. */
function isWorthAsking(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error.message === ERASED) return true
  return Reflect.get(error, 'retryable') === true && Reflect.get(error, 'overloaded') !== true
}

function unreachable(stream: string, error: unknown): HttpProblem {
  logFailure('hub_call_failed', error, { stream })
  return notNow('unavailable')
}

/** Hands an upgrade to the hub of a stream; the answer is its 101, or why not. */
export async function openSocket(
  env: Bindings,
  stream: string,
  headers: Headers,
): Promise<Response> {
  const { kind, id } = parseStream(stream)
  const stub = kind === 'user' ? userStub(env, id) : locationStub(env, id)
  const giveUp = new AbortController()
  // Not AbortSignal.timeout: that would fire later, too, and end a socket that was opened in time.
  const timer = setTimeout(() => giveUp.abort(), UPGRADE_DEADLINE_MS)
  try {
    return await stub.fetch('https://hub.invalid/', { headers, signal: giveUp.signal })
  } catch (error) {
    throw unreachable(stream, error)
  } finally {
    clearTimeout(timer)
  }
}
