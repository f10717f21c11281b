// [CO7] The OpenAPI document: the table of routes, who may call them, the schemas that validate, and the table of errors,
// put together. Made when somebody asks for it first; see routes/described.ts.
import type { GenericSchema } from 'valibot'
import { ROUTES, RULES, routeRow, type RouteName } from '../auth/permissions.ts'
import { LATER_PUBLIC_ROUTES, LATER_ROUTES } from '../routes/later.ts'
import { VERSION } from '../version.ts'
import { convertComponents, nameOf } from './components.ts'
import { DESCRIPTIONS } from './describe/routes.ts'
import { HEADERS, TAGS, type AnswerDescription, type RouteDescription } from './description.ts'
import { refTo, reachable, type Schema } from './json-schema.ts'
import { IDEMPOTENCY_HEADER, pathParameters, queryParameters, templateOf } from './parameters.ts'
import { errorsOf, LATER_ERRORS, problemResponses } from './problems.ts'
import type { AccessRow, MediaType, OpenApi, Operation, ResponseObject } from './types.ts'

const DESCRIPTION = `Notifications for shops with many locations, live and kept.

Get an access token, send it as \`Authorization: Bearer <token>\`, and speak JSON. Times are ISO 8601 UTC with milliseconds. Ids of people and locations are yours: 1 to 64 of \`A-Z a-z 0-9 _ -\`.

What fails is answered as \`application/problem+json\` with a stable \`code\`. A path that does not exist is 404, a method that it does not have 405 with \`Allow\`. An unknown field in a request is 422; in an answer, ignore what you do not know. A body may have 64 KiB, a batch 1 MiB. Outside development \`http:\` is sent on to \`https:\` with 308.`

const SECURITY_SCHEMES = {
  accessToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'An access token of `POST /api/v1/auth/token`; it lives 15 minutes at most.',
  },
  refreshCookie: {
    type: 'apiKey',
    in: 'cookie',
    name: 'shopbell_refresh',
    description: 'The refresh token of a browser; no script reads it.',
  },
  socketProtocol: {
    type: 'apiKey',
    in: 'header',
    name: 'Sec-WebSocket-Protocol',
    description: '`shopbell.v1, bearer.<access token>`: what a browser can send.',
  },
  socketQuery: {
    type: 'apiKey',
    in: 'query',
    name: 'token',
    description: 'The access token in the address of a socket.',
  },
}

/** Makes the document. Throws where a route or a parameter lacks a description. */
export function buildOpenApi(): OpenApi {
  const names = Object.keys(ROUTES) as RouteName[]
  const { components, queries } = convertComponents(queriesOf(names))
  const { responses, refer } = problemResponses()
  const paths: OpenApi['paths'] = {}
  const add = (name: string, operation: Operation) => {
    const [method = '', pattern = ''] = name.split(' ')
    const path = (paths[templateOf(pattern)] ??= {})
    path[method.toLowerCase()] = operation
  }
  for (const name of names) {
    const problems = refer(errorsOf(name, DESCRIPTIONS[name]))
    add(name, describedOperation(name, queries[name] ?? {}, problems))
  }
  for (const [routes, isPublic] of [
    [LATER_PUBLIC_ROUTES, true],
    [LATER_ROUTES, false],
  ] as const) {
    for (const name of routes)
      add(name, laterOperation(name, isPublic, refer(LATER_ERRORS(isPublic))))
  }
  const used = reachable([paths, responses], components)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Shopbell',
      version: VERSION,
      summary: 'The bell on every shop’s door',
      description: DESCRIPTION,
    },
    servers: [{ url: '/', description: 'This deployment' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: SECURITY_SCHEMES,
      headers: HEADERS,
      responses,
      schemas: Object.fromEntries(Object.entries(components).filter(([name]) => used.has(name))),
    },
  }
}

const queriesOf = (names: readonly RouteName[]): Record<string, GenericSchema> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const query = DESCRIPTIONS[name]?.query
      return query === undefined ? [] : [[name, query]]
    }),
  )

function describedOperation(
  name: RouteName,
  query: Schema,
  problems: Operation['responses'],
): Operation {
  const description: RouteDescription | undefined = DESCRIPTIONS[name]
  // Types say the same; this names the route also where types are not checked.
  if (description === undefined) throw new TypeError(`The route ${name} is not described.`)
  const { id, tag, summary, text, body, path, answers, idempotent } = description
  const access = accessOf(name)
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(text !== undefined && { description: text }),
    security: securityOf(name, description),
    parameters: [
      ...pathParameters(name, path),
      ...queryParameters(query, description).filter(({ name: given }) => given !== 'token'),
      ...(idempotent ? [IDEMPOTENCY_HEADER] : []),
    ],
    ...(body !== undefined && {
      requestBody: {
        required: body.optional !== true,
        content: { 'application/json': bodyOf(body.schema, body.examples) },
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [status, responseOf(answer)]),
      ),
      ...problems,
    },
    ...(access.length > 0 && { 'x-access': access }),
  }
}

function laterOperation(
  name: string,
  isPublic: boolean,
  problems: Operation['responses'],
): Operation {
  const words = name.replaceAll(/\{[^}]*\}|\/api\/v1/g, '').split(/[^A-Za-z]+/)
  const [method = '', ...rest] = words.filter((word) => word !== '')
  const tail = rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
  return {
    operationId: `later${method.charAt(0)}${method.slice(1).toLowerCase()}${tail}`,
    tags: ['later'],
    summary: 'Specified, not built yet',
    security: isPublic ? [] : [{ accessToken: [] }],
    parameters: pathParameters(name),
    responses: problems,
    'x-not-built-yet': true,
  }
}

function securityOf(name: RouteName, { takes = [] }: RouteDescription): Operation['security'] {
  const { access, token } = routeRow(name)
  if (access === 'public') {
    return takes.length === 0 ? [] : [{}, ...takes.map((scheme) => ({ [scheme]: [] }))]
  }
  return token === 'socket' ? [{ socketProtocol: [] }, { socketQuery: [] }] : [{ accessToken: [] }]
}

/** [AU7] The rows that let somebody in, as the table has them. */
function accessOf(name: RouteName): AccessRow[] {
  const { access } = routeRow(name)
  if (typeof access === 'string') return []
  return access.map((rule) => ({ rule, ...RULES[rule] }))
}

const bodyOf = (schema: GenericSchema, examples: Record<string, unknown>): MediaType => ({
  schema: refTo(nameOf(schema)),
  examples: Object.fromEntries(
    Object.entries(examples).map(([summary, value]) => [keyOf(summary), { summary, value }]),
  ),
})

/** `A booking, to the shop` as the key of an example. */
const keyOf = (summary: string) => summary.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')

function responseOf({ text, body, type, headers = [], example }: AnswerDescription) {
  const response: ResponseObject = {
    description: text,
    headers: Object.fromEntries(
      [...headers, 'X-Request-Id'].map((name) => [name, { $ref: `#/components/headers/${name}` }]),
    ),
  }
  if (body !== undefined) {
    response.content = { 'application/json': { schema: refTo(nameOf(body)) } }
    if (example !== undefined) {
      response.content = { 'application/json': bodyOf(body, { Answer: example }) }
    }
  } else if (type !== undefined) {
    response.content = {
      [type]: { schema: type === 'application/json' ? { type: 'object' } : { type: 'string' } },
    }
  }
  return response
}
