// [CO7] Both documents by a public linter, and against the tables and unions that they are made from. What the worker
// answers is held against them in tests/workerd/described-*.test.ts.
import { Validator } from '@cfworker/json-schema'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { SocketQuery } from '../../protocol/api.ts'
import { ClientFrame } from '../../protocol/client-frames.ts'
import { CLOSE_CODES, ERRORS } from '../../protocol/errors.ts'
import { NOTIFICATION_TYPES } from '../../protocol/notification-types.ts'
import { Send } from '../../protocol/notification.ts'
import { ServerFrame } from '../../protocol/server-frames.ts'
import { buildAsyncApi, frameName } from '../../worker/asyncapi/document.ts'
import { ROUTES } from '../../worker/auth/permissions.ts'
import { DESCRIPTIONS } from '../../worker/openapi/describe/routes.ts'
import { buildOpenApi } from '../../worker/openapi/document.ts'
import { LATER_PUBLIC_ROUTES, LATER_ROUTES } from '../../worker/routes/later.ts'

const openApi = buildOpenApi()
const asyncApi = buildAsyncApi()

const operations = Object.entries(openApi.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
)
const built = operations.filter(({ operation }) => !operation['x-not-built-yet'])

/** What the linter recommends, as errors; what is off says why. */
async function lint(document: object): Promise<string[]> {
  const strictly = { severity: 'error', allowAdditionalProperties: true } as const
  const config = await createConfig({
    extends: ['recommended-strict'],
    rules: {
      // `data` takes other keys, and a schema of a body says by itself where it takes none.
      'no-invalid-media-type-examples': strictly,
      'no-invalid-parameter-examples': strictly,
      'no-invalid-schema-examples': strictly,
      'parameter-description': 'error',
      'operation-tag-defined': 'error',
      'path-params-defined': 'error',
      // The project has not chosen a licence.
      'info-license': 'off',
      'info-license-strict': 'off',
      // `/notifications/scheduled/{id}`: an id is a UUID and never "scheduled".
      'no-ambiguous-paths': 'off',
      // A socket answers 101, what is not built yet 501 only; the tests below hold the others.
      'operation-2xx-response': 'off',
      'operation-4xx-response': 'off',
    },
  })
  const source = JSON.stringify(document)
  const problems = await lintFromString({ source, absoluteRef: '/document.json', config })
  return problems.map(
    ({ ruleId, message, location: [at] }) => `${ruleId}: ${message} (${at?.pointer ?? ''})`,
  )
}

describe('a public linter', () => {
  test('[CO7] finds nothing in the OpenAPI document', async () => {
    expect(await lint(openApi)).toEqual([])
  })

  test('[CO7] finds nothing in the AsyncAPI document', async () => {
    expect(await lint(asyncApi)).toEqual([])
  })

  test('would find a parameter that is not declared, and an example that does not fit', async () => {
    const broken = structuredClone(openApi)
    const user = broken.paths['/api/v1/users/{id}']?.get
    const me = broken.paths['/api/v1/me']?.get?.responses['200']
    if (!user || !me || '$ref' in me) throw new Error('the document has other routes')
    user.parameters = []
    const answer = me.content?.['application/json']?.examples?.answer
    if (!answer) throw new Error('no example')
    answer.value = { id: 7 }
    const rules = (await lint(broken)).map((problem) => problem.split(':')[0])
    expect(rules).toContain('path-parameters-defined')
    expect(rules).toContain('no-invalid-media-type-examples')
  })

  test('would find a frame that refers to nothing', async () => {
    const broken = structuredClone(asyncApi)
    broken.channels.own.messages.nothing = { $ref: '#/components/messages/nothing' }
    expect(await lint(broken)).not.toEqual([])
  })
})

describe('routes', () => {
  const named = (name: string) => name.replaceAll(/:(\w+)(\{[^}]*\})?/g, '{$1}')

  test.each(Object.keys(ROUTES))('[CO7] %s is described', (name) => {
    expect(Object.keys(DESCRIPTIONS)).toContain(name)
  })

  test('[CO7] the document has every route, and nothing else', () => {
    const all = [...Object.keys(ROUTES), ...LATER_ROUTES, ...LATER_PUBLIC_ROUTES].map(named)
    const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    expect(described.toSorted()).toEqual(all.toSorted())
  })

  test.each(built.map(({ operation }) => [operation.operationId, operation] as const))(
    '%s says what success is, has a tag that says what it is about, and shows its body',
    (_id, operation) => {
      expect(Object.keys(operation.responses).some((status) => Number(status) < 300)).toBe(true)
      expect(operation.tags).not.toContain('later')
      for (const { examples } of Object.values(operation.requestBody?.content ?? {})) {
        expect(Object.keys(examples ?? {}).length).toBeGreaterThan(0)
      }
    },
  )

  test('[AU7] a route with a token says 401 and who may; a public one neither', () => {
    const wrong = built.filter(({ operation }) => {
      const asks = operation.security.length > 0 && !operation.security.some(isNothing)
      return asks !== ('401' in operation.responses && operation['x-access'] !== undefined)
    })
    expect(wrong.map(({ operation }) => operation.operationId)).toEqual([])
  })

  const isNothing = (scheme: object) => Object.keys(scheme).length === 0

  test('[CO3] every code of the table is described where it can happen, or is of sockets', () => {
    const text = JSON.stringify(openApi.components.responses)
    const missing = Object.keys(ERRORS).filter((code) => !text.includes(`"${code}"`))
    // 405 belongs to a path, not to a route; a bad frame is said on a socket.
    expect(missing).toEqual(['method_not_allowed', 'bad_frame'])
  })
})

describe('a send, by the document and by what validates', () => {
  const text = JSON.stringify({ $defs: openApi.components.schemas, $ref: '#/$defs/Send' })
  const validator = new Validator(
    JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')),
    '2020-12',
  )
  const data = {
    appointment_id: 'a',
    client_name: 'Nora',
    service: 'Cut',
    time: '2026-11-20T15:30:00.000Z',
    metric: 'revenue',
    value: 1,
    threshold: 2,
    goal: 2,
    trend: 'stable',
    effective_from: '2026-11-20',
    policy_id: 'p',
    version: 3,
    course_id: 'c',
    course_name: 'Colour',
    module_id: 'm',
    module_name: 'Colour',
    certification: 'c',
    expires_on: '2026-11-20',
    amount: 1,
    currency: 'EUR',
  }
  const whole = { to: { location_id: 'downtown' }, title: 'T', message: 'M', data }
  const { title: _title, message: _message, ...wordless } = whole
  const types = Object.keys(NOTIFICATION_TYPES)

  const cases: [string, object][] = [
    ...types.flatMap((type): [string, object][] => [
      [`${type} with all it may need`, { ...whole, type }],
      [`${type} without data`, { ...whole, type, data: undefined }],
      [`${type} with empty data`, { ...whole, type, data: {} }],
      [`${type} without words`, { ...wordless, type }],
    ]),
    ['to nobody', { ...whole, type: 'custom', to: {} }],
    ['to two', { ...whole, type: 'custom', to: { user_id: 'ben', location_id: 'downtown' } }],
    ['roles of a person', { ...whole, type: 'custom', to: { user_id: 'ben', roles: ['staff'] } }],
    ['roles of a shop', { ...whole, type: 'custom', to: { location_id: 'a', roles: ['staff'] } }],
    ['of a type that is none', { ...whole, type: 'team.party' }],
    ['with a field that it does not have', { ...whole, type: 'custom', colour: 'red' }],
    ['with a list for data', { ...whole, type: 'custom', data: [] }],
  ]

  test.each(cases)('[NO2] %s: both say the same', (_what, send) => {
    const sent: unknown = JSON.parse(JSON.stringify(send))
    expect(validator.validate(sent).valid).toBe(v.is(Send, sent))
  })
})

describe('frames', () => {
  const unions = [
    ['client', ClientFrame],
    ['hub', ServerFrame],
  ] as const
  const frames = unions.flatMap(([from, union]) =>
    union.options.map((option) => [option.entries.type.literal, from, union] as const),
  )

  test.each(frames)(
    '[CO7] %s from a %s is a message, and its example is one',
    (type, _from, union) => {
      const message = asyncApi.components.messages[frameName(type)]
      expect(message).toMatchObject({ name: type, payload: { $ref: expect.any(String) } })
      for (const { payload } of message?.examples ?? []) {
        expect(v.safeParse(union as v.GenericSchema, payload)).toMatchObject({ success: true })
      }
    },
  )

  test('[CO7] the document has every frame, the heartbeat, and nothing else', () => {
    const all = ['ping', 'pong', ...frames.map(([type]) => frameName(type))]
    expect(Object.keys(asyncApi.components.messages).toSorted()).toEqual(all.toSorted())
  })

  test('[CO7] every frame has an operation on each of its streams, in its direction', () => {
    const spoken = Object.values(asyncApi.operations).flatMap(({ action, channel, messages }) =>
      messages.map(({ $ref }) => `${action} ${channel.$ref} ${$ref.split('/').at(-1)}`),
    )
    const wanted = frames.flatMap(([type, from]) => {
      const streams = asyncApi.components.messages[frameName(type)]?.['x-streams'] ?? []
      const action = from === 'client' ? 'receive' : 'send'
      return streams.map((stream) => `${action} #/channels/${stream} ${frameName(type)}`)
    })
    expect(spoken).toEqual(expect.arrayContaining(wanted))
    expect(spoken).toHaveLength(wanted.length + 2)
  })

  test('[WS1] the handshake takes what the route takes', () => {
    const { location, own } = asyncApi.channels
    const names = Object.keys(location.bindings.ws.query.properties ?? {})
    expect(names.toSorted()).toEqual(Object.keys(SocketQuery.entries).toSorted())
    expect(Object.keys(own.bindings.ws.query.properties ?? {})).not.toContain('location')
  })

  test('[WS8] the close codes are those of the table', () => {
    expect(Object.keys(asyncApi['x-close-codes'])).toEqual(Object.keys(CLOSE_CODES))
  })
})
