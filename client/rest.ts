// The typed REST client: one method for each route.
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
} from '../protocol/api.ts'
import { MAX_PAGE } from '../protocol/limits.ts'
import { Notification } from '../protocol/notification.ts'
import { perform, type ApiOptions, type Call, type Query } from './call.ts'
import { signInCalls } from './sign-in-calls.ts'
import type { Api, BulkBody, SendOptions } from './types.ts'

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
    ...signInCalls(call, options),
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
    seenAll: (body = {}) =>
      call({ method: 'POST', path: '/notifications/seen-all', answer: CommandAnswer, body }),
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
