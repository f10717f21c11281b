// `shopbell/client`: the framework-free client.
import type { Shopbell, ShopbellOptions } from './types.ts'

export type * from './types.ts'
export { ShopbellError, type ClientErrorCode } from './errors.ts'

/** One person's Shopbell in one window: REST, socket and inbox with one token. `start` opens it. */
export function createShopbell(_options: ShopbellOptions): Shopbell {
  throw new Error('createShopbell is being built')
}
