// [CO7] What the worker answers, against what the document says it answers: every example is sent, and every route is made
// to fail in each way that can be had from outside.
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { app } from '../../worker/app.ts'
import { EXAMPLE_ENTRY } from '../../worker/openapi/describe/examples.ts'
import { buildOpenApi } from '../../worker/openapi/document.ts'
import type { OpenApi } from '../../worker/openapi/types.ts'
import { seedDemoShop } from '../../worker/seed.ts'
import { must, ORIGIN } from './helpers/api.ts'
import {
  ask,
  faultsOf,
  operationsOf,
  readOpenApi,
  type Asked,
  type Described,
} from './helpers/documents.ts'
import { letPass, setFaults } from './helpers/faults.ts'
import { PushService } from './helpers/push-service.ts'
import { adminToken, memberToken, serviceToken } from './helpers/tokens.ts'

const ROUTES = operationsOf(buildOpenApi())
const BUILT = ROUTES.filter(({ operation }) => !operation['x-not-built-yet'])
const LATER = ROUTES.filter(({ operation }) => operation['x-not-built-yet'])

let document: OpenApi
let tokens: { admin: string; ben: string; weak: string }

beforeAll(async () => {
  new PushService().serve()
  await seedDemoShop(env)
  document = await readOpenApi()
  tokens = {
    admin: await adminToken('olivia'),
    ben: await memberToken('ben', { downtown: 'staff' }),
    weak: await serviceToken([], 'weak'),
  }
})
afterEach(async () => {
  await setFaults()
})

/** Who may do it: people their own things, an admin the rest. */
function tokenFor({ operation }: Described): string {
  if (operation.operationId === 'readMetrics') return env.METRICS_TOKEN ?? ''
  const rules = operation['x-access']?.map(({ rule }) => rule) ?? ['own inbox']
  return rules.some((rule) => rule.startsWith('own ')) ? tokens.ben : tokens.admin
}

/** The path with its examples filled in, and with the examples of its query. */
async function addressOf({ path, operation }: Described): Promise<string> {
  if (operation.operationId === 'retryParkedEntry') return parkedAddress(path)
  const query = new URLSearchParams()
  let filled = path
  for (const { name, in: place, example, schema } of operation.parameters) {
    if (place === 'query' && example !== undefined) query.set(name, String(example))
    if (place !== 'path') continue
    const value = String(example ?? schema?.enum?.[0] ?? 'something')
    filled = filled.replace(`{${name}}`, value === EXAMPLE_ENTRY ? await entryOfBen() : value)
  }
  return query.size === 0 ? filled : `${filled}?${query}`
}

/** An entry that D1 has refused, and would take now. */
async function parkedAddress(path: string): Promise<string> {
  const title = crypto.randomUUID()
  await setFaults({ d1: { refuse: title } })
  const { stream, seq } = await must<{ stream: string; seq: number }>(
    'POST /api/v1/notifications',
    { token: tokens.admin, body: { to: { user_id: 'ben' }, type: 'custom', title } },
  )
  await setFaults()
  return path.replace('{stream}', stream).replace('{seq}', String(seq))
}

async function entryOfBen(): Promise<string> {
  const sent = await must<{ id: string }>('POST /api/v1/notifications', {
    token: tokens.admin,
    body: { to: { user_id: 'ben' }, type: 'custom', title: 'Hello' },
  })
  return sent.id
}

/** Asks, and holds the answer against the document. */
async function askAsDescribed(route: Described, path: string, asked: Asked): Promise<string> {
  const answer = await ask(route.method, path, asked)
  expect(faultsOf(document, route.operation, answer)).toEqual([])
  const isProblem = answer.type === 'application/problem+json'
  const code = isProblem ? ` ${(JSON.parse(answer.text) as { code: string }).code}` : ''
  return `${answer.status}${code}`
}

test('[CO7] the document has the routes that the app has registered, and no other', () => {
  const registered = app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)(\{[^}]*\})?/g, '{$1}')}`)
  const described = operationsOf(document).map(({ name }) => name)
  expect(described.toSorted()).toEqual([...new Set(registered)].toSorted())
})

describe('failures', () => {
  const named = (routes: readonly Described[]) =>
    routes.map((route) => [route.name, route] as const)
  const guarded = BUILT.filter(({ operation }) => operation['x-access'] !== undefined)
  const withBody = BUILT.filter(({ operation }) => operation.requestBody !== undefined)
  const withQuery = BUILT.filter(({ operation }) =>
    operation.parameters.some((one) => one.in === 'query'),
  )
  const fill = ({ path }: Described) =>
    path.replace('{mark}', 'read').replaceAll(/\{\w+\}/g, 'nobody')

  test.each(named(guarded))('[AU1] %s without a token', async (_name, route) => {
    expect(await askAsDescribed(route, fill(route), {})).toBe('401 unauthorized')
  })

  test.each(named(guarded))('[AU7] %s by a service that may nothing', async (_name, route) => {
    const outcome = await askAsDescribed(route, fill(route), { token: tokens.weak })
    expect(outcome).toMatch(/^(403 forbidden|404 not_found)$/)
  })

  test.each(named(BUILT.filter(({ path }) => path.startsWith('/api/'))))(
    '[AU6] %s from a page that nobody knows',
    async (_name, route) => {
      const asked = { token: tokens.admin, headers: { Origin: 'https://evil.example' } }
      expect(await askAsDescribed(route, fill(route), asked)).toBe('403 origin_not_allowed')
    },
  )

  test.each(named(withBody))('[CO3] %s with what is no JSON', async (_name, route) => {
    const asked = { token: tokenFor(route), body: '{' }
    expect(await askAsDescribed(route, fill(route), asked)).toBe('400 bad_request')
  })

  test.each(named(withBody))(
    '[CO3] %s with a field that it does not have',
    async (_name, route) => {
      const asked = { token: tokenFor(route), body: { colour: 'red' } }
      expect(await askAsDescribed(route, fill(route), asked)).toBe('422 invalid')
    },
  )

  test.each(named(withBody))('[CO6] %s with more than a body may have', async (_name, route) => {
    const asked = { token: tokenFor(route), body: { colour: 'x'.repeat(1_100_000) } }
    expect(await askAsDescribed(route, fill(route), asked)).toBe('413 too_large')
  })

  test.each(named(withQuery))(
    '[CO3] %s with a parameter that it does not have',
    async (_name, route) => {
      const asked = { token: tokenFor(route) }
      const outcome = await askAsDescribed(route, `${fill(route)}?colour=red`, asked)
      expect(outcome).toBe(route.path === '/api/v1/ws' ? '400 bad_request' : '422 invalid')
    },
  )

  const lookedFor = BUILT.filter(
    ({ path, operation }) =>
      path.includes('{') && '404' in operation.responses && !operation.requestBody,
  )
  test.each(named(lookedFor))('[CO3] %s of what is not there', async (_name, route) => {
    const asked = { token: tokenFor(route) }
    expect(await askAsDescribed(route, fill(route), asked)).toBe('404 not_found')
  })

  test('[WS2] a plain request to the socket', async () => {
    const route = BUILT.find(({ path }) => path === '/api/v1/ws')
    if (route === undefined) throw new Error('no such route')
    const asked = { token: tokens.ben, headers: { Upgrade: 'h2c' } }
    expect(await askAsDescribed(route, route.path, asked)).toBe('426 upgrade_required')
  })

  // A body that is not there would be refused first. Who has seen the demo shop once does not look again, and who has no
  // session has nothing to end; one's own sockets are known without D1.
  const archived = BUILT.filter(
    ({ operation }) =>
      JSON.stringify(operation.responses['503'] ?? '').includes('archive_unavailable') &&
      operation.requestBody?.required !== true &&
      !['readHealth', 'logOut', 'readStatus'].includes(operation.operationId),
  )
  test.each(named(archived))('[AR4] %s while the archive is away', async (_name, route) => {
    const path = await addressOf(route)
    await setFaults({ d1: { down: true } })
    const outcome = await askAsDescribed(route, path, { token: tokenFor(route) })
    // A command stands; what reads says to come back.
    expect(outcome).toMatch(/^(503 archive_unavailable|202)$/)
  })

  test.each(named(LATER))('[CO8] %s is said to be of later', async (_name, route) => {
    const asked = { token: tokens.ben }
    const path = fill(route).replace('/nobody', '/square')
    expect(await askAsDescribed(route, path, asked)).toBe('501 not_available')
  })
})

describe('the check', () => {
  const me = BUILT.find(({ operation }) => operation.operationId === 'readMe')
  test.each([
    ['a field that is not described', { colour: 'red' }],
    ['a value of another type', { name: 7 }],
    ['a value that is not one of the list', { memberships: { downtown: 'owner' } }],
    ['a field that is missing', { locale: undefined }],
  ])('sees %s', async (_what, change) => {
    if (me === undefined) throw new Error('no such route')
    const answer = await ask('GET', me.path, { token: tokens.ben })
    const text = JSON.stringify({ ...(JSON.parse(answer.text) as object), ...change })
    expect(faultsOf(document, me.operation, answer)).toEqual([])
    expect(faultsOf(document, me.operation, { ...answer, text })).not.toEqual([])
    expect(faultsOf(document, me.operation, { ...answer, status: 418 })).not.toEqual([])
  })
})

interface ShownExample {
  route: Described
  shows: string
  body: unknown
}

/** Each example of a body; without a body the route as it stands. */
const EXAMPLES: ShownExample[] = BUILT.flatMap((route) => {
  const bodies = route.operation.requestBody?.content['application/json']?.examples
  if (bodies === undefined) return [{ route, shows: 'as it stands', body: undefined }]
  return Object.values(bodies).map(({ summary, value }) => ({ route, shows: summary, body: value }))
})

/** These end something that the others need, in this order. */
const ENDS = [
  'endPushSubscription',
  'logOut',
  'removeMember',
  'removeUser',
  'removeLocation',
  'revokeServiceKey',
]
const endOf = ({ route }: ShownExample) => ENDS.indexOf(route.operation.operationId)
const inOrder = EXAMPLES.toSorted((a, b) => endOf(a) - endOf(b))

/** An example that cannot succeed here, and how it is answered instead. */
const ELSEWHERE: Record<string, string> = {
  // The deployment under test knows no identity provider.
  'A person of the platform': '501 not_available',
}

/** Hubs that met an archive that was away wait longer each time; examples are for a day when all is well. */
async function untilArchived(userId: string) {
  const body = { to: { user_id: userId }, type: 'custom', title: 'Is D1 back?' }
  for (let tries = 0; tries < 20; tries++) {
    const asked = { token: tokens.admin, body }
    const { archived } = await must<{ archived: boolean }>('POST /api/v1/notifications', asked)
    if (archived) return
    // Whoever waits tries again when the clock moves.
    await letPass(61_000)
    await setFaults()
  }
  throw new Error('D1 did not come back')
}

describe('examples', () => {
  beforeAll(() => untilArchived('ben'))

  const cases = inOrder.map((one) => [one.route.name, one.shows, one] as const)
  test.each(cases)('[CO7] %s: %s', async (_name, shows, { route, body }) => {
    const { operationId, parameters } = route.operation
    // What is cleared is said in the query or in the body, not in both.
    const address = await addressOf(route)
    const path = body === undefined ? address : (address.split('?')[0] ?? '')
    const headers = shows.includes('cookie') ? await cookieOfBen() : {}
    const token = operationId === 'issueToken' ? undefined : tokenFor(route)
    const answer = await ask(route.method, path, { token, headers, body })
    expect(faultsOf(document, route.operation, answer)).toEqual([])
    const expected = ELSEWHERE[shows]
    if (expected !== undefined) return expect(answer.text).toContain(expected.split(' ')[1])
    expect([answer.status < 300, answer.text]).toEqual([true, answer.text])
    expect(parameters.filter(({ description }) => description === '')).toEqual([])
    expectKeysOf(route, answer.status, answer.text)
  })

  const keysOf = (value: unknown) => Object.keys(value as object).toSorted()

  /** An example of an answer shows the fields that the answer has. */
  function expectKeysOf({ operation }: Described, status: number, text: string) {
    const response = operation.responses[status]
    if (response === undefined || '$ref' in response) return
    const example = response.content?.['application/json']?.examples?.answer?.value
    if (example === undefined) return
    expect(keysOf(JSON.parse(text))).toEqual(keysOf(example))
  }

  async function cookieOfBen() {
    const { headers } = await ask('POST', '/api/v1/auth/dev', { body: { user_id: 'ben' } })
    const cookie = headers.get('Set-Cookie')?.split(';')[0] ?? ''
    return { Cookie: cookie, Origin: ORIGIN }
  }

  test('[CO5] a key that is used again is answered as described, and with another body refused', async () => {
    const send = BUILT.find(({ operation }) => operation.operationId === 'sendNotification')
    if (send === undefined) throw new Error('no such route')
    const headers = { 'Idempotency-Key': crypto.randomUUID() }
    const body = { to: { user_id: 'emi' }, type: 'custom', title: 'Once' }
    const asked = { token: tokens.admin, headers }
    for (const expected of [null, 'true']) {
      const answer = await ask('POST', send.path, { ...asked, body })
      expect(faultsOf(document, send.operation, answer)).toEqual([])
      expect(answer.headers.get('Idempotent-Replayed')).toBe(expected)
    }
    const other = { ...asked, body: { ...body, title: 'Twice' } }
    expect(await askAsDescribed(send, send.path, other)).toBe('422 idempotency_mismatch')
  })
})
