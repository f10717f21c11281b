// [CO4] Opaque cursors: JSON in base64url. What comes back from outside is checked before anything is read from it.
import * as v from 'valibot'
import type { Page } from '../protocol/api.ts'
import { BadCursor } from './errors.ts'

export function encodeCursor(value: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(value))
  const text = btoa(String.fromCharCode(...bytes))
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** Throws BadCursor for anything that `encodeCursor` did not make of such a value. */
export function decodeCursor<Value>(
  text: string,
  schema: v.GenericSchema<unknown, Value>,
  back: boolean,
): Value {
  const parameter = back ? 'before' : 'after'
  let parsed: unknown
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0))
    parsed = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw new BadCursor('is not a cursor of this list', parameter)
  }
  const checked = v.safeParse(schema, parsed)
  if (!checked.success) throw new BadCursor('is not a cursor of this list', parameter)
  return checked.output
}

interface Edges {
  /** The caller came with a cursor, and so has left something behind. */
  given: boolean
  /** It came with `before`. */
  back: boolean
  /** There is more in the direction asked for. */
  more: boolean
  /** Cursors at the two ends of what is shown. */
  first(): string | null
  last(): string | null
}

/** [CO4] Null where the list ends. */
export function pageOf({ given, back, more, first, last }: Edges): Page {
  const after = back ? given : more
  const before = back ? more : given
  return { after: after ? last() : null, before: before ? first() : null, has_more: more }
}

/** Which way to go from where. Throws BadCursor when both ways are asked for. */
export function directionOf(query: { after?: string | undefined; before?: string | undefined }) {
  const { after, before } = query
  if (after !== undefined && before !== undefined) {
    throw new BadCursor('goes not with after', 'before')
  }
  return { back: before !== undefined, given: before ?? after }
}
