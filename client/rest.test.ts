import { describe, expect, test } from 'vitest'
import { ShopbellError } from './errors.ts'
import { createApi } from './rest.ts'
import type { Api, GetToken } from './types.ts'

interface Asked {
  method: string
  url: string
  headers: Record<string, string>
  body: unknown
}

const json = (value: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(value), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  })

/** A server that gives these answers, one after the other, and the last one for ever. */
function served(...answers: (Response | Error)[]) {
  const asked: Asked[] = []
  const refreshes: boolean[] = []
  const getToken: GetToken = async (options) => {
    refreshes.push(options?.refresh ?? false)
    return { token: `t${refreshes.length}`, expiresAt: 0 }
  }
  const api = createApi({
    base: 'https://bell.test',
    getToken,
    fetch: async (input, init) => {
      const answer = answers.length > 1 ? answers.shift() : answers[0]
      const { body } = init ?? {}
      asked.push({
        method: init?.method ?? 'GET',
        url: String(input),
        headers: init?.headers as Record<string, string>,
        body: typeof body === 'string' ? JSON.parse(body) : undefined,
      })
      if (answer instanceof Error) throw answer
      return (answer ?? json({})).clone()
    },
  })
  return { api, asked, refreshes }
}

const ID = '01935a00-0000-7000-8000-00000000000a'
const COMMAND = { archived: false }
const LIST = {
  data: [],
  page: { after: null, before: null, has_more: false },
  counts: { unread: 0, unseen: 0, action_required: 0, until: null },
  as_of: { 'user:ben': 3 },
  epochs: { 'user:ben': null },
}
const COUNT = { ...LIST.counts, as_of: LIST.as_of, epochs: LIST.epochs }
const ME = { id: 'ben', name: 'Ben', role: 'member', locale: 'en', memberships: {} }
const SENT = { id: ID, stream: 'user:ben', seq: 1, archived: true, status: 'sent' }
const TOKEN = { access_token: 'a', token_type: 'Bearer', expires_in: 900 }
const PLACE = { id: 'downtown', name: 'D', time_zone: 'Europe/Madrid', region: null }
const SEND = { to: { user_id: 'ben' }, type: 'custom', title: 'Hello' } as const
const UP_TO = { 'user:ben': 3 }

describe('every method', () => {
  test.each<[string, (api: Api) => Promise<unknown>, unknown, string, unknown]>([
    ['me', (api) => api.me(), ME, 'GET /me', undefined],
    ['inbox', (api) => api.inbox(), LIST, 'GET /notifications', undefined],
    [
      'inbox with filters',
      (api) => api.inbox({ limit: 5, after: 'a b', unread: true, category: 'team' }),
      LIST,
      'GET /notifications?limit=5&after=a+b&unread=true&category=team',
      undefined,
    ],
    ['count', (api) => api.count(), COUNT, 'GET /notifications/unread/count', undefined],
    ['mark', (api) => api.mark(ID, 'read'), COMMAND, `PUT /notifications/${ID}/read`, undefined],
    [
      'unmark',
      (api) => api.unmark(ID, 'archived'),
      COMMAND,
      `DELETE /notifications/${ID}/archived`,
      undefined,
    ],
    ['remove', (api) => api.remove(ID), COMMAND, `DELETE /notifications/${ID}`, undefined],
    [
      'readAll',
      (api) => api.readAll({ category: 'team', up_to: UP_TO }),
      COMMAND,
      'POST /notifications/read-all',
      { category: 'team', up_to: UP_TO },
    ],
    ['seenAll', (api) => api.seenAll(), COMMAND, 'POST /notifications/seen-all', {}],
    [
      'clear: a query, since bodies of DELETE get lost',
      (api) => api.clear({ location_id: 'downtown', up_to: UP_TO }),
      COMMAND,
      'DELETE /notifications?location_id=downtown&up_to=%7B%22user%3Aben%22%3A3%7D',
      undefined,
    ],
    ['clear all', (api) => api.clear(), COMMAND, 'DELETE /notifications', undefined],
    ['send', (api) => api.send(SEND), SENT, 'POST /notifications', SEND],
    [
      'sendBatch',
      (api) => api.sendBatch([SEND]),
      { results: [{ status: 201, id: ID }] },
      'POST /notifications/batch',
      { notifications: [SEND] },
    ],
    ['location', (api) => api.location('downtown'), PLACE, 'GET /locations/downtown', undefined],
    [
      'status',
      (api) => api.status(),
      { connected: false, connections: [] },
      'GET /ws/status',
      undefined,
    ],
  ])('%s', async (_name, call, answer, line, body) => {
    const { api, asked } = served(json(answer))
    await call(api)
    expect(asked).toHaveLength(1)
    const [{ method, url, ...request } = {} as Asked] = asked
    expect(`${method} ${url.replace('https://bell.test/api/v1', '')}`).toBe(line)
    expect(request.body).toEqual(body)
    expect(request.headers['authorization']).toBe('Bearer t1')
  })

  test('signing in needs no token', async () => {
    const { api, asked, refreshes } = served(json(TOKEN))
    expect(await api.signInDev('ben', 60)).toEqual(TOKEN)
    expect(asked[0]).toMatchObject({ url: 'https://bell.test/api/v1/auth/dev' })
    expect(asked[0]?.body).toEqual({ user_id: 'ben', expires_in: 60 })
    expect(asked[0]?.headers['authorization']).toBeUndefined()
    expect(refreshes).toEqual([])
  })

  test('[CO5] a key travels as a header, and only if there is one', async () => {
    const { api, asked } = served(json(SENT))
    await api.send(SEND, { idempotencyKey: 'k-1' })
    await api.send(SEND)
    expect(asked.map(({ headers }) => headers['idempotency-key'])).toEqual(['k-1', undefined])
  })

  test('[CO4] members are read to the last page', async () => {
    const member = (user_id: string) => ({ user_id, name: user_id, role: 'staff' })
    const page = (after: string | null) => ({ after, before: null, has_more: after !== null })
    const { api, asked } = served(
      json({ data: [member('ben')], page: page('c1') }),
      json({ data: [member('cleo')], page: page(null) }),
    )
    expect((await api.members('downtown')).map(({ user_id }) => user_id)).toEqual(['ben', 'cleo'])
    expect(asked.map(({ url }) => new URL(url).search)).toEqual([
      '?limit=100',
      '?limit=100&after=c1',
    ])
  })

  test('what a caller names cannot change the route', async () => {
    const { api, asked } = served(json(PLACE))
    await api.location('../users/ana?x')
    expect(asked[0]?.url).toBe('https://bell.test/api/v1/locations/..%2Fusers%2Fana%3Fx')
  })

  test('[CO3] what is new in an answer is left out', async () => {
    const { api } = served(json({ ...ME, later: true }))
    expect(await api.me()).toEqual(ME)
  })
})

const problem = (status: number, more: object = {}, headers: Record<string, string> = {}) =>
  json(
    { type: 't', title: 'T', status, detail: 'why', request_id: 'r-1', ...more },
    status,
    headers,
  )

async function failure(call: Promise<unknown>): Promise<ShopbellError> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ShopbellError))
    throw new Error('expected a ShopbellError', { cause: error })
  return error
}

describe('[CO3] failures', () => {
  test('a problem is one error with all of it', async () => {
    const errors = [{ pointer: '/to', message: 'is required' }]
    const { api } = served(
      problem(422, { code: 'invalid', errors }, { 'retry-after': '7', 'x-other': '1' }),
    )
    expect(await failure(api.send(SEND))).toMatchObject({
      code: 'invalid',
      status: 422,
      message: 'why',
      fields: errors,
      retryAfterMs: 7_000,
      requestId: 'r-1',
      reaction: 'fix',
    })
  })

  test.each([
    [400, 'bad_request', 'fix'],
    [403, 'forbidden', 'stop'],
    [404, 'not_found', 'forget'],
    [413, 'too_large', 'fix'],
    [418, 'bad_request', 'fix'],
    [422, 'invalid', 'fix'],
    [429, 'rate_limited', 'retry'],
    [500, 'internal', 'retry'],
    [502, 'internal', 'retry'],
    [503, 'unavailable', 'retry'],
  ])('a %i that a proxy wrote is %s', async (status, code, reaction) => {
    const { api } = served(new Response('<html>', { status }))
    expect(await failure(api.me())).toMatchObject({ code, reaction, requestId: null })
  })

  test('a code from a newer server falls back to its status', async () => {
    const { api } = served(problem(503, { code: 'moon_phase' }))
    expect(await failure(api.me())).toMatchObject({ code: 'unavailable' })
  })

  test('the names of objects are no codes', async () => {
    const { api } = served(problem(404, { code: 'toString' }))
    expect(await failure(api.me())).toMatchObject({ code: 'not_found' })
  })

  test.each([
    ['a date', 'Mon, 23 Nov 2026 09:00:00 GMT', null],
    ['nothing', '', null],
    ['less than nothing', '-1', null],
    ['half a second', '0.5', 500],
  ])('Retry-After: %s', async (_title, header, ms) => {
    const { api } = served(problem(503, { code: 'unavailable' }, { 'retry-after': header }))
    expect((await failure(api.me())).retryAfterMs).toBe(ms)
  })

  test('no network is an error like others, with its cause', async () => {
    const cause = new TypeError('fetch failed')
    const { api } = served(cause)
    expect(await failure(api.me())).toMatchObject({
      code: 'network',
      status: null,
      cause,
      reaction: 'retry',
    })
  })

  test.each([
    ['not what the schema says', json({ id: 7 })],
    ['not JSON', new Response('<html>')],
    ['empty', new Response('')],
  ])('a good answer that is %s', async (_title, answer) => {
    const { api } = served(answer)
    const error = await failure(api.me())
    expect(error).toMatchObject({ code: 'bad_answer', status: 200, reaction: 'stop' })
    expect(error.message).toContain('GET /me')
  })
})

describe('tokens', () => {
  test('a 401 is tried once more with a new one', async () => {
    const { api, asked, refreshes } = served(problem(401, { code: 'unauthorized' }), json(ME))
    expect(await api.me()).toEqual(ME)
    expect(refreshes).toEqual([false, true])
    expect(asked.map(({ headers }) => headers['authorization'])).toEqual(['Bearer t1', 'Bearer t2'])
  })

  test('once only', async () => {
    const { api, asked } = served(problem(401, { code: 'unauthorized' }))
    expect(await failure(api.me())).toMatchObject({ code: 'unauthorized', reaction: 'reauth' })
    expect(asked).toHaveLength(2)
  })

  test('a send that is tried again is the same send', async () => {
    const { api, asked } = served(problem(401, { code: 'unauthorized' }), json(SENT))
    await api.send(SEND, { idempotencyKey: 'k-1' })
    expect(asked.map(({ body, headers }) => [body, headers['idempotency-key']])).toEqual([
      [SEND, 'k-1'],
      [SEND, 'k-1'],
    ])
  })

  test.each([
    ['one of ours goes through', new ShopbellError('not_found'), 'not_found'],
    ['another is a server that did not answer', new Error('popup closed'), 'network'],
  ])('a sign-in that fails: %s', async (_title, thrown, code) => {
    const api = createApi({ base: '', getToken: () => Promise.reject(thrown) })
    expect(await failure(api.me())).toMatchObject({ code })
  })
})
