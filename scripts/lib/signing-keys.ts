import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'

/** Kept beside the state, so that tokens outlive a restart on the same storage. */
export async function readOrMakeSigningKeys(stateDir: string): Promise<string> {
  const file = join(stateDir, 'signing-keys.json')
  if (existsSync(file)) return readFileSync(file, 'utf8')
  const keys = await makeSigningKeys()
  // Written whole or not at all: half a key set would lock every later start out.
  writeFileSync(`${file}.new`, keys, { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return keys
}

export async function makeSigningKeys(): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(privateKey)
  const kid = await calculateJwkThumbprint(jwk)
  return JSON.stringify({ keys: [{ ...jwk, kid, alg: 'ES256', use: 'sig' }] })
}
