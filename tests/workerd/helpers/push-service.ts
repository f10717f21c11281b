// The push services of browsers, as far as Shopbell sees them, and browsers that read what came. Nothing leaves the machine.
import { expect, vi } from 'vitest'
import { must } from './api.ts'
import { letPass } from './faults.ts'
import { eventually } from './hubs.ts'
import { send } from './sends.ts'

const HOST = 'updates.push.services.mozilla.com'

interface Message {
  web_push: number
  notification: {
    title: string
    body?: string
    tag: string
    navigate: string
    data: { priority: string; replaces?: string }
  }
  app_badge?: number
}

export interface Received {
  headers: Headers
  message: Message
}

type Answer = (request: RequestInit) => Response | Promise<Response>

export const answers =
  (status: number, headers: Record<string, string> = {}) =>
  () =>
    new Response(null, { status, headers })

/** Takes the request and says nothing, until whoever asked gives up. */
export const hangs: Answer = ({ signal }) =>
  new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(new Error('given up')))
  })

/** One subscription of a browser. */
export class Browser {
  readonly endpoint = `https://${HOST}/wpush/v2/${crypto.randomUUID()}`
  /** Everything that was taken or refused, oldest first. */
  readonly received: Received[] = []
  /** How the service answers what is sent here. */
  answer: Answer = answers(201)
  readonly #pair: CryptoKeyPair
  readonly #auth = crypto.getRandomValues(new Uint8Array(16))
  readonly #point: Uint8Array

  private constructor(pair: CryptoKeyPair, point: Uint8Array) {
    this.#pair = pair
    this.#point = point
  }

  static async make(): Promise<Browser> {
    const curve = { name: 'ECDH', namedCurve: 'P-256' }
    const pair = (await crypto.subtle.generateKey(curve, true, ['deriveBits'])) as CryptoKeyPair
    const point = await crypto.subtle.exportKey('raw', pair.publicKey)
    return new Browser(pair, new Uint8Array(point as ArrayBuffer))
  }

  /** As `PushSubscription.toJSON()`. */
  get subscription() {
    const keys = { p256dh: base64url(this.#point), auth: base64url(this.#auth) }
    return { endpoint: this.endpoint, expirationTime: null, keys }
  }

  get titles(): string[] {
    return this.received.map(({ message }) => message.notification.title)
  }

  /** Subscribes a person's device. */
  async subscribe(token: string, device = 'phone', headers: Record<string, string> = {}) {
    const route = `PUT /api/v1/push/subscriptions/${device}`
    return must(route, { token, body: this.subscription, headers })
  }

  async take(request: RequestInit): Promise<Response> {
    const message = JSON.parse(await this.#read(request.body as Uint8Array)) as Message
    this.received.push({ headers: new Headers(request.headers), message })
    return this.answer(request)
  }

  /** RFC 8291, on the runtime's own functions. */
  async #read(body: Uint8Array): Promise<string> {
    const [salt, sender, record] = [body.slice(0, 16), body.slice(21, 86), body.slice(86)]
    const curve = { name: 'ECDH', namedCurve: 'P-256' }
    const theirs = await crypto.subtle.importKey('raw', sender, curve, true, [])
    const shared = await crypto.subtle.deriveBits(
      { name: 'ECDH', public: theirs } as unknown as SubtleCryptoDeriveKeyAlgorithm,
      this.#pair.privateKey,
      256,
    )
    const info = joined(bytes('WebPush: info\0'), this.#point, sender)
    const ikm = await hkdf(new Uint8Array(shared), this.#auth, info, 32)
    const key = await hkdf(ikm, salt, bytes('Content-Encoding: aes128gcm\0'), 16)
    const iv = await hkdf(ikm, salt, bytes('Content-Encoding: nonce\0'), 12)
    const aes = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt'])
    const padded = new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, aes, record))
    return new TextDecoder().decode(padded.slice(0, padded.lastIndexOf(2)))
  }
}

export class PushService {
  readonly #browsers = new Map<string, Browser>()

  /** Answers in place of the network; everything else goes where it goes. */
  serve(): this {
    const network = globalThis.fetch
    vi.stubGlobal('fetch', async (input: RequestInfo | URL, init: RequestInit = {}) => {
      if (typeof input !== 'string' || !/^https:\/\/[\w.]+\/(wpush|fcm)\//.test(input)) {
        return network(input as string, init)
      }
      const browser = this.#browsers.get(input)
      return browser ? browser.take(init) : new Response(null, { status: 201 })
    })
    return this
  }

  async browser(): Promise<Browser> {
    const browser = await Browser.make()
    this.#browsers.set(browser.endpoint, browser)
    return browser
  }
}

/** Was called with these titles, and no others so far. */
export const assertCalled = (browser: Browser, ...titles: string[]) =>
  eventually(() => expect(browser.titles).toEqual(titles))

/** Sends something that this browser must be called for: what was before it has been decided by then. */
export async function assertNothingElse(user_id: string, browser: Browser, ...titles: string[]) {
  await send({ user_id }, { title: 'The last' })
  await letPass(60_000)
  await assertCalled(browser, ...titles, 'The last')
}

async function hkdf(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number) {
  const key = await crypto.subtle.importKey('raw', ikm, 'HKDF', false, ['deriveBits'])
  const algorithm = { name: 'HKDF', hash: 'SHA-256', salt, info }
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, length * 8))
}

const bytes = (text: string) => new TextEncoder().encode(text)

const joined = (...parts: Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]))

const base64url = (of: Uint8Array) =>
  btoa(String.fromCharCode(...of))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
