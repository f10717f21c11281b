import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import { readOrMake } from './kept-key.ts'

/** Tokens outlive a restart on the same storage. */
export const readOrMakeSigningKeys = (stateDir: string): Promise<string> =>
  readOrMake(stateDir, 'signing-keys.json', makeSigningKeys)

export async function makeSigningKeys(): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(privateKey)
  const kid = await calculateJwkThumbprint(jwk)
  return JSON.stringify({ keys: [{ ...jwk, kid, alg: 'ES256', use: 'sig' }] })
}
