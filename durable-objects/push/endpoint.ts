// [RE3] Which addresses a push may be sent to. A subscription comes from outside and the server calls what it names, so only
// the push services of browsers are let through, when it is saved and again when it is used.
import { MAX_ENDPOINT_CHARS } from '../../protocol/limits.ts'

/** Names of hosts; with a leading dot any name below it. */
const SERVICES = [
  'fcm.googleapis.com', // Chrome, Edge on Android, Samsung Internet
  'android.googleapis.com', // Chrome, subscribed long ago
  'updates.push.services.mozilla.com', // Firefox
  '.push.services.mozilla.com',
  '.push.apple.com', // Safari: any subdomain, says Apple
  '.notify.windows.com', // Edge on Windows
]

export type CheckedEndpoint =
  | {
      ok: true
      /** As the subscription names it: VAPID is for this address. */
      endpoint: string
      /** Where the request goes. */
      target: string
    }
  | { ok: false; why: string }

/**
 * `loopback` is the origin of a push service on this machine (a setting of development), like `http://127.0.0.1:8091`.
 * Browsers accept endpoints with https only: such a one passes with its host and port, and is called as `loopback` says.
 */
export function checkEndpoint(text: string, loopback: string | null): CheckedEndpoint {
  const refused = (why: string) => ({ ok: false, why }) as const
  if (text.length > MAX_ENDPOINT_CHARS) {
    return refused(`must have at most ${MAX_ENDPOINT_CHARS} characters`)
  }
  if (!URL.canParse(text)) return refused('must be a URL')
  const url = new URL(text)
  if (url.protocol !== 'https:') return refused('must begin with https://')
  if (url.username !== '' || url.password !== '') return refused('must not hold credentials')
  if (url.hash !== '') return refused('must not hold a fragment')
  if (loopback !== null && url.origin === loopback.replace('http:', 'https:')) {
    return { ok: true, endpoint: url.href, target: url.href.replace('https:', 'http:') }
  }
  if (url.port !== '') return refused('must not name a port')
  if (!SERVICES.some((service) => isOf(url.hostname, service))) {
    return refused('is not of a known push service')
  }
  return { ok: true, endpoint: url.href, target: url.href }
}

const isOf = (host: string, service: string): boolean =>
  service.startsWith('.')
    ? host.endsWith(service) && host.length > service.length
    : host === service
