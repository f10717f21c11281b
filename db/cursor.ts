// [CO4] Opaque cursors: JSON in base64url. What comes back from outside is checked before anything is read from it.
import * as v from 'valibot'
import { BadCursor } from './errors.ts'

export function encodeCursor(value: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(value))
  const text = btoa(String.fromCharCode(...bytes))
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** Throws BadCursor for anything that `encodeCursor` did not make of such a value. */
export function decodeCursor<Value>(text: string, schema: v.GenericSchema<unknown, Value>): Value {
  let parsed: unknown
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0))
    parsed = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw new BadCursor('not a cursor of this list')
  }
  const checked = v.safeParse(schema, parsed)
  if (!checked.success) throw new BadCursor('not a cursor of this list')
  return checked.output
}
