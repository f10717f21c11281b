// What stands in the path, the query and the headers of a route.
import { MAX_PAGE, DEFAULT_PAGE } from '../../protocol/limits.ts'
import type { RouteDescription } from './description.ts'
import { refTo, type Schema } from './json-schema.ts'
import type { Parameter } from './types.ts'

const PATH_TEXTS: Record<string, string> = {
  id: 'Which one.',
  user_id: 'The person.',
  mark: 'The mark.',
  client_id: 'The id of the key.',
  device: 'The client’s own stable id for this browser or phone.',
  stream: 'The stream: `user:<id>` or `location:<id>`.',
  seq: 'The entry’s number in its stream.',
}

const QUERY_TEXTS: Record<string, string> = {
  limit: 'How many at most.',
  after: 'The cursor `page.after` of the page before: goes on in the list’s direction.',
  before: 'The cursor `page.before` of the page after: goes back.',
  category: 'Only this category.',
  type: 'Only this type.',
  location_id: 'Only what is of this location.',
  priority: 'Only this priority.',
  unread: 'Only what is unread (`true`), or only what is not (`false`).',
  archived: 'Only what is archived (`true`), or only what is not (`false`).',
  up_to: 'Only up to here, as JSON: positions by stream.',
  location: 'The stream of this location; without it the caller’s own.',
  device:
    'The client’s own stable id for one of its windows or phones; a newer socket of it replaces the older.',
  epoch: 'Resume: the stream’s epoch, as the last welcome named it.',
  since: 'Resume: the newest seq that the client has of this stream.',
  token: 'The access token, for clients that cannot offer subprotocols.',
}

/** Where a text stands for something else, its schema says what it stands for. */
const AS_MEANT: Record<string, Schema> = {
  limit: { type: 'integer', minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE },
  since: { type: 'integer', minimum: 0 },
}

/** One part of a route's pattern: `:id`, or `:mark{read|seen}`. */
const PART = /:(\w+)(?:\{([^}]*)\})?/g

/** `/users/:id` as OpenAPI writes it. */
export const templateOf = (pattern: string) => pattern.replaceAll(PART, '{$1}')

export function pathParameters(pattern: string, examples: Record<string, string> = {}) {
  return Array.from(pattern.matchAll(PART), ([, name = '', choices]): Parameter => {
    const schema: Schema = { type: 'string', ...(choices && { enum: choices.split('|') }) }
    const example = examples[name]
    return {
      name,
      in: 'path',
      description: PATH_TEXTS[name] ?? 'Which one.',
      required: true,
      schema,
      ...(example !== undefined && { example }),
    }
  })
}

/** Throws where nobody has said what a parameter means. */
export function queryParameters(
  { properties = {}, required = [] }: Schema,
  { queryExample = {} }: RouteDescription,
): Parameter[] {
  return Object.entries(properties).map(([name, schema]) => {
    const description = QUERY_TEXTS[name]
    if (description === undefined) throw new TypeError(`The parameter ${name} has no text.`)
    const common = { name, in: 'query', description, required: required.includes(name) } as const
    if (name === 'up_to') {
      return { ...common, content: { 'application/json': { schema: refTo('SeqMap') } } }
    }
    const example = queryExample[name]
    return {
      ...common,
      schema: AS_MEANT[name] ?? asFlag(schema),
      ...(example !== undefined && { example }),
    }
  })
}

const asFlag = (schema: Schema): Schema =>
  schema.enum?.join() === 'true,false' ? { type: 'boolean' } : schema

export const IDEMPOTENCY_HEADER: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'With the same key and body the answer is the same and nothing is done twice; with another body it is 422 `idempotency_mismatch`. Kept at least 24 hours.',
  required: false,
  schema: refTo('IdempotencyKey'),
}
