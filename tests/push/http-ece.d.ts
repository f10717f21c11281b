// The parts of http_ece (no types of its own) that tests use.
declare module 'http_ece' {
  import type { ECDH } from 'node:crypto'
  interface Keys {
    version: 'aes128gcm'
    privateKey: ECDH
    authSecret: string | Buffer
  }
  export function decrypt(body: Buffer, keys: Keys): Buffer
}
