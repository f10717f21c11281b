// A window, its browser and a server for the tests of web/stores/session.ts. Sign-ins run as they are; what they ask for
// is answered from lists.
import { ShopbellError } from '../../client/errors.ts'
import type { Api, ConnectionState, Shopbell, SignOutOptions } from '../../client/types.ts'
import type { Me, TokenAnswer } from '../../protocol/api.ts'
import type { ServerFrame } from '../../protocol/server-frames.ts'
import { SessionModel } from '../../web/stores/session.ts'
import type { Keep } from '../../web/stores/seat.ts'
import type { SignIn } from '../../web/stores/ways-in.ts'

export const ben: Me = {
  id: 'ben',
  name: 'Ben',
  role: 'member',
  locale: 'en',
  memberships: { downtown: 'staff' },
}

export function memory(): Keep & { kept: Map<string, string> } {
  const kept = new Map<string, string>()
  return {
    kept,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  }
}

export const away = () => new ShopbellError('network')
export const refusal = () => new ShopbellError('unauthorized', { status: 401 })

/** As the server makes them, without a signature that anybody here would look at. */
function tokenOf(sub: string): TokenAnswer {
  const payload = btoa(JSON.stringify({ sub })).replaceAll('=', '')
  return { access_token: `h.${payload}.s`, token_type: 'Bearer', expires_in: 900 }
}

/** Whose cookie the browser has; what the server says instead, where it fails. */
export interface Server {
  cookie: string | null
  people: Record<string, Me>
  fails: ShopbellError | null
  exchange: (subjectToken: string) => string
}

interface Listeners {
  state(state: ConnectionState): void
  frames(frames: ServerFrame[]): void
}

export function world(keep = memory(), browser = memory()) {
  const server: Server = {
    cookie: null,
    people: { ben, ana: { ...ben, id: 'ana', name: 'Ana' } },
    fails: null,
    exchange: (token) => token,
  }
  const calls: string[] = []
  let newest: { become(state: ConnectionState): void; hear(frame: ServerFrame): void } | null = null

  const answer = (call: string) => {
    calls.push(call)
    if (server.fails) throw server.fails
  }
  const authCalls = {
    async signInDev(userId: string) {
      answer(`dev ${userId}`)
      server.cookie = userId
      return tokenOf(userId)
    },
    async refreshSession() {
      answer('refresh')
      if (server.cookie === null) throw refusal()
      return tokenOf(server.cookie)
    },
    async exchange(subjectToken: string) {
      answer(`exchange ${subjectToken}`)
      server.cookie = server.exchange(subjectToken)
      return tokenOf(server.cookie)
    },
    async signOut({ everywhere = false, keepCookie = false }: SignOutOptions = {}) {
      answer(['logout', everywhere && 'everywhere', keepCookie && 'kept'].filter(Boolean).join(' '))
      if (!keepCookie) server.cookie = null
    },
  }

  /** Its token is asked for once for each call of `me`, so that a test can say when it ends. */
  function make(signIn: SignIn): Shopbell {
    const api = {
      ...authCalls,
      async me() {
        const { access_token } = await signIn(api)
        answer('me')
        const [, payload = ''] = access_token.split('.')
        const { sub } = JSON.parse(atob(payload)) as { sub: string }
        const me = server.people[sub]
        if (me === undefined) throw refusal()
        return me
      },
    } as Api
    const listeners: Listeners = { state: () => {}, frames: () => {} }
    return {
      api,
      connection: {
        subscribe: (listener: Listeners['state']) => (listeners.state = listener),
        onFrames: (listener: Listeners['frames']) => (listeners.frames = listener),
      },
      start() {
        calls.push('start')
        newest = {
          become: (state) => listeners.state(state),
          hear: (frame) => listeners.frames([frame]),
        }
      },
      stop: () => void calls.push('stop'),
      forgetUnsent: async () => void calls.push('forget'),
    } as unknown as Shopbell
  }

  const session = new SessionModel(make, keep, browser)
  return {
    session,
    server,
    calls,
    keep,
    browser,
    become: (state: ConnectionState) => newest?.become(state),
    hear: (frame: ServerFrame) => newest?.hear(frame),
  }
}
