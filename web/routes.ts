// The app's addresses. Every path shows something: an unknown one is the inbox, never a blank page.

export type Route = { page: 'inbox'; open: string | null } | { page: 'send' } | { page: 'me' }

export const INBOX = '/'
export const SEND = '/send'
export const ME = '/me'

export const notificationPath = (id: string) => `/n/${encodeURIComponent(id)}`

export function routeOf(path: string): Route {
  if (path === SEND) return { page: 'send' }
  if (path === ME) return { page: 'me' }
  const open = /^\/n\/([0-9a-f-]{36})$/.exec(path)
  return { page: 'inbox', open: open?.[1] ?? null }
}
