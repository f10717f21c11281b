// [CO5] Whether a body is the same body. Two texts of one JSON value are the same; so are two ways to write one time,
// for what is hashed was parsed.
import { toHex } from './hex.ts'

/** JSON with the keys of every object in order, as texts compare. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const parts = Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => `${JSON.stringify(key)}:${canonicalJson(one)}`)
  return `{${parts.join(',')}}`
}

/** SHA-256 of the canonical JSON, as hex. */
export async function hashOf(value: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(canonicalJson(value))
  return toHex(await crypto.subtle.digest('SHA-256', bytes))
}
