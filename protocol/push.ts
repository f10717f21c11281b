// [RE1][RE3] Web Push: what a browser's subscription is, and how a person's devices are doing.
import * as v from 'valibot'
import { DeviceId } from './ids.ts'
import { MAX_ENDPOINT_CHARS } from './limits.ts'

/** An uncompressed P-256 point, as `PushSubscription.toJSON()` writes it. */
const Point = v.pipe(
  v.string(),
  v.regex(
    /^B[A-P][A-Za-z0-9_-]{84}[AEIMQUYcgkosw048]$/,
    'must be an uncompressed P-256 point (65 bytes) as base64url',
  ),
)

const AuthSecret = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_-]{21}[AQgw]$/, 'must be 16 bytes as base64url'),
)

/** What a browser's `PushSubscription` says of itself as JSON; it is sent as it comes. */
export const PushSubscriptionBody = v.strictObject({
  endpoint: v.pipe(v.string(), v.maxLength(MAX_ENDPOINT_CHARS)),
  expirationTime: v.optional(v.nullable(v.number())),
  keys: v.strictObject({ p256dh: Point, auth: AuthSecret }),
})
export type PushSubscriptionBody = v.InferOutput<typeof PushSubscriptionBody>

/** The `applicationServerKey` that a page subscribes with (RFC 8292). */
export const PushKey = v.object({ public_key: v.string() })
export type PushKey = v.InferOutput<typeof PushKey>

/** [RE3] One device, and how its push service has taken what was sent to it. */
export const PushDevice = v.object({
  device: DeviceId,
  /** The host of its push service; null once it is gone. */
  service: v.nullable(v.string()),
  since: v.string(),
  last_success_at: v.nullable(v.string()),
  last_error_at: v.nullable(v.string()),
  /** In plain words. */
  last_error: v.nullable(v.string()),
  /** The push service said that the subscription has ended. */
  gone_at: v.nullable(v.string()),
})
export type PushDevice = v.InferOutput<typeof PushDevice>

export const PushDeviceList = v.object({ data: v.array(PushDevice) })
export type PushDeviceList = v.InferOutput<typeof PushDeviceList>

/** Without a device: all of them. */
export const PushTestBody = v.strictObject({ device: v.optional(DeviceId) })
export type PushTestBody = v.InferOutput<typeof PushTestBody>

/** `error` is null where the push service took it. */
export const PushTestAnswer = v.object({
  results: v.array(v.object({ device: DeviceId, error: v.nullable(v.string()) })),
})
export type PushTestAnswer = v.InferOutput<typeof PushTestAnswer>
