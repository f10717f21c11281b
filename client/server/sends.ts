// What can be sent, as types: each row of the protocol's table (NO2) says at compile time what its data holds.
import type * as v from 'valibot'
import type { NOTIFICATION_TYPES, NotificationType } from '../../protocol/notification-types.ts'
import type { Role, Send } from '../../protocol/notification.ts'
import type { ShopbellError } from '../errors.ts'

type Row<T extends NotificationType> = (typeof NOTIFICATION_TYPES)[T]

/** The types of a category: `TypesOf<'training'>` is `training.course_completed` and its sisters. */
export type TypesOf<C extends string> = Extract<NotificationType, `${C}.${string}`>

/** What `data` of a type must hold. Other keys are allowed and kept. */
export type DataOf<T extends NotificationType> = v.InferInput<Row<T>['data']>

/** [NO3] Exactly one of the three. */
export type To =
  | { user_id: string; location_id?: never; roles?: never; all?: never }
  | { location_id: string; roles?: Role[]; user_id?: never; all?: never }
  | { all: true; user_id?: never; location_id?: never; roles?: never }

interface Texts {
  title: string
  message: string
}

/** A text that the data cannot say must be given; all others are optional. */
type RequiredText<T extends NotificationType> =
  Row<T> extends { required: infer Name extends keyof Texts } ? Name : never
type TextsOf<T extends NotificationType> = Required<Pick<Texts, RequiredText<T>>> &
  Partial<Omit<Texts, RequiredText<T>>>

/** Types that ask nothing of `data` may leave it out. */
type DataField<T extends NotificationType> =
  Record<string, never> extends DataOf<T> ? { data?: DataOf<T> } : { data: DataOf<T> }

type Settings = Omit<v.InferInput<typeof Send>, 'to' | 'type' | 'title' | 'message' | 'data'>

type ContentOfOne<T extends NotificationType> = T extends NotificationType
  ? { type: T } & TextsOf<T> & DataField<T> & Settings
  : never

/** A notification without its recipient. */
export type Content<T extends NotificationType = NotificationType> = ContentOfOne<T>

/** [NO3] A notification as it is sent. */
export type Notice<T extends NotificationType = NotificationType> = { to: To } & Content<T>

/** One of a batch; its own key holds over the batch's. */
export type BatchNotice = Notice & { idempotency_key?: string }

/** Plain words are a message too: without a type it is `custom`, which needs a title. */
export type Message = Content | (Omit<Content<'custom'>, 'type'> & { type?: never })

export interface SendOptions {
  /**
   * [CO5] Sends with the same key and content are one send, also from another process and another day. Give what
   * your own system calls the occasion (`booking-4711-created`); without one each call gets a key of its own.
   */
  idempotencyKey?: string
}

export interface SendResult {
  id: string
  status: 'sent' | 'scheduled' | 'broadcasting'
  /** Where it stands. A scheduled one has no seq yet, a broadcast neither of them. */
  stream: string | null
  seq: number | null
  /** False: it is delivered, and the archive follows (AR2). */
  archived: boolean
  /** It had been sent before with this key, and nothing happened twice. */
  replayed: boolean
}

/** What became of one item; `index` is its place in what was given. */
export type BatchResult =
  | ({ ok: true; index: number } & SendResult)
  | { ok: false; index: number; error: ShopbellError }
