// A process of load: does what its parent asks for, and ends with it.
import { OPERATIONS, type Operations } from './operations.ts'

export interface Order {
  id: number
  name: keyof Operations
  given?: object
}

export interface Report {
  id: number
  result?: unknown
  error?: string
}

process.on('disconnect', () => process.exit())
process.on('message', (order: Order) => {
  const { id, name, given } = order
  const work = OPERATIONS[name] as (given?: object) => Promise<unknown>
  work(given).then(
    (result) => tell({ id, result }),
    (error: unknown) =>
      tell({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  )
})

function tell(report: Report): void {
  process.send?.(report)
}
