// How a check ends: it returns and the rule holds, or it throws one of these.

/** What came is not what the rule promises. */
export class Broken extends Error {
  override name = 'Broken'
  readonly expected: string
  readonly came: string

  constructor(expected: string, came: unknown) {
    super(expected)
    this.expected = expected
    this.came = shown(came)
  }
}

/** The server says that this is not built yet (CO8). */
export class NotBuilt extends Error {
  override name = 'NotBuilt'
}

/** It cannot be told with what was given, or not from outside at all. */
export class NotChecked extends Error {
  override name = 'NotChecked'
}

const MAX_SHOWN = 600

/** As one line that a person reads. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text
}

/** Goes on only where it holds. */
export function must(holds: boolean, expected: string, came: unknown): asserts holds {
  if (!holds) throw new Broken(expected, came)
}

/** Goes on only where both are alike as JSON, whatever the order of their keys. */
export function mustEqual(came: unknown, expected: unknown, what: string): void {
  must(canonical(came) === canonical(expected), `${what}: ${shown(expected)}`, came)
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined'
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join()}}`
}
