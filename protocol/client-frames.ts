// What a client may say on a socket (spec, section 3). One union shows the whole upward wire.
import * as v from 'valibot'
import { EventType } from './events.ts'
import { Seq, SeqMap, Uuid } from './ids.ts'
import { MAX_IDS_PER_FRAME } from './limits.ts'

/** [WS9] A frame that carries `id` is answered with `ok` or `error` naming it in `re`. */
const id = v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(64)))

/** [WS12] The newest seq that this device has. */
export const AckFrame = v.object({ type: v.literal('ack'), id, seq: Seq })

/** [WS11] A fresh token of the same subject, for a socket that stays open. */
export const AuthFrame = v.object({
  type: v.literal('auth'),
  id,
  token: v.pipe(v.string(), v.minLength(1), v.maxLength(8192)),
})

export const StateFrame = v.object({ type: v.literal('state'), id, visible: v.boolean() })

/** [IN2] The inbox was open on everything up to here. Own stream only. */
export const SeenFrame = v.object({ type: v.literal('seen'), id, up_to: SeqMap })

/** [IN2] Own stream only. */
export const ReadFrame = v.object({
  type: v.literal('read'),
  id,
  notification_ids: v.pipe(v.array(Uuid), v.minLength(1), v.maxLength(MAX_IDS_PER_FRAME)),
})

/** [NO7] Live events of one type, for this socket; survives hibernation. */
export const SubscribeFrame = v.object({
  type: v.literal('subscribe'),
  id,
  event_type: EventType,
})
export const UnsubscribeFrame = v.object({
  type: v.literal('unsubscribe'),
  id,
  event_type: EventType,
})

export const ClientFrame = v.variant('type', [
  AckFrame,
  AuthFrame,
  StateFrame,
  SeenFrame,
  ReadFrame,
  SubscribeFrame,
  UnsubscribeFrame,
])
export type ClientFrame = v.InferOutput<typeof ClientFrame>

/** Frames of the specification that later parts of Shopbell bring (CO8): answered `not_available`, not a bad frame. */
export const LATER_FRAMES: ReadonlySet<string> = new Set(['typing', 'message', 'receipt'])
