// From the schemas that validate to JSON Schema (2020-12, as OpenAPI 3.1 and AsyncAPI 3.0 take it). Each named schema is
// converted once; where another one holds it, it is referred to by name.
import { toJsonSchemaDefs, type ConversionConfig } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import { JsonObject } from '../../protocol/json.ts'

/** As much of JSON Schema as we write. */
export interface Schema {
  $ref?: string
  title?: string
  description?: string
  type?: string | string[]
  format?: string
  pattern?: string
  const?: unknown
  enum?: unknown[]
  default?: unknown
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  propertyNames?: Schema
  dependentRequired?: Record<string, string[]>
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  if?: Schema
  then?: Schema
}

const REFERENCE = '#/components/schemas/'

export const refTo = (name: string): Schema => ({ $ref: `${REFERENCE}${name}` })

/** What code checks and JSON Schema cannot say; the descriptions say it in words. */
const SAID_IN_WORDS = ['check', 'finite', 'raw_check', 'trim']

const CONFIG: ConversionConfig = {
  target: 'draft-2020-12',
  // What comes in is described as it is sent; what goes out is not transformed.
  typeMode: 'input',
  errorMode: 'throw',
  ignoreActions: SAID_IN_WORDS,
  // Checked by a function, which JSON Schema has a word for.
  overrideSchema: ({ valibotSchema }) =>
    valibotSchema === JsonObject.pipe[0] ? { type: 'object' } : null,
  overrideRef: ({ referenceId }) => `${REFERENCE}${referenceId}`,
}

/** Converts named schemas. Throws on a schema that JSON Schema cannot say and SAID_IN_WORDS does not name. */
export function convert<Name extends string>(
  schemas: Record<Name, GenericSchema>,
): Record<Name, Schema> {
  const converted = toJsonSchemaDefs(schemas, CONFIG) as Record<Name, Schema>
  return withoutNoise(converted) as Record<Name, Schema>
}

/** Leaves out what says nothing: an empty list of required fields, and that names of fields are texts. */
function withoutNoise(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNoise)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(
    ([key, inner]) =>
      !(key === 'required' && Array.isArray(inner) && inner.length === 0) &&
      !(key === 'propertyNames' && isPlainText(inner)),
  )
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutNoise(inner)]))
}

const isPlainText = (schema: unknown) => JSON.stringify(schema) === '{"type":"string"}'

/** The names that these parts of a document refer to, directly or by way of others. */
export function reachable(
  parts: unknown,
  schemas: Record<string, Schema>,
  found = new Set<string>(),
): Set<string> {
  const refs = JSON.stringify(parts).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)
  for (const [, name = ''] of refs) {
    if (found.has(name)) continue
    found.add(name)
    reachable(schemas[name] ?? {}, schemas, found)
  }
  return found
}
