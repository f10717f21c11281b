import { exportJWK, generateKeyPair } from 'jose'
import { readOrMake } from './kept-key.ts'

/** Browsers that subscribed stay subscribed after a restart on the same storage. */
export const readOrMakeVapidKey = (stateDir: string): Promise<string> =>
  readOrMake(stateDir, 'vapid-private-key', makeVapidKey)

/** The setting VAPID_PRIVATE_KEY: a private P-256 key as base64url. */
export async function makeVapidKey(): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const { d } = await exportJWK(privateKey)
  if (d === undefined) throw new TypeError('the key has no private part')
  return d
}
