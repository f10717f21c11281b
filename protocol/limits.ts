// Every number that a client can run into. Units are in the names; rules in brackets.

/** [WS3] One text on a socket, both ways. */
export const MAX_FRAME_BYTES = 64 * 1024

/** [CO6] A request body; the batch route takes more. */
export const MAX_BODY_BYTES = 64 * 1024
export const MAX_BATCH_BODY_BYTES = 1024 * 1024

/** [NO3] One notification as JSON: small enough that any entry fits one socket text with its frame. */
export const MAX_NOTIFICATION_BYTES = 48 * 1024

/** [NO3] Items of one batch request. */
export const MAX_BATCH_ITEMS = 500

/** [CO4] Page size of a list. */
export const DEFAULT_PAGE = 20
export const MAX_PAGE = 100

/** [CO5] */
export const MAX_IDEMPOTENCY_KEY_CHARS = 255

/** [NO3] */
export const MAX_TITLE_CHARS = 200
export const MAX_MESSAGE_CHARS = 4_000
export const MAX_COLLAPSE_KEY_CHARS = 64
export const MAX_ACTIONS = 3

/** [IN2] Ids one `read` frame may name. */
export const MAX_IDS_PER_FRAME = 200

/** [WS4] Resume replays at most this far back; beyond it the client takes a snapshot. */
export const MAX_RESUME_SEQS = 500

/** [WS5] A client that misses a pong for this long reconnects; after a wake-up it waits less. */
export const PONG_TIMEOUT_MS = 10_000
export const WAKE_PONG_TIMEOUT_MS = 2_000

/** [WS5] The heartbeat: exact texts, answered by the runtime while the hub sleeps. */
export const PING = 'ping'
export const PONG = 'pong'

/** [WS6] Silent for this many heartbeat intervals counts as gone. */
export const STALE_INTERVALS = 2.5

/** [WS9] More bad frames than this in a minute end the socket with 4500. */
export const MAX_BAD_FRAMES_PER_MINUTE = 10

/** [WS10] Token bucket of one socket. */
export const FRAME_BURST = 100
export const FRAMES_PER_SECOND = 20

/** [NO7] Types of live event that one socket may listen to. */
export const MAX_SUBSCRIPTIONS = 32

/** [WS12] Entries sent since the last acknowledgement before a socket counts as a slow consumer. */
export const MAX_UNACKED_ENTRIES = 1_000

/** [WS8] The reason of a close frame: a 125-byte control frame less the 2-byte code (RFC 6455, 5.5). */
export const MAX_CLOSE_REASON_BYTES = 123

/** [AU1] An access token lives at most this long. */
export const MAX_TOKEN_SECONDS = 900

/** [TR1] Presence entries in a welcome. */
export const MAX_PRESENCE_IN_WELCOME = 200

/** [NO5] `deliver_at` up to this far in the past still counts as now. */
export const DELIVER_AT_GRACE_MS = 60_000

/** [RE3] A push subscription's address, and how many devices one person may have; one more ends the one confirmed longest ago. */
export const MAX_ENDPOINT_CHARS = 2_048
export const MAX_PUSH_DEVICES = 16
