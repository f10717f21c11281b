// A browser's side of a subscription: its keys, and two ways to read what was sent to them. `http_ece` is somebody else's
// code; `readByHand` is RFC 8291 and RFC 8188 step by step on Node's own functions, and shares no line with either.
import { createDecipheriv, createECDH, hkdfSync, randomBytes, type ECDH } from 'node:crypto'
import { decrypt } from 'http_ece'

export interface BrowserKeys {
  ecdh: ECDH
  auth: Buffer
  keys: { p256dh: string; auth: string }
}

export function makeBrowserKeys(privateKey?: Buffer, auth = randomBytes(16)): BrowserKeys {
  const ecdh = createECDH('prime256v1')
  if (privateKey) ecdh.setPrivateKey(privateKey)
  else ecdh.generateKeys()
  const p256dh = ecdh.getPublicKey().toString('base64url')
  return { ecdh, auth, keys: { p256dh, auth: auth.toString('base64url') } }
}

export const readByHttpEce = (body: Uint8Array, { ecdh, auth }: BrowserKeys): string =>
  decrypt(Buffer.from(body), {
    version: 'aes128gcm',
    privateKey: ecdh,
    authSecret: auth.toString('base64url'),
  }).toString('utf8')

export function readByHand(bytes: Uint8Array, { ecdh, auth }: BrowserKeys): string {
  const body = Buffer.from(bytes)
  const salt = body.subarray(0, 16)
  const recordSize = body.readUInt32BE(16)
  const idLength = body.readUInt8(20)
  const sender = body.subarray(21, 21 + idLength)
  const record = body.subarray(21 + idLength)
  if (record.length > recordSize) throw new Error('more than one record')
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), ecdh.getPublicKey(), sender])
  const derive = (ikm: Buffer, by: Buffer, what: Buffer | string, length: number) =>
    Buffer.from(hkdfSync('sha256', ikm, by, what, length))
  const ikm = derive(ecdh.computeSecret(sender), auth, info, 32)
  const key = derive(ikm, salt, 'Content-Encoding: aes128gcm\0', 16)
  const nonce = derive(ikm, salt, 'Content-Encoding: nonce\0', 12)
  const decipher = createDecipheriv('aes-128-gcm', key, nonce)
  decipher.setAuthTag(record.subarray(-16))
  const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()])
  const end = padded.findLastIndex((byte: number) => byte !== 0)
  if (padded[end] !== 2) throw new Error('the last record does not end with its delimiter')
  return padded.subarray(0, end).toString('utf8')
}
