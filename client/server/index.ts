// `shopbell/server`: sends from a server of yours, in Node or a worker.
export { ShopbellError, type ClientErrorCode } from '../errors.ts'
export { fromLegacy, LEGACY_TYPES, type LegacyFields } from './legacy.ts'
export type { RetryLimits } from './retry.ts'
export { createSender, type Sender, type SenderOptions } from './sender.ts'
export type {
  BatchNotice,
  BatchResult,
  Content,
  DataOf,
  Message,
  Notice,
  SendOptions,
  SendResult,
  To,
  TypesOf,
} from './sends.ts'
