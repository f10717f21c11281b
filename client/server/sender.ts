// The verbs with which a server sends. They differ only in what their types allow.
import { EventAnswer, type EventBody } from '../../protocol/events.ts'
import type { Category, NotificationType } from '../../protocol/notification-types.ts'
import type { Role } from '../../protocol/notification.ts'
import { systemClock } from '../clock.ts'
import type { Clock } from '../types.ts'
import { Accepted, resultOf } from './answers.ts'
import { sendBatch } from './batch.ts'
import { checkEvent, checkKey, checkNotice, invalid } from './check.ts'
import type { Wire } from './http.ts'
import { createAttempt, type Attempt, type ServiceKey } from './delivery.ts'
import { DEFAULT_LIMITS, type RetryLimits } from './retry.ts'
import type {
  BatchNotice,
  BatchResult,
  Message,
  Notice,
  SendOptions,
  SendResult,
  TypesOf,
} from './sends.ts'
import { tryAgain, type Ground } from './tries.ts'

export interface SenderOptions extends ServiceKey {
  /** Where the server is, like `https://bell.example`. */
  url: string
  /** Tries and time of one request; what is left out is as it is. */
  retry?: Partial<RetryLimits>
  fetch?: typeof fetch
  clock?: Clock
  /** 0 up to, not including, 1: spreads what is tried again. */
  random?: () => number
  /** Makes the keys of calls that bring none (CO5). */
  newKey?: () => string
}

type Send<T extends NotificationType> = (
  notice: Notice<T>,
  options?: SendOptions,
) => Promise<SendResult>

/** Every verb rejects with a ShopbellError and with nothing else. */
export interface Sender {
  /** A booking: made, cancelled, near, or nobody came. */
  sendAppointmentNotification: Send<TypesOf<'appointment'>>
  /** A figure: over its threshold, at its goal, on its way. To a location it reaches managers only (NO4). */
  sendPerformanceAlert: Send<TypesOf<'performance'>>
  /** An announcement, a changed schedule, a new policy. */
  sendTeamUpdate: Send<TypesOf<'team'>>
  sendTraining: Send<TypesOf<'training'>>
  sendAchievement: Send<TypesOf<'achievement'>>
  /** To one person. Without a type it is plain words under a title. */
  sendPersonalMessage(userId: string, message: Message, options?: SendOptions): Promise<SendResult>
  /** To everybody at a location, or to those with a role. Without a type it is plain words under a title. */
  sendLocationMessage(
    locationId: string,
    message: Message & { roles?: Role[] },
    options?: SendOptions,
  ): Promise<SendResult>
  /** Anything to anybody. */
  sendNotification(notice: Notice, options?: SendOptions): Promise<SendResult>
  /** Any number, in as few requests as they fit. Item i has the key `<idempotencyKey>:<i>` if it has none of its own. */
  sendBatch(notices: readonly BatchNotice[], options?: SendOptions): Promise<BatchResult[]>
  /**
   * [NO7] A live event for pages that are open and listen; answers how many sockets that were. It is stored nowhere
   * and tried once: a late one is worth nothing, and it has no key that keeps it from being heard twice.
   */
  sendEvent(event: EventBody): Promise<EventAnswer>
}

/** Sends as a service key of yours does (AU2). Make one and keep it: its calls share a token. */
export function createSender(options: SenderOptions): Sender {
  const key = { clientId: given(options, 'clientId'), clientSecret: given(options, 'clientSecret') }
  const ground: Ground = {
    clock: options.clock ?? systemClock(),
    random: options.random ?? Math.random,
    limits: { ...DEFAULT_LIMITS, ...options.retry },
  }
  const wire = {
    base: baseOf(given(options, 'url')),
    // Looked up at each call, so that what takes the global's place later (a tracer, a mock) is called.
    fetch: options.fetch ?? ((...request) => fetch(...request)),
    clock: ground.clock,
  } satisfies Wire
  const newKey = options.newKey ?? (() => crypto.randomUUID())
  return verbsOf(ground, createAttempt(ground, wire, key), newKey)
}

function verbsOf(ground: Ground, attempt: Attempt, newKey: () => string): Sender {
  const keyOf = ({ idempotencyKey = newKey() }: SendOptions = {}) => {
    checkKey(idempotencyKey)
    return idempotencyKey
  }
  const send = async (notice: unknown, options?: SendOptions) => {
    const headers = { 'idempotency-key': keyOf(options) }
    checkNotice(notice)
    const request = { path: '/notifications', body: JSON.stringify(notice), headers }
    const { value, replayed } = await tryAgain(ground, (timeoutMs) =>
      attempt({ ...request, answer: Accepted, timeoutMs }),
    )
    return resultOf(value, replayed)
  }
  const only = (category: Category) => async (notice: Notice, options?: SendOptions) => {
    checkCategory(notice, category)
    return send(notice, options)
  }
  return {
    sendAppointmentNotification: only('appointment'),
    sendPerformanceAlert: only('performance'),
    sendTeamUpdate: only('team'),
    sendTraining: only('training'),
    sendAchievement: only('achievement'),
    sendPersonalMessage: (userId, message, options) =>
      send({ ...message, type: typeOf(message), to: { user_id: userId } }, options),
    sendLocationMessage: (locationId, { roles, ...message }, options) => {
      const to = { location_id: locationId, ...(roles && { roles }) }
      return send({ ...message, type: typeOf(message), to }, options)
    },
    sendNotification: send,
    sendEvent: async (event) => {
      checkEvent(event)
      const once = { ...ground, limits: { ...ground.limits, maxAttempts: 1 } }
      const request = { path: '/events', body: JSON.stringify(event), answer: EventAnswer }
      const { value } = await tryAgain(once, (timeoutMs) => attempt({ ...request, timeoutMs }))
      return value
    },
    sendBatch: async (notices, options) => sendBatch(ground, attempt, notices, keyOf(options)),
  }
}

const typeOf = ({ type = 'custom' }: { type?: NotificationType }) => type

/** The types say so already; a caller in JavaScript hears it too. */
function checkCategory({ type }: Notice, category: Category): void {
  if (!String(type).startsWith(`${category}.`)) {
    throw invalid([{ pointer: '/type', message: `is not a type of ${category}` }])
  }
}

/** An environment variable that is not set is found here, not by the first booking. */
function given(options: SenderOptions, name: 'url' | keyof ServiceKey): string {
  const value: unknown = options[name]
  if (typeof value === 'string' && value !== '') return value
  throw new TypeError(`createSender needs ${name}`)
}

function baseOf(url: string): string {
  if (!/^https?:\/\/[^/?#]+/.test(url)) {
    throw new TypeError('createSender needs a url like https://bell.example')
  }
  return url.replace(/\/+$/, '')
}
