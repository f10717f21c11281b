// [RE3] Who we are to push services (RFC 8292): one P-256 key of the deployment.

export interface Vapid {
  /** Uncompressed point as base64url: what a page subscribes with. */
  publicKey: string
  privateKey: string
  subject: string
}

/** Order of P-256: a private key lies below it, and above zero. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** 32 bytes as base64url that are a private key of P-256. */
export function isVapidKey(text: string): boolean {
  if (!/^[A-Za-z0-9_-]{43}$/.test(text)) return false
  const value = bytesOf(text).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  return value > 0n && value < ORDER
}

/** PKCS #8 of a P-256 key up to its 32 bytes, without the public part: importing works that out. */
const PKCS8_HEAD = '3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420'

/** Throws for what is no key; settings are checked before anybody gets here. */
export async function openVapid(privateKey: string, subject: string): Promise<Vapid> {
  const head = (PKCS8_HEAD.match(/../g) ?? []).map((hex) => Number.parseInt(hex, 16))
  const pkcs8 = new Uint8Array([...head, ...bytesOf(privateKey)])
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign'])
  const { x = '', y = '' } = (await crypto.subtle.exportKey('jwk', key)) as JsonWebKey
  const point = new Uint8Array([4, ...bytesOf(x), ...bytesOf(y)])
  return { publicKey: base64url(point), privateKey, subject }
}

/** Is it a point of P-256? Its shape was checked before. */
export async function isPoint(p256dh: string): Promise<boolean> {
  const algorithm = { name: 'ECDH', namedCurve: 'P-256' }
  try {
    await crypto.subtle.importKey('raw', bytesOf(p256dh), algorithm, false, [])
    return true
  } catch {
    return false
  }
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) =>
    char.charCodeAt(0),
  )

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
