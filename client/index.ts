// `shopbell/client`: the framework-free client.
export type * from './types.ts'
export { createConnection, type ConnectionOptions } from './connection.ts'
export { createShopbell } from './create-shopbell.ts'
export { ShopbellError, type ClientErrorCode } from './errors.ts'
export { createInbox, type InboxOptions } from './inbox.ts'
export { createApi, type ApiOptions } from './rest.ts'
export { browserHints, NO_HINTS, systemClock } from './system.ts'
export { createTokenSource } from './tokens.ts'
