// The documents that the server under test publishes of itself, and what is wrong with an answer or a frame by them.
import { type Schema, Validator } from '@cfworker/json-schema'
import { asObject, type Answer, type Frame, isObject, type Json } from './wire.ts'

const EMPTY: ReadonlySet<string> = new Set(['text/html', 'text/css', 'text/plain'])

export interface Operation {
  method: string
  /** As the document writes it, with names in braces. */
  path: string
  /** Does it ask for an access token, and for nothing else? */
  isGuarded: boolean
  isBuilt: boolean
  description: Json
}

export class Documents {
  readonly openApi: Json
  readonly asyncApi: Json
  readonly operations: Operation[]
  readonly #validators = new Map<string, Validator>()

  constructor(openApi: unknown, asyncApi: unknown) {
    this.openApi = asObject(openApi)
    this.asyncApi = asObject(asyncApi)
    this.operations = operationsOf(this.openApi)
  }

  /** Nothing wrong is an empty list; also where there is no document to hold it against. */
  faultsOfAnswer(method: string, path: string, { status, type, text, json }: Answer): string[] {
    // A preflight is the browser's question, and of no route.
    if (method === 'OPTIONS') return []
    const operation = this.#find(method, path)
    if (operation === undefined) {
      const isNone = [404, 405, 204, 308].includes(status) || this.operations.length === 0
      return isNone ? [] : ['no such route is described']
    }
    const response = this.#response(operation, status)
    if (response === null) return status === 405 ? [] : ['this status is not described']
    const content = response['content']
    if (!isObject(content)) return text === '' ? [] : ['a body that is not described']
    const media = content[type]
    if (!isObject(media)) return [`${type || 'no type'} is not described`]
    if (EMPTY.has(type)) return []
    const key = `${operation.method} ${operation.path} ${status}`
    return this.#faultsBy(key, this.openApi, media['schema'], json)
  }

  faultsOfFrame(frame: Frame): string[] {
    const messages = asObject(asObject(this.asyncApi['components'])['messages'])
    const message = Object.values(messages).find((one) => asObject(one)['name'] === frame.type)
    if (message === undefined) {
      return Object.keys(messages).length === 0 ? [] : ['no such frame is described']
    }
    const { payload } = message as Json
    return this.#faultsBy(`frame ${frame.type}`, this.asyncApi, payload, frame)
  }

  #find(method: string, path: string): Operation | undefined {
    const plain = path.split('?')[0] ?? ''
    const fitting = this.operations.filter(
      (one) => one.method === method && patternOf(one.path).test(plain),
    )
    // A name stands before a variable.
    return fitting.toSorted((a, b) => braces(a.path) - braces(b.path))[0]
  }

  #response(operation: Operation, status: number): Json | null {
    const found = asObject(operation.description['responses'])[String(status)]
    if (!isObject(found)) return null
    const ref = found['$ref']
    if (typeof ref !== 'string') return found
    const shared = asObject(asObject(this.openApi['components'])['responses'])
    return asObject(shared[ref.slice(ref.lastIndexOf('/') + 1)])
  }

  #faultsBy(key: string, document: Json, schema: unknown, value: unknown): string[] {
    const known = this.#validators.get(key)
    const validator = known ?? new Validator(standalone(document, schema), '2020-12')
    this.#validators.set(key, validator)
    const { valid, errors } = validator.validate(value)
    if (valid) return []
    const last = errors.at(-1)
    return [`${last?.instanceLocation ?? ''} ${last?.error ?? 'does not fit its schema'}`]
  }
}

const braces = (path: string) => path.split('{').length

const patternOf = (path: string) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`)

function operationsOf(openApi: Json): Operation[] {
  return Object.entries(asObject(openApi['paths'])).flatMap(([path, methods]) =>
    Object.entries(asObject(methods)).map(([verb, value]) => {
      const description = asObject(value)
      const security = description['security']
      const schemes = Array.isArray(security)
        ? security.map((one) => Object.keys(asObject(one)))
        : []
      return {
        method: verb.toUpperCase(),
        path,
        isGuarded: schemes.length > 0 && schemes.every((names) => names.includes('accessToken')),
        isBuilt: description['x-not-built-yet'] === undefined,
        description,
      }
    }),
  )
}

/** A schema with all that it may refer to. */
function standalone(document: Json, schema: unknown): Schema {
  const schemas = asObject(asObject(document['components'])['schemas'])
  const text = JSON.stringify({ $defs: schemas, ...asObject(schema) })
  return JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')) as Schema
}
