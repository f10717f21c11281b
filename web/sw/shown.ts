// What a push says, as a browser shows it. The payload is the Declarative Web Push shape (RE3); a browser that does not know
// it hands it to the service worker as text.

export interface Shown {
  title: string
  options: NotificationOptions & { timestamp?: number }
  /** The tag of the one that it takes the place of (NO6). */
  replaces: string | null
  badge: number | null
}

/** What a click needs to know of a notification. */
export interface Clicked {
  navigate: string
}

type Fields = Record<string, unknown>

/** A push must always show something: what cannot be read is shown as being there. */
export function shownOf(text: string | null): Shown {
  const message = readJson(text)
  const notification = fieldsOf(message['notification'])
  const { title, body, tag, timestamp, silent } = notification
  const data = fieldsOf(notification['data'])
  const clicked: Clicked = { navigate: textOf(notification['navigate']) ?? '/' }
  const badge = message['app_badge']
  return {
    title: textOf(title) ?? 'Shopbell',
    options: {
      body: textOf(body) ?? '',
      dir: 'auto',
      silent: silent === true,
      // What is urgent stays until somebody has dealt with it, where there is room for that.
      requireInteraction: data['priority'] === 'urgent',
      data: clicked,
      ...(typeof tag === 'string' && { tag }),
      ...(typeof timestamp === 'number' && { timestamp }),
    },
    replaces: textOf(data['replaces']),
    badge: typeof badge === 'number' ? badge : null,
  }
}

/** Where a click leads: never to another site, whatever the notification says. */
export function landingOf(data: unknown, origin: string): string {
  const { navigate = '/' } = fieldsOf(data)
  const url = URL.canParse(String(navigate), origin) ? new URL(String(navigate), origin) : null
  return url?.origin === origin ? url.href : `${origin}/`
}

function readJson(text: string | null): Fields {
  try {
    return fieldsOf(JSON.parse(text ?? ''))
  } catch {
    return {}
  }
}

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)
