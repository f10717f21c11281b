// A Shopbell server as a sender sees it, with failures on demand. It is a `fetch`, and can stand behind node:http.
import type { Problem } from '../../protocol/errors.ts'

export interface Seen {
  path: string
  body: Record<string, unknown>
  key: string | null
  token: string | null
}

/** What happens to the next request to a path, instead of an answer. */
type Trouble = 'no network' | 'silence' | Response

export interface FakeShopbell {
  fetch: typeof fetch
  seen: Seen[]
  /** The requests to the routes of sends. */
  sends(): Seen[]
  /** Tokens that were given, newest last. */
  tokens: string[]
  /** From now on this token is not known. */
  revoke(token: string): void
  /** Each stands for one request, in their order. */
  trouble(path: string, ...troubles: Trouble[]): void
  /** What a batch says of the item with this key, each once. */
  refuseItem(key: string, ...problems: Partial<Problem>[]): void
}

export const CLIENT_ID = 'booking'
export const CLIENT_SECRET = 'a-secret-that-nobody-may-see'

export const problem = (
  status: number,
  body: Partial<Problem> = {},
  headers: Record<string, string> = {},
) =>
  new Response(JSON.stringify({ status, ...body }), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  })

export function createFakeShopbell({ tokenSeconds = 900 } = {}): FakeShopbell {
  const troubles = new Map<string, Trouble[]>()
  const refusals = new Map<string, Partial<Problem>[]>()
  const kept = new Map<string, { body: string; id: string }>()
  const revoked = new Set<string>()
  const seen: Seen[] = []
  const tokens: string[] = []

  const signIn = ({ body }: Seen) => {
    if (body.client_id !== CLIENT_ID || body.client_secret !== CLIENT_SECRET) {
      return problem(401, {
        code: 'unauthorized',
        detail: 'The client id or its secret is not valid.',
      })
    }
    tokens.push(`token-${tokens.length + 1}`)
    const access_token = tokens.at(-1)
    return Response.json({ access_token, token_type: 'Bearer', expires_in: tokenSeconds })
  }

  /** [CO5] */
  const take = (key: string | null, notice: Record<string, unknown>) => {
    const body = JSON.stringify(notice)
    const before = key === null ? undefined : kept.get(key)
    if (before && before.body !== body) return null
    const id = before?.id ?? `n-${kept.size + 1}`
    if (key !== null) kept.set(key, { body, id })
    const to = notice.to as { user_id?: string; location_id?: string }
    const stream = to.user_id === undefined ? `location:${to.location_id}` : `user:${to.user_id}`
    return { answer: { id, stream, seq: 1, archived: true }, isReplay: before !== undefined }
  }

  const sendOne = ({ key, body }: Seen) => {
    const taken = take(key, body)
    if (!taken) return problem(422, { code: 'idempotency_mismatch' })
    const headers = taken.isReplay ? { 'idempotent-replayed': 'true' } : undefined
    return Response.json(
      { ...taken.answer, status: 'sent' },
      { status: 201, ...(headers && { headers }) },
    )
  }

  const sendBatch = ({ body }: Seen) => {
    const items = body.notifications as Record<string, unknown>[]
    const results = items.map(({ idempotency_key, ...notice }) => {
      const key = String(idempotency_key)
      const refusal = refusals.get(key)?.shift()
      if (refusal) return refusal
      const taken = take(key, notice)
      if (!taken) return { status: 422, code: 'idempotency_mismatch' }
      return { ...taken.answer, status: 201, ...(taken.isReplay && { idempotent_replayed: true }) }
    })
    return Response.json({ results }, { status: 207 })
  }

  const routes: Record<string, (request: Seen) => Response> = {
    '/auth/token': signIn,
    '/notifications': sendOne,
    '/notifications/batch': sendBatch,
  }

  const answer = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = readRequest(input, init)
    seen.push(request)
    const trouble = troubles.get(request.path)?.shift()
    if (trouble === 'no network') throw new TypeError('fetch failed')
    if (trouble === 'silence') return untilAborted(init?.signal)
    if (trouble) return trouble
    const isOpen = request.path === '/auth/token'
    const isKnown = request.token !== null && tokens.includes(request.token)
    if (!isOpen && (!isKnown || revoked.has(request.token ?? ''))) {
      return problem(401, { code: 'unauthorized' })
    }
    return routes[request.path]?.(request) ?? problem(404, { code: 'not_found' })
  }

  return {
    fetch: answer,
    seen,
    tokens,
    sends: () => seen.filter(({ path }) => path !== '/auth/token'),
    revoke: (token) => void revoked.add(token),
    trouble: (path, ...all) => void troubles.set(path, [...(troubles.get(path) ?? []), ...all]),
    refuseItem: (key, ...all) => void refusals.set(key, all),
  }
}

function readRequest(input: RequestInfo | URL, init: RequestInit = {}): Seen {
  const url = new URL(input instanceof Request ? input.url : input)
  const headers = new Headers(init.headers)
  return {
    path: url.pathname.replace('/api/v1', ''),
    body: JSON.parse(String(init.body)) as Record<string, unknown>,
    key: headers.get('idempotency-key'),
    token: headers.get('authorization')?.replace('Bearer ', '') ?? null,
  }
}

const untilAborted = (signal: AbortSignal | null | undefined): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
  })
