// [RE3] One push to one device, by RFC 8030, 8291 and 8292. Never rejects: whatever happens has a row in the table of outcomes.
import { buildPushPayload } from '@block65/webcrypto-web-push'
import { checkEndpoint } from './endpoint.ts'
import { outcomeOf, type Outcome } from './outcome.ts'
import type { Vapid } from './vapid.ts'

/** Who waits behind it waits so long at most. */
const TIMEOUT_MS = 5_000

export type Urgency = 'low' | 'normal' | 'high'

export interface Push {
  payload: string
  /** Seconds that the service may keep it for a device that is away; 0: now or never. */
  ttl: number
  urgency: Urgency
  /** At most 32 of base64url: of two that wait, the newer one takes the older one's place. Null: none. */
  topic: string | null
}

export interface Subscription {
  endpoint: string
  p256dh: string
  auth: string
}

export interface PushDeps {
  vapid: Vapid
  /** A push service on this machine, in development. */
  loopback: string | null
  fetch(url: string, init: RequestInit): Promise<Response>
  now(): number
  timeoutMs?: number
}

export async function sendPush(to: Subscription, push: Push, deps: PushDeps): Promise<Outcome> {
  const checked = checkEndpoint(to.endpoint, deps.loopback)
  if (!checked.ok) return { kind: 'refused', error: `the endpoint ${checked.why}` }
  try {
    const init = await requestFor({ ...to, endpoint: checked.endpoint }, push, deps.vapid)
    return await post(checked.target, init, deps)
  } catch {
    return { kind: 'refused', error: 'the push could not be encrypted for this subscription' }
  }
}

async function requestFor(to: Subscription, push: Push, vapid: Vapid) {
  const { endpoint, p256dh, auth } = to
  const { payload, ttl, urgency, topic } = push
  const { headers, body } = await buildPushPayload(
    { data: payload, options: { ttl, urgency, ...(topic !== null && { topic }) } },
    { endpoint, expirationTime: null, keys: { p256dh, auth } },
    vapid,
  )
  // The library takes 0 for "not said", and says 60.
  return { method: 'POST', headers: { ...headers, ttl: String(ttl) }, body }
}

async function post(url: string, init: RequestInit, deps: PushDeps): Promise<Outcome> {
  const { timeoutMs = TIMEOUT_MS } = deps
  const giveUp = new AbortController()
  const timer = setTimeout(() => giveUp.abort(), timeoutMs)
  try {
    // A redirect would lead past the list of services: it is an answer like any other that is none of ours.
    const response = await deps.fetch(url, {
      ...init,
      redirect: 'manual',
      signal: giveUp.signal,
    })
    await response.body?.cancel()
    return outcomeOf(response.status, response.headers.get('Retry-After'), deps.now())
  } catch {
    const error = giveUp.signal.aborted
      ? `the push service did not answer within ${timeoutMs / 1_000} s`
      : 'the push service could not be reached'
    return { kind: 'later', error, afterMs: null }
  } finally {
    clearTimeout(timer)
  }
}
