// [RE3] What a device is told: Declarative Web Push, which browsers that do not know it hand to the service worker as it is.
import type { Priority } from '../../protocol/notification-types.ts'

/** What fits one record of 4,096 bytes beside its header (RFC 8291, 8188): more no push service has to take. */
export const MAX_PAYLOAD_BYTES = 3_993

export interface Shown {
  /** [RE1] The entry's id: what arrives later on a socket, or again as a push, takes its place. */
  tag: string
  title: string
  body: string
  /** Absolute: where a click leads. */
  navigate: string
  /** Milliseconds. */
  at: number
  priority: Priority
  /** The id of the one that it takes the place of (NO6). */
  replaces: string | null
  /** The number on the app's icon; null: not known, and left as it is. */
  badge: number | null
}

/** JSON of at most {@link MAX_PAYLOAD_BYTES}; a body that does not fit is cut, and shows that it was. */
export function pushPayload(shown: Shown): string {
  const points = [...shown.body]
  const write = (kept: number) =>
    messageOf(
      shown,
      kept === points.length ? shown.body : `${points.slice(0, kept).join('').trimEnd()}…`,
    )
  if (fits(write(points.length))) return write(points.length)
  let [some, tooMany] = [0, points.length]
  while (tooMany - some > 1) {
    const middle = Math.floor((some + tooMany) / 2)
    if (fits(write(middle))) some = middle
    else tooMany = middle
  }
  return write(some)
}

/** For a service that took the payload for too large (413): that there is something, and where. */
export const barePayload = (shown: Shown): string => messageOf(shown, '')

function messageOf(shown: Shown, body: string): string {
  const { tag, title, navigate, at, priority, replaces, badge } = shown
  return JSON.stringify({
    web_push: 8030,
    notification: {
      title,
      ...(body !== '' && { body }),
      dir: 'auto',
      tag,
      navigate,
      timestamp: at,
      silent: priority === 'low',
      data: { priority, ...(replaces !== null && { replaces }) },
    },
    // The service worker may make more of it than the declaration says.
    mutable: true,
    ...(badge !== null && { app_badge: badge }),
  })
}

const fits = (text: string): boolean => new TextEncoder().encode(text).length <= MAX_PAYLOAD_BYTES
