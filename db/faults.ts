// [AR8] Development only: D1 made slow or absent for everything that opens it through openDatabase.
// In production nothing ever calls setD1Faults, and the gate below is one comparison.
import { ArchiveDown } from './errors.ts'

interface D1Faults {
  delay_ms?: number
  down?: boolean
}

let faults: D1Faults = {}

/** What is missing is off. Holds for this isolate until the next call. */
export function setD1Faults(next: D1Faults): void {
  faults = next
}

async function gate(): Promise<void> {
  if (faults.delay_ms) await new Promise((done) => setTimeout(done, faults.delay_ms))
  if (faults.down) throw new ArchiveDown()
}

/** A D1 client whose every request passes the gate first. */
export function withFaults(binding: D1Database): D1Database {
  const originals = new WeakMap<D1PreparedStatement, D1PreparedStatement>()
  const wrap = (statement: D1PreparedStatement): D1PreparedStatement => {
    const wrapped = new Proxy(statement, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        if (name === 'bind') return (...values: unknown[]) => wrap(target.bind(...values))
        return async (...values: unknown[]) => {
          await gate()
          return Reflect.apply(value, target, values)
        }
      },
    })
    originals.set(wrapped, statement)
    return wrapped
  }
  return new Proxy(binding, {
    get(target, name) {
      if (name === 'prepare') return (query: string) => wrap(target.prepare(query))
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return async (...values: unknown[]) => {
        await gate()
        const [first, ...rest] = values
        // A batch takes the platform's own statements, not our wrappers.
        const unwrapped = Array.isArray(first) ? first.map((s) => originals.get(s) ?? s) : first
        return Reflect.apply(value, target, [unwrapped, ...rest])
      }
    },
  })
}
