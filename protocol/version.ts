/** The protocol a socket speaks (WS3). Raise it when a frame changes in a way that an older client cannot ignore. */
export const PROTOCOL_VERSION = 1

/** The subprotocol that a browser offers and the hub names in its answer (AU5). */
export const SUBPROTOCOL = 'shopbell.v1'

/** The second subprotocol a browser offers carries its access token behind this prefix (AU5). */
export const BEARER_SUBPROTOCOL_PREFIX = 'bearer.'
