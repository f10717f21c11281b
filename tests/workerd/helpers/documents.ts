// The documents as anybody gets them, and what is wrong with an answer or a frame by them. Stricter than a client needs to
// be: a field that the document does not name is wrong, so that nothing is answered that is not described.
import { Validator } from '@cfworker/json-schema'
import { exports } from 'cloudflare:workers'
import type { AsyncApi } from '../../../worker/asyncapi/types.ts'
import type { Schema } from '../../../worker/openapi/json-schema.ts'
import type { OpenApi, Operation, Reference } from '../../../worker/openapi/types.ts'
import { must, ORIGIN } from './api.ts'

export const readOpenApi = () => must<OpenApi>('GET /api/v1/openapi.json')
export const readAsyncApi = () => must<AsyncApi>('GET /api/v1/asyncapi.json')

export interface Described {
  /** Like `PUT /api/v1/users/{id}`. */
  name: string
  method: string
  path: string
  operation: Operation
}

/** Every operation of the document. */
export const operationsOf = ({ paths }: OpenApi): Described[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([verb, operation]) => {
      const method = verb.toUpperCase()
      return { name: `${method} ${path}`, method, path, operation }
    }),
  )

export interface Asked {
  token?: string | undefined
  headers?: Record<string, string>
  /** Written as JSON; a text goes out as it is. */
  body?: unknown
}

export interface Answered {
  status: number
  headers: Headers
  type: string
  text: string
}

/** One request; a socket that it opens is closed again. */
export async function ask(
  method: string,
  path: string,
  { token, headers = {}, body }: Asked = {},
): Promise<Answered> {
  const isSocket = path.split('?')[0] === '/api/v1/ws'
  const credentials: Record<string, string> =
    token === undefined
      ? {}
      : isSocket
        ? { 'Sec-WebSocket-Protocol': `shopbell.v1, bearer.${token}` }
        : { Authorization: `Bearer ${token}` }
  const response = await exports.default.fetch(`${ORIGIN}${path}`, {
    method,
    headers: { ...(isSocket && { Upgrade: 'websocket' }), ...credentials, ...headers },
    redirect: 'manual',
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  response.webSocket?.accept()
  response.webSocket?.close()
  const type = response.headers.get('Content-Type')?.split(';')[0] ?? ''
  return {
    status: response.status,
    headers: response.headers,
    type,
    text: response.status === 101 ? '' : await response.text(),
  }
}

/** What is wrong with an answer by the document; nothing is an empty list. */
export function faultsOf(document: OpenApi, operation: Operation, answer: Answered): string[] {
  const { status, type, text, headers } = answer
  const described = operation.responses[status]
  const shown = `${operation.operationId} ${status} ${text.slice(0, 300)}`
  if (described === undefined) return [`${shown}: this status is not described`]
  const response = resolve(document, described)
  if (response === undefined) return [`${shown}: refers to nothing`]
  const faults = Object.keys(response.headers ?? {})
    .filter((name) => ALWAYS.has(name) && !headers.has(name) && status !== 101)
    .map((name) => `${shown}: there is no ${name}`)
  if (response.content === undefined) {
    return text === '' ? faults : [...faults, `${shown}: a body that is not described`]
  }
  const media = response.content[type]
  if (media === undefined) return [...faults, `${shown}: ${type} is not described`]
  if (!type.endsWith('json')) return faults
  const wrong = faultsIn(document.components.schemas, media.schema, JSON.parse(text))
  return [...faults, ...wrong.map((one) => `${shown}: ${one}`)]
}

/** Other headers come with some answers of a status only. */
const ALWAYS = new Set(['X-Request-Id', 'ETag'])

const resolve = ({ components }: OpenApi, response: Operation['responses'][string]) =>
  '$ref' in response ? components.responses[nameOf(response as Reference)] : response

export const nameOf = ({ $ref }: Reference) => $ref.slice($ref.lastIndexOf('/') + 1)

/** What is wrong with a value by a schema of a document. */
export function faultsIn(
  schemas: Record<string, Schema>,
  schema: Schema,
  value: unknown,
): string[] {
  const whole = { $defs: mapValues(schemas, closed), ...closed(schema) }
  const text = JSON.stringify(whole).replaceAll('#/components/schemas/', '#/$defs/')
  const { valid, errors } = new Validator(JSON.parse(text), '2020-12').validate(value)
  return valid ? [] : errors.map(({ instanceLocation, error }) => `${instanceLocation} ${error}`)
}

const mapValues = <In, Out>(map: Record<string, In>, by: (value: In) => Out) =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, by(value)]))

/** Takes no field that it does not name. Parts of a composition stay open: the whole closes over them. */
function closed(schema: Schema): Schema {
  const { properties, items, anyOf, allOf, additionalProperties } = schema
  const isWhole = properties !== undefined && allOf === undefined
  return {
    ...schema,
    ...(properties && { properties: mapValues(properties, closed) }),
    ...(isWhole && { additionalProperties: additionalProperties ?? false }),
    ...(items && { items: closed(items) }),
    ...(anyOf && { anyOf: anyOf.map(closed) }),
  }
}
