// The identity provider of a shop platform, as far as Shopbell sees it: keys at an address, and tokens signed with them.
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import { vi } from 'vitest'
import { now } from '../../../durable-objects/clock.ts'

export const PLATFORM = {
  PLATFORM_JWKS_URL: 'https://id.shop.example/.well-known/jwks.json',
  PLATFORM_ISSUER: 'https://id.shop.example',
  PLATFORM_AUDIENCE: 'shopbell',
} as const

interface Key {
  alg: string
  kid: string
  privateKey: CryptoKey
  publicKey: CryptoKey
  jwk: JWK
}

export async function makeKey(alg: string, kid: string): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { alg, kid, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), alg, kid } }
}

export class IdentityProvider {
  keys: Key[] = []
  up = true
  /** How often its keys were fetched. */
  fetches = 0

  /** Answers in place of the network; everything else goes where it goes. */
  serve(): void {
    const network = globalThis.fetch
    vi.stubGlobal('fetch', async (input: RequestInfo | URL, init?: RequestInit) => {
      if (input !== PLATFORM.PLATFORM_JWKS_URL) return network(input as string, init)
      this.fetches += 1
      if (!this.up) return new Response('', { status: 503 })
      return Response.json({ keys: this.keys.map(({ jwk }) => jwk) })
    })
  }

  /** A token as it gives one to its people; what is `undefined` is left out. */
  async token(sub: string, claims: Record<string, unknown> = {}, key = this.keys[0]) {
    if (key === undefined) throw new Error('the provider has no key')
    return new SignJWT(claimsFor(sub, claims))
      .setProtectedHeader({ alg: key.alg, kid: key.kid })
      .sign(key.privateKey)
  }
}

/** [RFC 8725, 2.1] Signed with the public key as if it were a shared secret. */
export async function confusedToken(sub: string, { publicKey, kid }: Key): Promise<string> {
  const secret = new TextEncoder().encode(await exportSPKI(publicKey))
  return new SignJWT(claimsFor(sub, {})).setProtectedHeader({ alg: 'HS256', kid }).sign(secret)
}

/** [RFC 8725, 2.1] Not signed at all. */
export function unsignedToken(sub: string): string {
  const part = (value: object) =>
    btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
  return `${part({ alg: 'none' })}.${part(claimsFor(sub, {}))}.`
}

function claimsFor(sub: string, more: Record<string, unknown>): Record<string, unknown> {
  const seconds = Math.floor(now() / 1_000)
  const { PLATFORM_ISSUER: iss, PLATFORM_AUDIENCE: aud } = PLATFORM
  const claims = { iss, aud, sub, iat: seconds, exp: seconds + 300, ...more }
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))
}
