// Secrets of service keys (AU2). They are long and random, so one SHA-256 is what it takes: there is nothing to guess.
import { toHex } from '../hex.ts'

/** What is stored of a secret. */
export const hashSecret = async (secret: string): Promise<string> =>
  toHex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret)))

/** Compares in a time that says nothing about where two hashes differ. Without a stored one it takes as long. */
export async function isSecret(secret: string, storedHash: string | null): Promise<boolean> {
  const given = new TextEncoder().encode(await hashSecret(secret))
  const stored = new TextEncoder().encode(storedHash ?? '0'.repeat(64))
  if (given.byteLength !== stored.byteLength) return false
  return crypto.subtle.timingSafeEqual(given, stored) && storedHash !== null
}
