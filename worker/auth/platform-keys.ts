// [AU2] The keys of the platform's identity provider, as one isolate holds them.
// jose's createRemoteJWKSet would do, but on this runtime it lets each request of a flood fetch for itself, and asks a
// provider that is down once for every request.
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'

/** A key that the provider has withdrawn is trusted this long at most. */
const MAX_AGE_MS = 10 * 60_000
/** A token with an unknown key may be of a key that is new; anybody can make one up, so this is the shortest time between. */
const COOLDOWN_MS = 30_000
/** After a fetch that failed. */
const RETRY_MS = 5_000
const TIMEOUT_MS = 3_000
const MAX_BYTES = 128 * 1024

/** The provider does not answer, or not with keys. */
export class KeysUnavailable extends Error {
  override name = 'KeysUnavailable'
}

export interface PlatformKeysDeps {
  fetch(url: string, init: RequestInit): Promise<Response>
  now(): number
  /** Waits at most so long; rejects then. */
  within<T>(ms: number, promise: Promise<T>): Promise<T>
}

/** Fetches at most once per cooldown, whatever comes, and never twice at the same time. */
export class PlatformKeys {
  #url: string
  #deps: PlatformKeysDeps
  #keys: JWTVerifyGetKey | null = null
  #fetchedAt = 0
  /** The last try, good or not. */
  #tried: { at: number; failed: boolean } | null = null
  #flight: Promise<void> | null = null

  constructor(url: string, deps: PlatformKeysDeps) {
    this.#url = url
    this.#deps = deps
  }

  /** For jose's jwtVerify. Rejects with jose's errors for a token without a key, with {@link KeysUnavailable} without keys. */
  readonly keyFor: JWTVerifyGetKey = async (header, token) => {
    if (!this.#isFresh()) await this.#fetch()
    if (!this.#isFresh() || this.#keys === null) throw new KeysUnavailable('no keys')
    try {
      return await this.#keys(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || this.#isCoolingDown()) throw error
      await this.#fetch()
      return this.#keys(header, token)
    }
  }

  #isFresh(): boolean {
    return this.#keys !== null && this.#since(this.#fetchedAt) < MAX_AGE_MS
  }

  #isCoolingDown(): boolean {
    if (this.#flight !== null || this.#tried === null) return false
    const { at, failed } = this.#tried
    return this.#since(at) < (failed ? RETRY_MS : COOLDOWN_MS)
  }

  /** The clock of development goes back, too (AR8). */
  #since(at: number): number {
    return Math.abs(this.#deps.now() - at)
  }

  async #fetch(): Promise<void> {
    if (this.#flight === null) {
      if (this.#isCoolingDown()) return
      this.#tried = { at: this.#deps.now(), failed: true }
      const flight = this.#load().finally(() => {
        if (this.#flight === flight) this.#flight = null
      })
      this.#flight = flight
    }
    // The request that began may be gone; those who wait with it are not held up by that.
    await this.#deps.within(TIMEOUT_MS, this.#flight).catch(() => {
      this.#flight = null
    })
  }

  async #load(): Promise<void> {
    const at = this.#deps.now()
    const response = await this.#deps.fetch(this.#url, {
      headers: { Accept: 'application/jwk-set+json, application/json' },
      // Elsewhere is not where the operator said.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new KeysUnavailable(`the provider answers ${response.status}`)
    }
    this.#keys = createLocalJWKSet(await readKeySet(response))
    this.#fetchedAt = at
    this.#tried = { at, failed: false }
  }
}

/** createLocalJWKSet checks the shape, and throws for what is none. */
async function readKeySet(response: Response): Promise<JSONWebKeySet> {
  const body = await response.arrayBuffer()
  if (body.byteLength > MAX_BYTES) throw new KeysUnavailable('the key set is too large')
  return JSON.parse(new TextDecoder().decode(body)) as JSONWebKeySet
}
