// [AR8] Development only: D1 made slow, absent or choosy for everything that opens it through openDatabase.
// In production nothing ever calls setD1Faults, and the gate below is one comparison.
import { ArchiveDown } from './errors.ts'

interface D1Faults {
  delay_ms?: number
  down?: boolean
  /** Refused for their content: requests that carry this text. */
  refuse?: string
}

let faults: D1Faults = {}

/** What is missing is off. Holds for this isolate until the next call. */
export function setD1Faults(next: D1Faults): void {
  faults = next
}

async function gate(carried: readonly unknown[]): Promise<void> {
  const { delay_ms, down, refuse } = faults
  if (delay_ms) await new Promise((done) => setTimeout(done, delay_ms))
  if (down) throw new ArchiveDown()
  if (refuse && carried.some((one) => typeof one === 'string' && one.includes(refuse))) {
    throw new Error('D1_ERROR: constraint failed: SQLITE_CONSTRAINT')
  }
}

/** A D1 client whose every request passes the gate first. */
export function withFaults(binding: D1Database): D1Database {
  const originals = new WeakMap<D1PreparedStatement, D1PreparedStatement>()
  const bound = new WeakMap<D1PreparedStatement, readonly unknown[]>()
  const wrap = (
    statement: D1PreparedStatement,
    carried: readonly unknown[] = [],
  ): D1PreparedStatement => {
    const wrapped = new Proxy(statement, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        if (name === 'bind') return (...values: unknown[]) => wrap(target.bind(...values), values)
        return async (...values: unknown[]) => {
          await gate(carried)
          return Reflect.apply(value, target, values)
        }
      },
    })
    originals.set(wrapped, statement)
    bound.set(wrapped, carried)
    return wrapped
  }
  return new Proxy(binding, {
    get(target, name) {
      if (name === 'prepare') return (query: string) => wrap(target.prepare(query))
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return async (...values: unknown[]) => {
        const [first, ...rest] = values
        const statements: D1PreparedStatement[] = Array.isArray(first) ? first : []
        await gate(statements.flatMap((one) => bound.get(one) ?? []))
        // A batch takes the platform's own statements, not our wrappers.
        const unwrapped = Array.isArray(first)
          ? statements.map((s) => originals.get(s) ?? s)
          : first
        return Reflect.apply(value, target, [unwrapped, ...rest])
      }
    },
  })
}
