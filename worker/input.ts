// Parses what comes from outside, once, at the edge; behind it everything is already true.
import * as v from 'valibot'
import type { ErrorCode } from '../protocol/errors.ts'
import { MAX_BODY_BYTES } from '../protocol/limits.ts'
import { fieldErrors } from './pointers.ts'
import { HttpProblem } from './problem.ts'

/** Deeper than anything that means something, and far from where writing it as JSON runs out of stack. */
const MAX_JSON_DEPTH = 32

/** Checks a value by its schema; what is wrong leaves as a problem with a pointer for each field (CO3). */
export function parse<const Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  code: ErrorCode = 'invalid',
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  throw new HttpProblem(code, 'See errors for what is wrong where.', {
    errors: fieldErrors(result.issues),
  })
}

/** The body of a request, checked. An empty one counts as `{}` where the schema needs nothing. */
export async function readBody<const Schema extends v.GenericSchema>(
  request: Request,
  schema: Schema,
  maxBytes = MAX_BODY_BYTES,
): Promise<v.InferOutput<Schema>> {
  const text = await readText(request, maxBytes)
  return parse(schema, text === '' ? {} : parseJson(text))
}

/** The query of a request, checked; a name that comes twice is a mistake that nobody guesses about. */
export function readQuery<const Schema extends v.GenericSchema>(
  url: string,
  schema: Schema,
  code: ErrorCode = 'invalid',
): v.InferOutput<Schema> {
  const query: Record<string, string> = {}
  for (const [name, value] of new URL(url).searchParams) {
    if (Object.hasOwn(query, name)) {
      throw new HttpProblem(code, 'A query parameter is given twice.', {
        errors: [{ pointer: `/${name}`, message: 'is given twice' }],
      })
    }
    query[name] = value
  }
  return parse(schema, query, code)
}

/** Reads at most so many bytes, whatever Content-Length says or leaves out. */
async function readText(request: Request, maxBytes: number): Promise<string> {
  const tooLarge = () => new HttpProblem('too_large', `A body may have ${maxBytes} bytes here.`)
  if (Number(request.headers.get('Content-Length') ?? 0) > maxBytes) throw tooLarge()
  if (request.body === null) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body as ReadableStream<Uint8Array>) {
    size += chunk.byteLength
    // Leaving the loop cancels the rest of the stream.
    if (size > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
    return (
      chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode()
    )
  } catch {
    throw new HttpProblem('bad_request', 'The body is not UTF-8.')
  }
}

function parseJson(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new HttpProblem('bad_request', 'The body is not JSON.')
  }
  if (isTooDeep(value)) {
    const limit = `may be nested ${MAX_JSON_DEPTH} levels deep`
    throw new HttpProblem('invalid', `JSON ${limit}.`, {
      errors: [{ pointer: '', message: limit }],
    })
  }
  return value
}

/** By a list of its own, not by calling itself: the input chooses the depth. */
function isTooDeep(root: unknown): boolean {
  let level = [root].filter(isContainer)
  for (let depth = 0; depth < MAX_JSON_DEPTH; depth++) {
    if (level.length === 0) return false
    level = level.flatMap((container) => Object.values(container)).filter(isContainer)
  }
  return level.length > 0
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null
