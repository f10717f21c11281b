// The typed REST client. Answers are checked against the schemas once, here; failures are ShopbellErrors.
import * as v from 'valibot'
import {
  CommandAnswer,
  CountAnswer,
  InboxAnswer,
  Location,
  Me,
  Member,
  Page,
  SendAnswer,
  StatusAnswer,
  TokenAnswer,
} from '../protocol/api.ts'
import { MAX_PAGE } from '../protocol/limits.ts'
import { Notification } from '../protocol/notification.ts'
import { networkError, problemOf, ShopbellError } from './errors.ts'
import type { Api, BulkBody, GetToken, SendOptions } from './types.ts'

export interface ApiOptions {
  /** Where the server is, like `https://bell.example`; the page's own origin if left out. */
  base?: string
  getToken: GetToken
  fetch?: typeof fetch
}

type Query = Record<string, string | number | boolean | undefined>

interface Call<T> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: string
  answer: v.GenericSchema<unknown, T>
  query?: Query
  body?: unknown
  headers?: Record<string, string>
  /** Sent without a token. */
  isPublic?: boolean
}

/** Longer than any answer waits on our side; a request that takes this long has lost its network. */
const TIMEOUT_MS = 20_000

const BatchAnswer = v.object({
  results: v.array(
    v.object({
      status: v.number(),
      id: v.optional(v.string()),
      code: v.optional(v.string()),
      detail: v.optional(v.string()),
      errors: v.optional(v.array(v.object({ pointer: v.string(), message: v.string() }))),
    }),
  ),
})

const MemberPage = v.object({ data: v.array(Member), page: Page })

/** Shopbell over HTTP: one method per route that a person's app needs. */
export function createApi(options: ApiOptions): Api {
  const call = <T>(request: Call<T>) => perform(options, request)
  const command = (method: 'PUT' | 'DELETE', id: string, mark = '') =>
    call({ method, path: `/notifications/${encodeURIComponent(id)}${mark}`, answer: CommandAnswer })
  return {
    signInDev: (userId, expiresInSeconds) =>
      call({
        method: 'POST',
        path: '/auth/dev',
        answer: TokenAnswer,
        body: { user_id: userId, expires_in: expiresInSeconds },
        isPublic: true,
      }),
    me: () => call({ method: 'GET', path: '/me', answer: Me }),
    inbox: (filter = {}) =>
      call({ method: 'GET', path: '/notifications', answer: InboxAnswer, query: { ...filter } }),
    count: () => call({ method: 'GET', path: '/notifications/unread/count', answer: CountAnswer }),
    one: (id) =>
      call({
        method: 'GET',
        path: `/notifications/${encodeURIComponent(id)}`,
        answer: Notification,
      }),
    mark: (id, mark) => command('PUT', id, `/${mark}`),
    unmark: (id, mark) => command('DELETE', id, `/${mark}`),
    remove: (id) => command('DELETE', id),
    readAll: (body = {}) =>
      call({ method: 'POST', path: '/notifications/read-all', answer: CommandAnswer, body }),
    clear: (body = {}) =>
      call({
        method: 'DELETE',
        path: '/notifications',
        answer: CommandAnswer,
        query: queryOfBulk(body),
      }),
    send: (body, sending) =>
      call({
        method: 'POST',
        path: '/notifications',
        answer: SendAnswer,
        body,
        headers: keyHeader(sending),
      }),
    sendBatch: async (notifications, sending) => {
      const { results } = await call({
        method: 'POST',
        path: '/notifications/batch',
        answer: BatchAnswer,
        body: { notifications },
        headers: keyHeader(sending),
      })
      return results
    },
    location: (id) =>
      call({ method: 'GET', path: `/locations/${encodeURIComponent(id)}`, answer: Location }),
    members: (locationId) => allMembers(call, locationId),
    status: () => call({ method: 'GET', path: '/ws/status', answer: StatusAnswer }),
  }
}

const keyHeader = (options?: SendOptions): Record<string, string> =>
  options?.idempotencyKey === undefined ? {} : { 'idempotency-key': options.idempotencyKey }

/** [IN2] As query: a body on DELETE is lost by some proxies. */
const queryOfBulk = ({ up_to, ...scope }: BulkBody): Query => ({
  ...scope,
  up_to: up_to && JSON.stringify(up_to),
})

async function allMembers(
  call: (
    request: Call<v.InferOutput<typeof MemberPage>>,
  ) => Promise<v.InferOutput<typeof MemberPage>>,
  locationId: string,
): Promise<Member[]> {
  const members: Member[] = []
  for (let after: string | null | undefined; after !== null;) {
    const { data, page } = await call({
      method: 'GET',
      path: `/locations/${encodeURIComponent(locationId)}/members`,
      answer: MemberPage,
      query: { limit: MAX_PAGE, after },
    })
    members.push(...data)
    after = page.has_more ? page.after : null
  }
  return members
}

async function perform<T>(options: ApiOptions, call: Call<T>): Promise<T> {
  if (call.isPublic) return read(call, await ask(options, call, null))
  const token = await tokenOf(options, false)
  const response = await ask(options, call, token)
  if (response.status !== 401) return read(call, response)
  // Once: a token that was just fetched and is refused too will not get better.
  return read(call, await ask(options, call, await tokenOf(options, true)))
}

/** A sign-in that is not ours may fail in any way; to a caller it is a server that did not answer. */
async function tokenOf({ getToken }: ApiOptions, refresh: boolean): Promise<string> {
  try {
    return (await getToken({ refresh })).token
  } catch (error) {
    throw error instanceof ShopbellError ? error : networkError(error)
  }
}

async function ask<T>(options: ApiOptions, call: Call<T>, token: string | null): Promise<Response> {
  const request: RequestInit = {
    method: call.method,
    headers: {
      ...call.headers,
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(call.body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }
  try {
    return await (options.fetch ?? fetch)(addressOf(options, call), request)
  } catch (error) {
    throw networkError(error)
  }
}

function addressOf<T>({ base = '' }: ApiOptions, { path, query = {} }: Call<T>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value))
  }
  return `${base}/api/v1${path}${search.size > 0 ? `?${search}` : ''}`
}

async function read<T>(call: Call<T>, response: Response): Promise<T> {
  const value = await jsonOf(response)
  if (!response.ok) throw problemOf(response, value)
  const parsed = v.safeParse(call.answer, value)
  if (parsed.success) return parsed.output
  throw new ShopbellError('bad_answer', {
    status: response.status,
    detail: `${call.method} ${call.path}: ${parsed.issues[0].message}`,
  })
}

/** Undefined for what is not JSON: a proxy's page, an empty answer. */
async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw networkError(error)
  }
}
